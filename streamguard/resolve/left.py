"""Which columns of which tables left by a statement, by category of personal data, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from streamguard.activity import Verdict
from streamguard.exposure.categories import SPECIAL_CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamguard.activity import Exposure
    from streamguard.exposure.catalogue import Catalogue, Table


class Left(NamedTuple):
    """What left of one table's people."""

    columns: dict[str, tuple[str, ...]]
    """The columns of each category that was seen."""
    seen: frozenset[str]
    """Categories that certainly left."""
    doubtful: frozenset[str]
    """Categories of which nobody can tell."""


def with_memberships(exposure: Exposure) -> Exposure:
    """Return an exposure that also tells what being in its result tells: who is in a list of the sick is sick."""
    verdicts = dict(exposure.categories)
    strongest = next((v for v in (Verdict.SEEN, Verdict.CANNOT_TELL) if v in verdicts.values()), None)
    if strongest is None:
        return exposure
    for category in exposure.membership:
        if category in SPECIAL_CATEGORIES and verdicts.get(category) is Verdict.NOT_SEEN:
            verdicts[category] = strongest
    return exposure if verdicts == exposure.categories else msgspec.structs.replace(exposure, categories=verdicts)


def personal_tables(exposure: Exposure, catalogue: Catalogue, search_path: tuple[str, ...]) -> dict[str, Table]:
    """Return the tables with personal data that a statement touched, by their names in the catalogue."""
    activity = exposure.activity
    names = {*activity.tables, *(column.rpartition(".")[0] for column in activity.columns)}
    found = (table for name in sorted(names) if name for table in catalogue.find(activity.database, name, search_path))
    return {table.name: table for table in found if table.categories}


def left_of(exposure: Exposure, table: Table, tables: Iterable[Table]) -> Left:
    """Return what left of one of the tables that a statement touched.

    Parameters
    ----------
    exposure
        With its verdicts.
    table
        One of the tables.
    tables
        All of them: a category that was seen, and in no column of any of them, is of each that has it.
    """
    seen = {category for category, verdict in exposure.categories.items() if verdict is Verdict.SEEN}
    doubtful = {category for category, verdict in exposure.categories.items() if verdict is Verdict.CANNOT_TELL}
    found = {one.name: _columns(exposure, one, seen) for one in tables}
    unplaced = seen.difference(*(columns.keys() for columns in found.values()))
    columns = found[table.name] | {
        category: _of_category(table, category) for category in sorted(unplaced & table.categories.keys())
    }
    return Left(columns, frozenset(columns), frozenset(doubtful & table.categories.keys()))


def _columns(exposure: Exposure, table: Table, seen: set[str]) -> dict[str, tuple[str, ...]]:
    bare = table.name.rpartition(".")[2]
    found: dict[str, set[str]] = {}
    for column in exposure.activity.columns:
        qualifier, _, name = column.lower().rpartition(".")
        if qualifier and qualifier.rpartition(".")[2] != bare:
            continue
        for category in seen:
            columns = _of_category(table, category)
            left = columns if name == "*" else tuple(one for one in columns if one == name)
            if left:
                found.setdefault(category, set()).update(left)
    return {category: tuple(sorted(found[category])) for category in sorted(found)}


def _of_category(table: Table, category: str) -> tuple[str, ...]:
    return tuple(sorted(name for name, column in table.columns.items() if column.category == category))
