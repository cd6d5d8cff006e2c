"""Verdicts: which categories of personal data a statement exposed, as far as its columns tell.

For every category in the tables that a statement touched:

* **seen**: a column of this category left, by name, through ``table.*``, or through ``*`` of a table in reach;
* **cannot tell**: it is not seen, but what left is not fully known: the columns of the statement could not be
  traced; or a column left that the catalogue does not list; or a table was read that the catalogue does not have
  (it may be a view, whose base tables the log names beside it). To end doubts about such a table, list it,
  as ``none`` if it is harmless;
* **not seen**: everything that left is known, and this was not in it.

A column that only decided which rows leave exposes no value, but membership: whoever is in the result of
``WHERE diagnosis = ...`` has the diagnosis.

In doubt between two tables a column counts for both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.activity import Verdict
from streamguard.exposure.categories import SPECIAL_CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streamguard.exposure.catalogue import Catalogue, Table


class Judgement(msgspec.Struct, frozen=True):
    """The verdicts of one statement and what of the catalogue goes with them.

    Parameters
    ----------
    categories
        Verdict of each category in reach, sorted by name; empty: no personal data in reach.
    sensitivity
        Highest sensitivity of the categories seen or in doubt, and of memberships in special categories.
    membership
        Categories that decided which rows left, sorted.
    regions
        Constant regions of the tables with personal data, sorted.
    region_columns
        Columns of the other tables with personal data that tell the region, in lower case without their table.
    subjects_at_most
        Size of the largest table with personal data in reach; None if it is not known of every one.
    """

    categories: dict[str, Verdict]
    sensitivity: int = 0
    membership: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    region_columns: frozenset[str] = frozenset()
    subjects_at_most: int | None = None


_NOTHING: Final = Judgement({})


class Judge:
    """Judges statements by a catalogue. Pure.

    Parameters
    ----------
    catalogue
        What is known of the data.
    search_path
        Schemas of tables that are named without one.
    """

    def __init__(self, catalogue: Catalogue, search_path: tuple[str, ...]) -> None:
        self._catalogue = catalogue
        self._search_path = search_path

    def judge(
        self,
        database: str | None,
        tables: tuple[str, ...],
        columns: tuple[str, ...],
        *,
        columns_known: bool,
        filters: tuple[str, ...] = (),
    ) -> Judgement:
        """Return the verdicts of one statement.

        Parameters
        ----------
        database
            As logged; None: not known.
        tables, columns, columns_known, filters
            As in `Activity`.
        """
        reach = _Reach({name: self._catalogue.find(database, name, self._search_path) for name in tables})
        for column in columns:
            qualifier = column.rpartition(".")[0]
            if qualifier and not reach.named(qualifier):
                # A table of the statement that the log did not list.
                reach.add(qualifier, self._catalogue.find(database, qualifier, self._search_path))
        personal = reach.personal()
        if not personal:
            return _NOTHING
        seen: dict[str, int] = {}
        doubtful: set[int] = set() if columns_known else set(range(len(personal)))
        for column in columns:
            doubtful |= _look(column, reach, personal, seen)
        decided: dict[str, int] = {}
        for column in filters:
            _look(column, reach, personal, decided)
        return _judgement(personal, seen, [personal[index] for index in sorted(doubtful)], decided)


class _Reach:
    """The tables that a statement touched, by the names it touched them under."""

    def __init__(self, tables: Mapping[str, tuple[Table, ...]]) -> None:
        self.tables: dict[str, tuple[Table, ...]] = {}
        # A record may list thousands of tables and thousands of columns, so that neither is searched for the other.
        self._by_bare_name: dict[str, list[str]] = {}
        self._listed: list[Table] = []
        for name, found in tables.items():
            self.add(name, found)

    def add(self, name: str, found: tuple[Table, ...]) -> None:
        """Add a touched name and what it can mean."""
        self.tables[name] = found
        if "." in name:
            self._by_bare_name.setdefault(name.rpartition(".")[2], []).append(name)
        self._listed += found

    def named(self, qualifier: str) -> list[str]:
        """Return the touched names that a qualifier can mean: itself, else every one that ends like it.

        The statement may say ``customers`` where the log says ``sales.customers``, and the other way round.
        """
        if qualifier in self.tables:
            return [qualifier]
        schema, _, bare = qualifier.rpartition(".")
        if schema:
            return [bare] if bare in self.tables else []
        return self._by_bare_name.get(bare, [])

    def personal(self) -> list[Table]:
        found: list[Table] = []
        for tables in self.tables.values():
            found.extend(table for table in tables if table.categories and table not in found)
        return found

    def matching(self, qualifier: str) -> list[Table] | None:
        """Return the tables of a qualifier; None if one of them is not in the catalogue."""
        names = self.named(qualifier)
        found = [self.tables[name] for name in names]
        return None if not found or not all(found) else [table for tables in found for table in tables]

    def harmless(self, column: str) -> bool:
        """Whether a table in reach is known to have this column as a harmless one."""
        return any(column in table.columns and table.columns[column].category is None for table in self._listed)


def _look(column: str, reach: _Reach, personal: list[Table], seen: dict[str, int]) -> set[int]:
    """Note what one column shows; return the indices of tables about which it leaves a doubt."""
    qualifier, _, name = column.lower().rpartition(".")
    everything = set(range(len(personal)))
    if qualifier:
        matching = reach.matching(qualifier)
        if matching is None:
            return everything
        tables = [table for table in matching if table.categories]
    else:
        tables = personal
    if name == "*":
        for table in tables:
            _note(seen, table.categories.items())
        return set()
    listed = [table for table in tables if name in table.columns]
    for table in listed:
        told = table.columns[name]
        _note(seen, [] if told.category is None else [(told.category, told.sensitivity)])
    if qualifier:
        return {index for index in everything if personal[index] in tables and personal[index] not in listed}
    return set() if listed or reach.harmless(name) else everything


def _note(seen: dict[str, int], categories: Iterable[tuple[str, int]]) -> None:
    for category, sensitivity in categories:
        seen[category] = max(sensitivity, seen.get(category, 0))


def _judgement(
    personal: list[Table], seen: Mapping[str, int], doubtful: list[Table], decided: Mapping[str, int]
) -> Judgement:
    verdicts = dict.fromkeys((category for table in personal for category in table.categories), Verdict.NOT_SEEN)
    sensitivity = 0
    for table in doubtful:
        for category, level in table.categories.items():
            verdicts[category] = Verdict.CANNOT_TELL
            sensitivity = max(sensitivity, level)
    for category, level in seen.items():
        verdicts[category] = Verdict.SEEN
        sensitivity = max(sensitivity, level)
    special = [level for category, level in decided.items() if category in SPECIAL_CATEGORIES]
    sensitivity = max(sensitivity, *special, 0)
    sizes = [table.subjects for table in personal]
    known = [size for size in sizes if size is not None]
    return Judgement(
        categories={category: verdicts[category] for category in sorted(verdicts)},
        sensitivity=sensitivity,
        membership=tuple(sorted(decided)),
        regions=tuple(sorted({table.region for table in personal if table.region is not None})),
        region_columns=frozenset(table.region_column for table in personal if table.region_column is not None),
        subjects_at_most=max(known) if len(known) == len(sizes) else None,
    )
