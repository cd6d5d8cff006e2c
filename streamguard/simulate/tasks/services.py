"""Services: single look-ups with bind values round the clock, and jobs by night."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.simulate.schema import CUSTOMERS
from streamguard.simulate.statement import Statement, bare, select
from streamguard.simulate.tasks.engineering import chunk
from streamguard.simulate.tasks.task import customer, day, number

if TYPE_CHECKING:
    from random import Random

    from streamguard.simulate.tasks.task import Menu

_CHUNK_ROWS: Final = 10_000
_DUMPED: Final = {
    "customers": "id, email, phone, name, street, city, postal_code, country, birth_date, national_id, created_at",
    "orders": "id, customer_id, status, total, created_at",
    "payments": "id, order_id, amount, iban, card_last4, paid_at",
}


def _api_customer(random: Random, _level: float) -> list[Statement]:
    number_of = str(customer(random))
    return [select("id, email, name, phone", "customers where id = $1", 1, "customers", parameters=(number_of,))]


def _api_orders(random: Random, _level: float) -> list[Statement]:
    values = (str(customer(random)), day(random))
    rest = "orders where customer_id = $1 and created_at >= $2"
    return [select("id, status, total", rest, number(random, 9) - 1, "orders", parameters=values)]


def nightly_walk(chunks: int) -> list[Statement]:
    """Walk over the customers from the first on, so many chunks of 10,000 rows."""
    return [chunk(low, _CHUNK_ROWS) for low in range(0, min(chunks * _CHUNK_ROWS, CUSTOMERS), _CHUNK_ROWS)]


def nightly_dump() -> list[Statement]:
    """Make pg_dump's COPY of whole tables, of which no log tells the rows."""
    return [
        Statement(f"COPY public.{table} ({columns}) TO stdout;", None, (table,), bare(columns), "COPY")
        for table, columns in _DUMPED.items()
    ]


SERVICE: Final[Menu] = ((4, _api_customer), (1, _api_orders))
