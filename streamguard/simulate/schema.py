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


@cache
def catalogue_text() -> str:
    """Return the company's catalogue as the YAML that the product reads."""
    return (files("streamguard.simulate") / "company_files" / "world_catalogue.yaml").read_text(encoding="utf-8")


@cache
def categories_by_column() -> dict[str, dict[str, str]]:
    """Return the category of each column with personal data: table of ``public`` -> column -> GDPR term."""
    tables: dict[str, Any] = YAML(typ="safe", pure=True).load(catalogue_text())["databases"][DATABASE]["tables"]
    found: dict[str, dict[str, str]] = {}
    for name, table in tables.items():
        columns = table["columns"] if isinstance(table, dict) else {}
        told = {column: what["category"] if isinstance(what, dict) else what for column, what in columns.items()}
        found[name.removeprefix("public.")] = {
            column: category for column, category in told.items() if category not in {"none", "unknown"}
        }
    return found


def categories_of(statements: Iterable[Statement]) -> tuple[str, ...]:
    """Return the categories of personal data that left in the results of some statements, sorted."""
    known = categories_by_column()
    found: set[str] = set()
    for statement in statements:
        for table in statement.tables:
            columns = known.get(table, {})
            found.update(columns.values() if "*" in statement.columns else ())
            found.update(columns[column] for column in statement.columns if column in columns)
    return tuple(sorted(found))
