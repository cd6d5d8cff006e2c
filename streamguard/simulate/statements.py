"""What the people of each group ask the database: statements with literals, their tables and row counts.

Every shape is a function of a random generator, so that texts differ in literals only, as in real logs.
All values are made up; e-mail addresses are at example.com.
"""

# ruff: noqa: S608 - this SQL is written into a log and never sent to a database

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

CUSTOMERS: Final = 48_210
"""Rows in ``public.customers``."""
ORDERS: Final = 181_500
TICKETS: Final = 64_300

_COUNTRIES: Final = ("DE", "FR", "GB", "US", "NL", "ES", "IT", "PL")
_FIRST: Final = ("anna", "jonas", "marie", "luca", "sofia", "emil", "nora", "paul", "lena", "hugo")
_LAST: Final = ("weber", "martin", "rossi", "jansen", "garcia", "nowak", "dubois", "clark")
_WORDS: Final = ("refund", "delivery", "invoice", "return", "password", "voucher", "damaged", "late")


class Audit(NamedTuple):
    """What pgaudit says of one relation of a statement: one line."""

    substatement: int
    kind: str
    """pgaudit's class: READ, WRITE, DDL or MISC."""
    command: str
    object_type: str
    object_name: str
    rows: int


class Statement(NamedTuple):
    """One statement as a client sends it."""

    sql: str
    tag: str
    """The command tag, ``ps`` in the log."""
    audits: tuple[Audit, ...]
    parameters: tuple[str, ...] = ()
    """Bind values; a statement that has any goes by the extended protocol."""

    @property
    def rows(self) -> int:
        """Rows that the statement gave or changed."""
        return max((audit.rows for audit in self.audits), default=0)


Shape = tuple[int, "Callable[[Random], Statement]"]
"""How often, relative to the others, and what."""


def select(sql: str, rows: int, *tables: str, parameters: tuple[str, ...] = ()) -> Statement:
    """Make a SELECT; pgaudit writes one line a table, each with the full row count."""
    audits = tuple(Audit(1, "READ", "SELECT", "TABLE", f"public.{table}", rows) for table in tables)
    return Statement(sql, "SELECT", audits, parameters)


def heavy(random: Random, median: float, spread: float, most: int) -> int:
    """Draw a row count with a long tail: log-normal around ``median``, between 0 and ``most``."""
    return min(most, int(random.lognormvariate(0.0, spread) * median))


def _customer(random: Random) -> int:
    return random.randint(1, CUSTOMERS)


def _country(random: Random) -> str:
    return random.choice(_COUNTRIES)


def _day(random: Random) -> str:
    return f"2026-{random.randint(1, 8):02}-{random.randint(1, 28):02}"


# --- support: the screens of the CRM


def _by_id(random: Random) -> Statement:
    return select(
        f"select id, name, email, phone, street, city from customers where id = {_customer(random)}",
        1,
        "customers",
    )


def _by_email(random: Random) -> Statement:
    address = f"{random.choice(_FIRST)}.{random.choice(_LAST)}{random.randint(1, 99)}@example.com"
    return select(f"select id, name, email from customers where email = '{address}'", random.randint(0, 1), "customers")


def _by_name(random: Random) -> Statement:
    name = f"{random.choice(_FIRST)} {random.choice(_LAST)}".title()
    sql = f"select id, name, email, city from customers where name ilike '{name}%' limit 20"
    return select(sql, random.randint(1, 12), "customers")


def _open_tickets(random: Random) -> Statement:
    page = random.randint(0, 4) * 10
    sql = (
        "select t.id, t.subject, t.status, c.name, c.email from tickets t join customers c "
        f"on c.id = t.customer_id where t.status = 'open' order by t.created_at limit 10 offset {page}"
    )
    return select(sql, random.randint(4, 10), "tickets", "customers")


def _ticket(random: Random) -> Statement:
    return select(
        f"select id, subject, body, status from tickets where id = {random.randint(1, TICKETS)}", 1, "tickets"
    )


def _orders_of(random: Random) -> Statement:
    sql = f"select id, status, total, created_at from orders where customer_id = {_customer(random)} limit 20"
    return select(sql, random.randint(0, 9), "orders")


def _close_ticket(random: Random) -> Statement:
    subject = f"{random.choice(_WORDS)}, {random.choice(_WORDS)}"
    sql = f"update tickets set status = 'closed', subject = '{subject}' where id = {random.randint(1, TICKETS)}"
    return Statement(sql, "UPDATE", (Audit(1, "WRITE", "UPDATE", "TABLE", "public.tickets", 1),))


# --- marketing: segments and counts


def _segment(random: Random) -> Statement:
    sql = (
        f"select email, name, country from customers where country = '{_country(random)}' "
        f"and created_at >= '{_day(random)}'"
    )
    return select(sql, heavy(random, 1_500, 0.9, 12_000), "customers")


def _buyers(random: Random) -> Statement:
    sql = (
        "select distinct c.email, c.name from customers c join orders o on o.customer_id = c.id "
        "join order_items i on i.order_id = o.id "
        f"where i.product_id = {random.randint(1, 400)} and o.created_at >= '{_day(random)}'"
    )
    return select(sql, heavy(random, 350, 0.8, 9_000), "customers", "orders", "order_items")


def _count_customers(random: Random) -> Statement:
    return select(f"select count(*) from customers where country = '{_country(random)}'", 1, "customers")


def _top_products(random: Random) -> Statement:
    rows = random.choice((10, 20, 50))
    sql = (
        "select p.name, sum(i.quantity) from products p join order_items i on i.product_id = p.id "
        f"group by p.name order by 2 desc limit {rows}"
    )
    return select(sql, rows, "products", "order_items")


# --- finance: payments of a day, open orders, and the month-end


def _payments(random: Random) -> Statement:
    sql = (
        "select p.id, p.amount, p.paid_at, c.name from payments p join orders o on o.id = p.order_id "
        f"join customers c on c.id = o.customer_id where p.paid_at::date = '{_day(random)}'"
    )
    return select(sql, random.randint(8, 60), "payments", "orders", "customers")


def _payment(random: Random) -> Statement:
    return select(
        f"select id, amount, iban, paid_at from payments where order_id = {random.randint(1, ORDERS)}",
        1,
        "payments",
    )


def _unpaid(random: Random) -> Statement:
    sql = (
        "select o.id, o.total, c.name, c.email from orders o join customers c on c.id = o.customer_id "
        f"where o.status = 'open' and o.created_at < '{_day(random)}' limit 50"
    )
    return select(sql, random.randint(5, 50), "orders", "customers")


def month_end(random: Random) -> Statement:
    """Make one of the big lists of the month-end, which everybody in finance runs."""
    month = random.randint(1, 8)
    sql = (
        "select p.id, p.amount, p.iban, p.paid_at, c.name, c.country from payments p "
        "join orders o on o.id = p.order_id join customers c on c.id = o.customer_id "
        f"where p.paid_at >= '2026-{month:02}-01' and p.paid_at < '2026-{month + 1:02}-01'"
    )
    return select(sql, heavy(random, 15_000, 0.3, 40_000), "payments", "orders", "customers")


# --- data engineering: extracts, staging tables, checks


def _extract(random: Random) -> Statement:
    low = random.randint(0, 40) * 1_000
    sql = f"select id, email, country, birth_date, created_at from customers where id > {low} and id <= {low + 8000}"
    return select(sql, min(8_000, CUSTOMERS - low), "customers")


def _staging(random: Random) -> Statement:
    name = f"recent_{random.randint(1, 9)}"
    sql = f"create temp table {name} as select id, email, country from customers where created_at >= '{_day(random)}'"
    rows = heavy(random, 3_000, 0.7, 30_000)
    audits = (
        Audit(1, "READ", "SELECT", "TABLE", "public.customers", rows),
        Audit(2, "DDL", "CREATE TABLE AS", "TABLE", f"pg_temp.{name}", 0),
    )
    return Statement(sql, "CREATE TABLE AS", audits)


def _check_totals(random: Random) -> Statement:
    sql = (
        "select o.status, count(*), sum(o.total) from orders o "
        f"where o.created_at >= '{_day(random)}' group by o.status"
    )
    return select(sql, 3, "orders")


def _sample(random: Random) -> Statement:
    rows = random.choice((5, 10, 20, 100))
    return select(f"select * from customers limit {rows}", rows, "customers")


# --- database administrators


def _count_table(random: Random) -> Statement:
    table = random.choice(("customers", "orders", "payments", "tickets"))
    return select(f"select count(*) from {table}", 1, table)


def _vacuum(random: Random) -> Statement:
    table = random.choice(("orders", "order_items", "tickets"))
    return Statement(f"vacuum analyze {table}", "VACUUM", (Audit(1, "MISC", "VACUUM", "", "", 0),))


def _explain(random: Random) -> Statement:
    sql = f"explain select email from customers where country = '{_country(random)}'"
    audits = (
        Audit(1, "READ", "SELECT", "TABLE", "public.customers", 0),
        Audit(2, "MISC", "EXPLAIN", "", "", 0),
    )
    return Statement(sql, "EXPLAIN", audits)


# --- services


def _api_customer(random: Random) -> Statement:
    sql = "select id, email, name, phone from customers where id = $1"
    return select(sql, 1, "customers", parameters=(str(_customer(random)),))


def _api_orders(random: Random) -> Statement:
    sql = "select id, status, total from orders where customer_id = $1 and created_at >= $2"
    return select(sql, random.randint(0, 8), "orders", parameters=(str(_customer(random)), _day(random)))


def page(low: int, size: int = 10_000) -> Statement:
    """Make one page of a nightly job that walks over all customers by id."""
    sql = f"select id, email, name, country from customers where id > {low} and id <= {low + size}"
    return select(sql, max(0, min(size, CUSTOMERS - low)), "customers")


def copy_table(table: str, columns: str) -> Statement:
    """Make pg_dump's COPY of a table, for which pgaudit logs neither the table nor the rows."""
    sql = f"COPY public.{table} ({columns}) TO stdout;"
    return Statement(sql, "COPY", (Audit(1, "READ", "COPY", "", "", 0),))


SHAPES: Final[dict[str, tuple[Shape, ...]]] = {
    "support": (
        (9, _by_id),
        (5, _by_email),
        (3, _by_name),
        (4, _open_tickets),
        (6, _ticket),
        (4, _orders_of),
        (4, _close_ticket),
    ),
    "marketing": ((5, _segment), (3, _buyers), (4, _count_customers), (3, _top_products)),
    "finance": ((5, _payments), (5, _payment), (3, _unpaid)),
    "data_engineering": ((3, _extract), (2, _staging), (5, _check_totals), (4, _sample), (2, _count_customers)),
    "dba": ((5, _count_table), (2, _vacuum), (3, _explain), (2, _sample)),
    "service": ((3, _api_customer), (2, _api_orders)),
}
"""What each group does all day."""
