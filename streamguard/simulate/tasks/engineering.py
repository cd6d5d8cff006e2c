"""Data engineering and database administration: extracts, backfills, samples, checks, and ad-hoc questions."""

# ruff: noqa: S608 - this SQL is written into a log and never sent to a database

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.simulate.schema import CUSTOMERS
from streamguard.simulate.statement import Statement, bare, heavy, select
from streamguard.simulate.tasks.task import COUNTRIES, customer, day, number

if TYPE_CHECKING:
    from random import Random

    from streamguard.simulate.tasks.task import Menu

_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "customers": ("id", "email", "phone", "name", "street", "city", "postal_code", "country", "segment", "created_at"),
    "payments": ("id", "order_id", "amount", "iban", "card_last4", "paid_at"),
    "tickets": ("id", "customer_id", "subject", "body", "status", "created_at"),
    "invoices": ("id", "customer_id", "name", "street", "city", "amount", "due_at"),
    "login_events": ("id", "customer_id", "ip_address", "device_id", "at"),
    "newsletter": ("email", "list", "locale", "confirmed_at"),
}
"""What ad-hoc statements ask for."""
_TABLES: Final = tuple(_COLUMNS)
_COPIED: Final = ("newsletter", "invoices", "login_events")
_BACKFILL_ROWS: Final = 10_000


# --- data engineering


def _ad_hoc(random: Random, level: float) -> list[Statement]:
    table = random.choice(_TABLES)
    known = _COLUMNS[table]
    picked = random.sample(known, number(random, len(known) - 1) + 1)
    columns = ", ".join(column for column in known if column in picked)
    rest = f"{table} where {known[-1]} >= '{day(random)}'"
    if random.random() < 0.5:
        rest += f" order by {known[0]} limit {number(random, 9)}000"
        return [select(columns, rest, heavy(random, 700 * level, 1.2, 9_000), table)]
    return [select(columns, rest, heavy(random, 900 * level, 2.5, 3_000_000), table)]


def _backfill(random: Random, level: float) -> list[Statement]:
    """Walk over the customers by id, chunk by chunk."""
    chunks = 3 + heavy(random, 6 * level, 1.0, 120)
    first = number(random, max(1, CUSTOMERS // _BACKFILL_ROWS - chunks)) * _BACKFILL_ROWS
    return [chunk(first + n * _BACKFILL_ROWS, _BACKFILL_ROWS) for n in range(chunks)]


def chunk(low: int, size: int) -> Statement:
    """Make one chunk of a walk over all customers by id."""
    return select("id, email, name, country", f"customers where id > {low} and id <= {low + size}", size, "customers")


def _staging(random: Random, level: float) -> list[Statement]:
    name = f"recent_{number(random, 9)}"
    sql = f"create temp table {name} as select id, email, country from customers where created_at >= '{day(random)}'"
    rows = heavy(random, 2_600 * level, 1.4, 400_000)
    return [Statement(sql, rows, ("customers",), ("id", "email", "country"), "CREATE TABLE AS")]


def _copy_out(random: Random, _level: float) -> list[Statement]:
    """Copy a whole table; no log tells its rows."""
    table = random.choice(_COPIED)
    columns = ", ".join(_COLUMNS[table])
    return [Statement(f"copy {table} ({columns}) to stdout", None, (table,), bare(columns), "COPY")]


def _check_totals(random: Random, _level: float) -> list[Statement]:
    rest = f"orders o where o.created_at >= '{day(random)}' group by o.status"
    return [select("o.status, count(*), sum(o.total)", rest, 3, "orders")]


def _check_missing(random: Random, _level: float) -> list[Statement]:
    rest = f"order_items where order_id > {number(random, 9_000_000)} and quantity is null"
    return [select("count(*)", rest, 1, "order_items")]


def _sample(random: Random, _level: float) -> list[Statement]:
    rows = random.choice((5, 10, 20, 100))
    table = random.choice(_TABLES)
    return [select("*", f"{table} limit {rows}", rows, table)]


# --- database administrators


def _count_table(random: Random, _level: float) -> list[Statement]:
    table = random.choice(_TABLES)
    return [select("count(*)", table, 1, table)]


def _vacuum(random: Random, _level: float) -> list[Statement]:
    table = random.choice(("orders", "order_items", "tickets"))
    return [Statement(f"vacuum analyze {table}", 0, (), tag="VACUUM")]


def _explain(random: Random, _level: float) -> list[Statement]:
    sql = f"explain select email from customers where country = '{random.choice(COUNTRIES)}'"
    return [Statement(sql, 0, ("customers",), tag="EXPLAIN")]


def _row_by_id(random: Random, _level: float) -> list[Statement]:
    return [select("*", f"customers where id = {customer(random)}", 1, "customers")]


def _broken_rows(random: Random, level: float) -> list[Statement]:
    table = random.choice(_TABLES)
    known = _COLUMNS[table]
    columns = ", ".join(known[: number(random, len(known) - 1) + 1])
    rest = f"{table} where {known[-1]} is null limit 1000"
    return [select(columns, rest, heavy(random, 14 * level, 1.4, 1_000), table)]


DATA_ENGINEERING: Final[Menu] = (
    (4, _ad_hoc),
    (0.14, _backfill),
    (2, _staging),
    (0.1, _copy_out),
    (4, _check_totals),
    (3, _check_missing),
    (4, _sample),
)

DBA: Final[Menu] = (
    (4, _count_table),
    (3, _vacuum),
    (2, _explain),
    (1.5, _sample),
    (4, _row_by_id),
    (1.6, _broken_rows),
)
