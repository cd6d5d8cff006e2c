"""From an exposure to its claims: the form of its statement filled with its literals and its count of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.activity import RowsQuality
from streamguard.scope.claim import Claim, Page, Piece
from streamguard.scope.dialects import dialect_of
from streamguard.scope.plan import Plan, plan_of
from streamguard.scope.report import NOBODY, Bounds
from streamguard.scope.shaping import shape_of
from streamguard.sources.statement.literals import MAX_SCOPE, MAX_SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Hashable

    from streamguard.activity import Activity, Exposure
    from streamguard.scope.plan import Party
    from streamguard.scope.shape import Condition, Shape
    from streamguard.scope.spaces import Spaces

_COUNTS: Final = frozenset({RowsQuality.EXACT, RowsQuality.PRODUCED, RowsQuality.AFFECTED})
_COMPLETE: Final = frozenset({"copy_to", "unload", "outfile", "create_table_as"})
"""Exports that, if they did not fail, took everything that they name. A cursor is read as far as somebody reads it."""


class ClaimReader:
    """Reads the claims of exposures. Pure; its caches never change a result.

    Parameters
    ----------
    spaces
        Of the catalogue.
    """

    def __init__(self, spaces: Spaces) -> None:
        self._spaces = spaces
        self._plans: dict[Hashable, Plan] = {}
        self._spelling: dict[str, str] = {}
        """Regions are the same in whatever case they are written; they are told as they were first."""

    def plan(self, exposure: Exposure) -> Plan:
        """Return the plan of an exposure's statement."""
        activity = exposure.activity
        key = (
            *(activity.statement, activity.source, activity.database, activity.tables, activity.columns),
            *(tuple(exposure.categories.items()), exposure.membership),
        )
        plan = self._plans.get(key)
        if plan is None:
            shape = None if activity.statement is None else shape_of(activity.statement, dialect_of(activity.source))
            plan = self._plans[key] = plan_of(exposure, shape, self._spaces)
        return plan

    def claims(self, exposure: Exposure) -> list[Claim]:
        """Return what an exposure says of whose data left; nothing if it returned no row, or no personal data."""
        plan = self.plan(exposure)
        rows = rows_of(exposure.activity)
        if not plan.parties or rows.upper == 0:
            return []
        return [self._claim(exposure.activity, plan, number, rows) for number in range(len(plan.parties))]

    def _claim(self, activity: Activity, plan: Plan, number: int, rows: Bounds) -> Claim:
        party = plan.parties[number]
        shape = plan.shape
        values = _Values(activity, party)
        limit_told = shape is not None and _is_limit_told(activity, shape.has_limit, shape.has_offset)
        is_told = shape is not None and shape.is_told and limit_told and _are_told(activity, shape)
        is_cut = shape is None or shape.has_limit or shape.has_offset
        is_set = party.is_plain and is_told and values.keys is None
        page = _page(activity, party, rows, has_offset=shape.has_offset) if is_set and is_cut and shape else None
        is_hidden = is_set and not is_cut and _is_hidden(party, rows)
        is_whole = is_set and not is_cut and not is_hidden
        size, keys = _size(plan, party, rows, values.keys)
        if is_whole and rows.upper is None and _is_complete_export(activity) and not party.conditions:
            size = Bounds(max(int(party.is_peopled), size.lower), size.upper)
        regions = self._regions(party, values)
        same: Hashable = None
        if is_told and not is_cut and not is_hidden:
            within = values.within | party.within
            same = (
                (party.space.name, within, regions, keys)
                if party.is_plain
                else (activity.fingerprint, activity.subjects, activity.scope, activity.slice, number)
            )
        return Claim(
            space=party.space,
            size=size,
            sure=party.sure if size.lower else frozenset(),
            doubtful=party.doubtful if size.lower else party.sure | party.doubtful,
            within=values.within | party.within,
            regions=regions,
            is_whole=is_whole,
            keys=keys,
            is_exact=keys is not None and size.lower == size.upper == len(keys),
            same=same,
            page=page,
            piece=values.piece if is_whole and party.is_single else None,
            is_counted=rows.is_exact,
            most=party.subjects,
            how=_how(plan, party, rows, is_whole=is_whole, is_page=page is not None, keys=keys),
            tables=party.tables,
        )

    def _regions(self, party: Party, values: _Values) -> frozenset[str] | None:
        if party.region is not None:
            return frozenset({self._spelling.setdefault(party.region.casefold(), party.region)})
        if values.regions is None:
            return None
        return frozenset(self._spelling.setdefault(value.casefold(), value) for value in values.regions)


class _Values:
    """What the literals of an activity say of one party."""

    def __init__(self, activity: Activity, party: Party) -> None:
        self.keys: frozenset[str] | None = None
        self.regions: frozenset[str] | None = None
        self.piece: Piece | None = None
        read = (self._read(activity, party, table, condition) for table, condition in party.conditions)
        self.within = frozenset(text for text in read if text is not None)

    def _read(self, activity: Activity, party: Party, table: str, condition: Condition) -> str | None:
        """Return a condition with its values; None: they are not told, or stand elsewhere."""
        column = (table, condition.text)
        name = ".".join(column)
        if condition.kind == "fixed":
            return f"{table}: {condition.text}"
        if condition.kind == "values":
            values = _told(activity, condition.text)
            if values is not None and column in party.keys:
                self.keys = values if self.keys is None else self.keys & values
            elif values is not None and column in party.regions:
                self.regions = values if self.regions is None else self.regions & values
            elif values is not None:
                return f"{name} = {' '.join(sorted(values))}"
            return None
        place = _ids_told(activity)
        if place is None:
            return None
        if condition.kind == "range" and column in party.keys:
            self.piece = Piece(name, *place)
        return f"{name} {condition.kind} {' '.join(place)}"


def _told(activity: Activity, column: str) -> frozenset[str] | None:
    """Return all values that a column was compared with; None: they are not told, or not all of them."""
    for told, most in ((activity.subjects, MAX_SUBJECTS), (activity.scope, MAX_SCOPE)):
        found = [values for name, values in told if name.rpartition(".")[2] == column]
        if len(found) == 1 and sum(len(values) for _, values in told) < most:
            return frozenset(found[0])
    return None


def _ids_told(activity: Activity) -> tuple[str, str] | None:
    return activity.slice if activity.slice is not None and activity.slice[0][:1] == "#" else None


def _are_told(activity: Activity, shape: Shape) -> bool:
    """Whether the values of all conditions are told."""
    return all(
        condition.kind == "fixed"
        or (_told(activity, condition.text) if condition.kind == "values" else _ids_told(activity)) is not None
        for condition in shape.conditions
    )


def rows_of(activity: Activity) -> Bounds:
    """Return how many rows of its result left. An estimate bounds nothing; PREPARE returns nothing yet."""
    if activity.verb == "PREPARE":
        return NOBODY
    if activity.rows is None or activity.rows_quality not in {*_COUNTS, RowsQuality.LOWER_BOUND}:
        return Bounds(0, activity.rows_at_most)
    return Bounds(activity.rows, activity.rows if activity.rows_quality in _COUNTS else None)


def _is_limit_told(activity: Activity, has_limit: bool, has_offset: bool) -> bool:
    if has_offset:
        return activity.slice is not None and activity.slice[0].isdecimal()
    return not has_limit or activity.rows_at_most is not None


def _page(activity: Activity, party: Party, rows: Bounds, *, has_offset: bool) -> Page | None:
    if party.order is None or not party.is_single:
        return None
    first, behind = 0, activity.rows_at_most
    if has_offset and activity.slice is not None:
        first, behind = int(activity.slice[0]), int(activity.slice[1])
    if behind is None:
        return None
    possibly = behind if rows.upper is None else min(behind, first + rows.upper)
    is_last = rows.is_exact and first + rows.lower < behind and (rows.lower > 0 or first == 0)
    return Page(party.order, first, first + rows.lower, possibly, is_last)


def _is_hidden(party: Party, rows: Bounds) -> bool:
    """Whether a read of everything saw far less than the catalogue knows to be there.

    Row-level security shows a reader only some of the rows, and no log tells.
    """
    is_everything = not party.conditions and party.is_single
    return bool(is_everything and rows.is_exact and party.subjects and rows.lower * 2 < party.subjects)


def _is_complete_export(activity: Activity) -> bool:
    return activity.export in _COMPLETE and activity.error is None


def _size(plan: Plan, party: Party, rows: Bounds, keys: frozenset[str] | None) -> tuple[Bounds, frozenset[str] | None]:
    """Return how many people a party shows in so many rows, and their keys if those can be right."""
    shape = plan.shape
    least = min(rows.lower, 1) if party.is_certain else 0
    if shape is None or shape.is_mixed or party.by == "other":
        upper = None
        lower = rows.lower if shape is not None and not shape.is_mixed and party.is_single else least
    else:
        upper = rows.upper
        is_each = party.by == "person" if shape.is_grouped else party.is_single
        lower = rows.lower if is_each and party.is_certain else least
        if party.by == "key":
            lower = max(0, rows.lower - 1)  # one of the groups may be of the rows of nobody
    if keys is not None and lower > len(keys):
        keys = None  # the database tells apart what hashes do not
    if keys is not None:
        upper = len(keys) if upper is None else min(upper, len(keys))
    return Bounds(min(lower, upper) if upper is not None else lower, upper), keys


def _how(plan: Plan, party: Party, rows: Bounds, *, is_whole: bool, is_page: bool, keys: frozenset[str] | None) -> str:
    shape = plan.shape
    is_each = party.by in {"person", "key"} or (party.by is None and party.is_single)
    names = {
        "unread": shape is None,
        "uncounted": not rows.is_exact,
        "mixed": party.by == "other" or (shape is not None and shape.is_mixed),
        "optional": not party.is_certain,
        "keys": keys is not None,
        "page": is_page,
        "whole": is_whole and is_each,
        "people": is_each,
    }
    return next((name for name, is_so in names.items() if is_so), "rows")
