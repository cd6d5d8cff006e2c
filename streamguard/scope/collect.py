"""Exposures sorted out: those that are asked about, in groups of one shape, with what they claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.scope.claims import ClaimReader, rows_of
from streamguard.scope.group import Group, plus
from streamguard.scope.report import NOBODY

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable

    from streamguard.activity import Exposure
    from streamguard.ledger import Span
    from streamguard.scope.claim import Claim
    from streamguard.scope.spaces import Spaces


class Collected:
    """Groups of exposures, by their first statement.

    Parameters
    ----------
    spaces
        Of the catalogue.
    """

    def __init__(self, spaces: Spaces) -> None:
        self._spaces = spaces
        self._reader = ClaimReader(spaces)
        self._groups: dict[Hashable, Group] = {}
        self._employees: set[str] = set()
        self.first_ms: int | None = None
        """Of the first statement that exposed, or may have exposed, personal data."""
        self.last_ms: int | None = None
        self.statements = 0
        """Those that did, or may have."""
        self.records = NOBODY
        """Their rows."""

    def add(self, exposure: Exposure) -> None:
        """Take in an exposure. They come in the order of time."""
        self._employees.add(exposure.employee)
        if not exposure.categories:
            return
        claims, rows = self._reader.claims(exposure), NOBODY
        if claims:
            rows = rows_of(exposure.activity)
            self.statements += 1
            self.records = plus(self.records, rows)
            self.last_ms = exposure.activity.time_ms
            self.first_ms = self.last_ms if self.first_ms is None else self.first_ms
        key = _shape_key(exposure, has_rows=bool(claims))
        if key not in self._groups:
            self._groups[key] = Group(f"S{len(self._groups) + 1}", exposure, self._tables(exposure))
        self._groups[key].add(exposure, claims, rows)

    @property
    def employees(self) -> tuple[str, ...]:
        """Who ran statements, sorted."""
        return tuple(sorted(self._employees))

    @property
    def groups(self) -> list[Group]:
        """Of statements with personal data in reach, in the order of their first ones."""
        return list(self._groups.values())

    @property
    def claims(self) -> list[Claim]:
        """What all of them claim."""
        return [claim for group in self._groups.values() for claim in group.claims]

    def _tables(self, exposure: Exposure) -> tuple[str, ...]:
        activity = exposure.activity
        places = (self._spaces.find(activity.database, name) for name in activity.tables)
        return tuple(sorted({place.table.name for found in places for place in found}))


def collect(exposures: Iterable[Exposure], spaces: Spaces) -> Collected:
    """Return exposures in groups.

    Parameters
    ----------
    exposures
        In the order of time, each once: see `chosen`.
    spaces
        Of the catalogue.
    """
    found = Collected(spaces)
    for exposure in exposures:
        found.add(exposure)
    return found


def without_counted(exposures: Iterable[Exposure]) -> list[Exposure]:
    """Leave out cursors whose rows were counted when they were closed, by a record of their own.

    PostgreSQL's plans come so: DECLARE CURSOR is logged without a count, and the plan with the count when it is closed.

    Parameters
    ----------
    exposures
        In the order of time.
    """
    kept: dict[int, Exposure] = {}
    waiting: dict[Hashable, list[int]] = {}
    for number, exposure in enumerate(exposures):
        activity = exposure.activity
        kept[number] = exposure
        if activity.export == "cursor" and activity.session is not None and activity.fingerprint is not None:
            # The same values, or another cursor of the same shape could be meant.
            key = (activity.instance, activity.session, activity.fingerprint, activity.subjects, activity.scope)
            if activity.rows is None:
                waiting.setdefault(key, []).append(number)
            elif waiting.get(key):
                del kept[waiting[key].pop(0)]
    return list(kept.values())


def chosen(exposures: Iterable[Exposure], span: Span, employees: Collection[str] | None) -> list[Exposure]:
    """Return the exposures that are asked about, each once, in the order of (time, origin): see `without_counted`."""
    found = {
        exposure.origin: exposure
        for exposure in exposures
        if span.from_ms <= exposure.activity.time_ms < span.to_ms
        and (employees is None or exposure.employee in employees)
    }
    return without_counted(sorted(found.values(), key=lambda exposure: (exposure.activity.time_ms, exposure.origin)))


def _shape_key(exposure: Exposure, *, has_rows: bool) -> Hashable:
    activity = exposure.activity
    return (
        *(activity.fingerprint, activity.database, activity.tables, activity.columns, activity.error, activity.export),
        *(tuple(exposure.categories.items()), has_rows, activity.rows is None),
    )
