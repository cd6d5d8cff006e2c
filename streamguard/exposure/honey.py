"""Planted records: rows, or whole tables, that nobody has any business with. Whoever names one has touched it.

A touch is told by what a statement says: it names a table that is planted as a whole, or compares a column with a
planted key. Reading all of a table that also holds planted rows is no touch: everybody who counts customers does that,
and it would make every export of the table a finding. Whether rows left does not matter: looking for one is enough.

Keys are known here by their keyed hashes only, as they stand in `Activity.subjects`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from streamguard.activity import Activity
    from streamguard.exposure.catalogue import Catalogue, Table


class Honey(msgspec.Struct, frozen=True):
    """What of a table is planted.

    Parameters
    ----------
    whole_table
        Whether all of it is.
    keys
        Keyed hashes of the planted rows' values, by column (lower case).
    """

    whole_table: bool = False
    keys: Mapping[str, frozenset[str]] = {}


class HoneyWatch:
    """Tells whether statements touch planted records. Pure; its cache never changes a result.

    Parameters
    ----------
    catalogue
        Where tables are marked.
    search_path
        Schemas of tables that are named without one.
    cache_size
        Names of tables whose meaning is remembered.
    """

    def __init__(self, catalogue: Catalogue, search_path: tuple[str, ...], cache_size: int) -> None:
        self._catalogue = catalogue
        self._search_path = search_path
        self._has_honey = catalogue.has_honey
        self._find = lru_cache(maxsize=cache_size)(self._find_tables)

    def is_touched(self, activity: Activity) -> bool:
        """Tell whether a statement names something planted. Never raises."""
        if not self._has_honey:
            return False
        database = activity.database
        names = dict.fromkeys(activity.tables)
        for column in (*activity.columns, *activity.filters):
            if qualifier := column.rpartition(".")[0]:
                # A table of the statement that the log did not list.
                names[qualifier] = None
        reach = [table for name in names for table in self._find(database, name) if table.honey is not None]
        if any(table.honey is not None and table.honey.whole_table for table in reach):
            return True
        return any(self._is_planted(database, column, hashes, reach) for column, hashes in activity.subjects)

    def _is_planted(self, database: str | None, column: str, hashes: tuple[str, ...], reach: list[Table]) -> bool:
        qualifier, _, name = column.lower().rpartition(".")
        # What the catalogue does not have may be a view of any table that the log names beside it.
        tables = (self._find(database, qualifier) if qualifier else ()) or reach
        return any(
            table.honey is not None and not table.honey.keys.get(name, frozenset()).isdisjoint(hashes)
            for table in tables
        )

    def _find_tables(self, database: str | None, name: str) -> tuple[Table, ...]:
        return self._catalogue.find(database, name, self._search_path)
