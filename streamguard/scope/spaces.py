"""Spaces of people: tables whose keys mean the same people, as far as the catalogue is certain of it.

A table is the *root* of a space if it has one row for each of its people: its key is its own, ``id`` or named after the
table. Another table of the same database and kind of people *refers* to the root if its key is named after the root
(``tickets.customer_id``), or like the root's key where that is no mere ``id``: its people are then among the root's.
Every other table with personal data is a space of its own, whose people nobody can compare with others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.exposure import Table
from streamguard.sources.statement.keys import own_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from streamguard.exposure import Catalogue

_PLAIN_KEYS: Final = frozenset({"id", "pk"})
"""Names of keys that say nothing of whose they are."""


class Space(msgspec.Struct, frozen=True):
    """People who can be told from each other, and found again in several tables."""

    name: str
    """``database/schema.table`` of its root, or of its only table."""
    root: str
    """Name of that table."""
    subject_type: str | None
    subjects: int | None
    """About how many they are, by the catalogue; None: it does not say."""
    region: str | None
    """Where all of them live."""
    has_key: bool = True
    """Whether a column tells them apart."""


class Place(msgspec.Struct, frozen=True, eq=False):
    """A table of the catalogue in its space.

    Parameters
    ----------
    space, table
        Both.
    key
        Column that identifies the people, in the terms of the space; None: there is none.
    is_unique
        Whether there is one row for each person.
    """

    space: Space
    table: Table
    key: str | None
    is_unique: bool


class Spaces:
    """The spaces of a catalogue. Immutable.

    Parameters
    ----------
    catalogue
        What is known of the data.
    search_path
        Schemas of tables that are named without one.
    """

    def __init__(self, catalogue: Catalogue, search_path: tuple[str, ...] = ("public",)) -> None:
        self._catalogue = catalogue
        self._search_path = search_path
        self._places: dict[int, Place] = {}
        for database in catalogue.databases:
            tables = [table for table in catalogue.tables(database) if table.categories]
            roots = dict(_roots(database, tables))
            for table in tables:
                self._places[id(table)] = _place(database, table, roots, tables)

    def find(self, database: str | None, name: str) -> tuple[Place, ...]:
        """Return the tables with personal data that a name can mean, as `Catalogue.find` has it."""
        found = self._catalogue.find(database, name, self._search_path)
        return tuple(self._places[id(table)] for table in found if id(table) in self._places)

    def is_known(self, database: str | None, name: str) -> bool:
        """Whether the catalogue has a table of this name, personal data or not."""
        return bool(self._catalogue.find(database, name, self._search_path))

    def has_unique(self, database: str | None, name: str, column: str) -> bool:
        """Whether a column certainly has another value in every row of a table."""
        found = self.find(database, name)
        return len(found) == 1 and found[0].is_unique and found[0].key == column

    @property
    def categories(self) -> tuple[str, ...]:
        """Every category of the catalogue, sorted."""
        return tuple(sorted({name for place in self._places.values() for name in place.table.categories}))


def _roots(database: str, tables: list[Table]) -> Iterator[tuple[str, Space]]:
    for table in tables:
        if _has_own_key(table):
            yield table.name, _space(database, table)


def _place(database: str, table: Table, roots: Mapping[str, Space], tables: list[Table]) -> Place:
    if table.name in roots:
        return Place(roots[table.name], table, table.subject_key, is_unique=True)
    referred = [other for other in tables if other.name in roots and _refers(table, other)]
    if len(referred) == 1:
        return Place(roots[referred[0].name], table, table.subject_key, is_unique=False)
    return Place(_space(database, table), table, table.subject_key, is_unique=False)


def _space(database: str, table: Table) -> Space:
    name = f"{database}/{table.name}"
    has_key = table.subject_key is not None
    return Space(name, table.name, table.subject_type, table.subjects, table.region, has_key)


def _bare(table: Table) -> str:
    return table.name.rpartition(".")[2]


def _own_names(table: Table) -> frozenset[str]:
    """Return the names of keys that are made of a table's name: ``customerid`` and ``customer_id`` of ``customers``."""
    bare = _bare(table)
    singular = {bare.removesuffix(plural) for plural in ("", "s", "es")}
    return own_keys([bare]) | {f"{name}_{end}" for name in singular for end in ("id", "pk", "key", "number", "no")}


def _has_own_key(table: Table) -> bool:
    return table.subject_key is not None and (
        table.subject_key in _PLAIN_KEYS or table.subject_key in _own_names(table)
    )


def _refers(table: Table, root: Table) -> bool:
    key = table.subject_key
    if key is None or table.subject_type is None or table.subject_type != root.subject_type:
        return False
    return key in _own_names(root) or (key == root.subject_key and key not in _PLAIN_KEYS)
