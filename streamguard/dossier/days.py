"""What each employee and the peers took day by day, gathered in one pass over the exposures."""

from __future__ import annotations

from collections import defaultdict
from statistics import median_high, median_low
from typing import TYPE_CHECKING, NamedTuple

from streamguard.detect.clock import behavioural_day
from streamguard.dossier.scenes import BandPoint, DayPoint, Line

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from streamguard.activity import Exposure


class Usual(NamedTuple):
    """What is usual: counted rows of the days on which somebody was active before the incident."""

    days: int
    middle: int
    most: int


class Days:
    """Rows that the log counts, by employee and behavioural day.

    Parameters
    ----------
    employees
        Of the incident; everybody else counts as a peer.
    day_start_local_hours
        When a behavioural day begins.
    """

    def __init__(self, employees: Collection[str], day_start_local_hours: int) -> None:
        self._employees = tuple(employees)
        self._start = day_start_local_hours
        self._rows: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        self._uncounted: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))

    def take(self, exposure: Exposure) -> int | None:
        """Take in an exposure; return its day."""
        activity = exposure.activity
        day = behavioural_day(activity.time_ms, exposure.utc_offset_minutes, self._start)
        if day is not None:
            self._rows[exposure.employee][day] += activity.rows or 0
            self._uncounted[exposure.employee][day] += activity.rows is None
        return day

    @property
    def peers(self) -> int:
        """How many peers there are."""
        return len(self._rows.keys() - set(self._employees))

    def line(self, employee: str) -> Line:
        """Return the days of one employee."""
        rows, uncounted = self._rows.get(employee, {}), self._uncounted.get(employee, {})
        return Line(employee, tuple(DayPoint(day, rows[day], uncounted[day]) for day in sorted(rows)))

    def band(self) -> tuple[BandPoint, ...]:
        """Return what the peers took on every day on which any of them was active."""
        found: dict[int, list[int]] = defaultdict(list)
        for employee in sorted(self._rows.keys() - set(self._employees)):
            for day, rows in self._rows[employee].items():
                found[day].append(rows)
        return tuple(BandPoint(day, min(of), median_low(of), max(of)) for day, of in sorted(found.items()))

    def usual(self, employee: str, before_day: int) -> Usual | None:
        """Return what was usual for an employee before a day; None: the exposures hold no such day."""
        return _usual(rows for day, rows in self._rows.get(employee, {}).items() if day < before_day)

    def usual_of_peers(self, before_day: int) -> Usual | None:
        """Return what was usual for the peers before a day, all their days together."""
        of_peers = [self._rows[employee] for employee in self._rows.keys() - set(self._employees)]
        return _usual(rows for days in of_peers for day, rows in days.items() if day < before_day)

    def most_of_peers(self, from_day: int, to_day: int) -> int | None:
        """Return the most that any peer took on one of these days; None: no peer was active."""
        found = [
            rows
            for employee in self._rows.keys() - set(self._employees)
            for day, rows in self._rows[employee].items()
            if from_day <= day <= to_day
        ]
        return max(found, default=None)


def _usual(rows: Iterable[int]) -> Usual | None:
    found = sorted(rows)
    return Usual(len(found), median_high(found), found[-1]) if found else None
