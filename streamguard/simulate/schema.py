"""The database of the simulated company: its tables, how large they are, and what personal data they hold.

All of it is read from the company's own catalogue, ``company_files/catalogue.yaml``, so that what is simulated and
what is judged cannot drift apart.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamguard.simulate.statement import Statement

DATABASE: Final = "crm"
SERVER: Final = "crm-db-1"
"""Host name of the database server."""

CUSTOMERS: Final = 3_000_000
"""Rows of ``public.customers``; a test holds it and the catalogue together."""
ORDERS: Final = 11_000_000
TICKETS: Final = 4_000_000
CASES: Final = 180_000
PRODUCTS: Final = 400

_HARMLESS_COLUMNS: Final = {
    "orders": ("id", "customer_id", "status", "total", "created_at"),
    "order_items": ("order_id", "product_id", "quantity"),
    "products": ("id", "name", "price"),
}
"""Columns of the tables that hold no personal data."""


@cache
def catalogue_text(*, has_schemas: bool = True) -> str:
    """Return the company's catalogue as the YAML that the product reads; MySQL's tables have no schema."""
    text = (files("streamguard.simulate") / "company_files" / "catalogue.yaml").read_text(encoding="utf-8")
    return text if has_schemas else text.replace(" public.", " ")


@cache
def _tables() -> dict[str, Any]:
    """Return what the catalogue says of each table of the schema ``public``: ``none`` of a harmless one."""
    tables = YAML(typ="safe", pure=True).load(catalogue_text())["databases"][DATABASE]["tables"]
    return {name.removeprefix("public."): told for name, told in tables.items()}


@cache
def _categories() -> dict[str, dict[str, str]]:
    """Return the category of each column with personal data: table -> column -> GDPR term."""
    return {
        table: {
            column: category
            for column, what in told["columns"].items()
            if (category := what["category"] if isinstance(what, dict) else what) not in {"none", "unknown"}
        }
        for table, told in _tables().items()
        if isinstance(told, dict)
    }


@cache
def rows_of(table: str) -> int:
    """Return about how many rows a table has."""
    told = _tables()[table]
    return int(told["subjects"]) if isinstance(told, dict) else ORDERS


@cache
def columns_of(table: str) -> tuple[str, ...]:
    """Return the columns of a table, in their order."""
    told = _tables()[table]
    return tuple(told["columns"]) if isinstance(told, dict) else _HARMLESS_COLUMNS[table]


def categories_of(statements: Iterable[Statement]) -> tuple[str, ...]:
    """Return the categories of personal data that left in the results of some statements, sorted."""
    found: set[str] = set()
    for statement in statements:
        found.update(_categories_in(statement.tables, statement.columns))
    return tuple(sorted(found))


@cache
def _categories_in(tables: tuple[str, ...], columns: tuple[str, ...]) -> frozenset[str]:
    known = [_categories().get(table, {}) for table in tables]
    return frozenset(
        category for of_one in known for column, category in of_one.items() if column in columns or "*" in columns
    )


def is_personal(statement: Statement) -> bool:
    """Tell whether personal data left in the result of a statement."""
    return bool(_categories_in(statement.tables, statement.columns))
