"""How a database differs from its catalogue: what was added, removed or changed since.

Pure: a worker that runs may ask `drift` with any look at the database as well as ``streamguard catalog check`` does.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from streamguard.exposure.categories import NONE, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from streamguard.discovery.draft import DatabaseDraft, DraftColumn, DraftTable
    from streamguard.exposure import Catalogue, Table


class Change(StrEnum):
    """What is different."""

    TABLE_ADDED = "table_added"
    TABLE_REMOVED = "table_removed"
    COLUMN_ADDED = "column_added"
    COLUMN_REMOVED = "column_removed"
    TYPE_CHANGED = "type_changed"


class Difference(NamedTuple):
    """One difference between a database and its catalogue.

    Attributes
    ----------
    change
        What is different.
    database, table, column
        Where; ``column`` is None for a table.
    was, now
        Types, in the catalogue and in the database, of a column whose type changed.
    categories
        What was added probably holds, sorted; empty: nothing personal, as far as its name tells.
    """

    change: Change
    database: str
    table: str
    column: str | None = None
    was: str | None = None
    now: str | None = None
    categories: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f"{self.database}: {self.table}" + (f".{self.column}" if self.column else "")
        if self.change is Change.TYPE_CHANGED:
            return f"{where} was {self.was} and is {self.now} now"
        what = {
            Change.TABLE_ADDED: "is not in the catalogue",
            Change.COLUMN_ADDED: "is not in the catalogue",
            Change.TABLE_REMOVED: "is in the catalogue, but not in the database",
            Change.COLUMN_REMOVED: "is in the catalogue, but not in the database",
        }[self.change]
        return f"{where} {what}" + (f"; it may hold {', '.join(self.categories)}" if self.categories else "")


def drift(
    catalogue: Catalogue,
    database: DatabaseDraft,
    schemas: Sequence[str] | None = None,
    search_path: tuple[str, ...] = ("public",),
) -> tuple[Difference, ...]:
    """Return how a database differs from the catalogue, sorted by table and column.

    Parameters
    ----------
    catalogue
        What was known.
    database
        What is there now, with the guesses for it.
    schemas
        The schemas that were looked at; None: all, so that a table that was not seen is gone.
    search_path
        Schemas of tables that the catalogue names without one.
    """
    known = {table.name: table for table in catalogue.tables(database.name)}
    seen: set[str] = set()
    found: list[Difference] = []
    for table in database.tables:
        told = _find(known, table.name.lower(), search_path)
        if told is None:
            found.append(Difference(Change.TABLE_ADDED, database.name, table.name, categories=_categories(table)))
        else:
            seen.add(told.name)
            found.extend(_columns(database.name, table, told))
    for name in known.keys() - seen:
        schema = name.rpartition(".")[0]
        if schemas is None or not schema or schema in {one.lower() for one in schemas}:
            found.append(Difference(Change.TABLE_REMOVED, database.name, name))
    return tuple(sorted(found, key=lambda one: (one.table.lower(), one.column or "", one.change)))


def _find(known: Mapping[str, Table], name: str, search_path: tuple[str, ...]) -> Table | None:
    schema, _, bare = name.rpartition(".")
    return known.get(name) or (known.get(bare) if schema in search_path else None)


def _columns(database: str, table: DraftTable, told: Table) -> Iterator[Difference]:
    types = {name: column.type for name, column in told.columns.items()} | dict(told.unknown)
    there = {column.name.lower(): column for column in table.columns}
    for name, column in there.items():
        categories = _category(column)
        if name not in types:
            # Of a table that is harmless as a whole only what contradicts it is news.
            if not told.harmless or categories:
                yield Difference(Change.COLUMN_ADDED, database, table.name, column.name, categories=categories)
        elif types[name] not in {None, column.type}:
            yield Difference(
                Change.TYPE_CHANGED, database, table.name, column.name, types[name], column.type, categories
            )
    for name in types.keys() - there.keys():
        yield Difference(Change.COLUMN_REMOVED, database, table.name, name)


def _category(column: DraftColumn) -> tuple[str, ...]:
    return () if column.guess.category in {NONE, UNKNOWN} else (column.guess.category,)


def _categories(table: DraftTable) -> tuple[str, ...]:
    return tuple(sorted({category for column in table.columns for category in _category(column)}))
