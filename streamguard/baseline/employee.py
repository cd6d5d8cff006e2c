"""The memory of one employee: levels, habits, known symbols, the open day, the open case.

Numbers only, no thresholds: what to learn and when to speak up is decided in :mod:`streamguard.detect`.
"""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

from streamguard.baseline.day import DayNotes
from streamguard.baseline.habits import Habits
from streamguard.baseline.hours import odd_hours
from streamguard.baseline.measure import NIGHT_MS, ROWS_1D, ROWS_1H, VOLUMES
from streamguard.baseline.members import ABSENT
from streamguard.baseline.signs import Signs
from streamguard.baseline.symbols import Symbols
from streamguard.baseline.volume import Volume

if TYPE_CHECKING:
    from streamguard.baseline.shape import Place
    from streamguard.baseline.usual import Usual

RECENT_DAYS = 14
"""Closed active days whose totals are kept, for people to read ("the usual day is 40, max 310")."""
_HOUR_RATE = -1.0 / ROWS_1H.tau_ms
_DAY_RATE = -1.0 / ROWS_1D.tau_ms


class Case:
    """The open case: alerts of one employee within some days are one matter."""

    __slots__ = ("first_seen_ms", "rows", "start_ms", "statements", "strangeness", "uid")

    def __init__(self, uid: bytes, start_ms: int, first_seen_ms: int, strangeness: float) -> None:
        self.uid = uid
        self.start_ms = start_ms
        self.first_seen_ms = first_seen_ms
        self.strangeness = strangeness
        """A of the last finding emitted for this case."""
        self.statements = 0
        """Statements since first seen, up to the last closed day."""
        self.rows = 0


class EmployeeMemory:
    """Everything remembered of one employee.

    Attributes
    ----------
    volumes
        One for each of :data:`~streamguard.baseline.measure.VOLUMES`.
    habits, symbols
        Octaves, hours and novelties of closed days; what was used before.
    notes, signs
        The open day: for people, and for the detectors.
    day, last_ms
        The open day's number; event time of the newest statement.
    score, strangeness
        T, the combined surprise of the open day so far, in nats, and A = -log10 P(a benign day looks this strange).
    judged
        Version of what the day was last judged by.
    quarantined
        Consecutive active days that were too strange to learn.
    recent
        Rows of the last closed active days, oldest first.
    from_ms, to_ms, offset_minutes, hour_from_ms, hour_to_ms, hour_tenths, place, place_is_young
        What was worked out for the newest statement and mostly holds for the next; not part of the state.
    """

    __slots__ = (
        "case",
        "day",
        "from_ms",
        "habits",
        "hour_from_ms",
        "hour_tenths",
        "hour_to_ms",
        "judged",
        "last_ms",
        "notes",
        "offset_minutes",
        "place",
        "place_is_young",
        "quarantined",
        "recent",
        "score",
        "signs",
        "slot",
        "strangeness",
        "symbols",
        "to_ms",
        "volumes",
    )

    def __init__(self) -> None:
        self.volumes = tuple(Volume() for _ in VOLUMES)
        self.habits = Habits()
        self.symbols = Symbols()
        self.day: int | None = None
        self.last_ms = 0
        self.notes = DayNotes()
        self.signs = Signs()
        self.quarantined = 0
        self.recent: list[int] = []
        self.score = 0.0
        self.strangeness = 0.0
        self.judged = -1
        self.slot = ABSENT
        self.case: Case | None = None
        self.forget_place()

    def forget_place(self) -> None:
        """Forget what was worked out for the newest statement."""
        self.from_ms = self.to_ms = self.hour_from_ms = self.hour_to_ms = 0
        self.offset_minutes = self.hour_tenths = 0
        self.place: Place | None = None
        self.place_is_young = False

    def open_day(self, day: int, time_ms: int, usual: Usual) -> None:
        """Begin a behavioural day; the sums of a day begin anew if the night was idle."""
        rested = time_ms - self.last_ms > NIGHT_MS
        for volume, measure, peer in zip(self.volumes, VOLUMES, usual.peers, strict=True):
            if rested and measure.restarts_daily:
                volume.total = 0.0
            volume.open(peer)
        self.day = day
        self.notes = DayNotes()
        self.signs = Signs(odd_hours(self.habits, usual.hours))
        self.symbols.open_day()
        self.score = self.strangeness = 0.0
        self.judged = -1
        self.forget_place()

    def add(self, time_ms: int, rows: int) -> bool:
        """Let the sums leak and add a statement; return whether a peak passed its ``next_peak``.

        A record older than the last one (sources may be out of order by seconds, or late by hours) enters as what
        would be left of it by now; but at its own time the sum was at least its increment.
        """
        gap = time_ms - self.last_ms
        passed = False
        if gap >= 0:
            self.last_ms = time_ms
            leaks = (exp(_HOUR_RATE * gap), day_leak := exp(_DAY_RATE * gap), day_leak)
            for volume, leak, increment in zip(self.volumes, leaks, (rows, rows, 1), strict=False):
                total = volume.total = volume.total * leak + increment
                if total > volume.peak:
                    volume.peak = total
                    passed = passed or total > volume.next_peak
            return passed
        leaks = (exp(-_HOUR_RATE * gap), day_leak := exp(-_DAY_RATE * gap), day_leak)
        for volume, leak, increment in zip(self.volumes, leaks, (rows, rows, 1), strict=False):
            volume.total += increment * leak
            peak = max(volume.total, increment)
            if peak > volume.peak:
                volume.peak = peak
                passed = passed or peak > volume.next_peak
        return passed

    def adopt(self, theirs: EmployeeMemory) -> None:
        """Take over what another shard knew: what is usual, and the open case. The open day stays as it is here."""
        for mine, other in zip(self.volumes, theirs.volumes, strict=True):
            mine.level, mine.cusum = other.level, other.cusum
        self.recent, self.quarantined = theirs.recent, theirs.quarantined
        self.case = self.case or theirs.case

    def note_closed(self) -> None:
        """Keep the total of the open day among the recent ones."""
        self.recent = [*self.recent[1 - RECENT_DAYS :], self.notes.rows]

    def levels(self) -> tuple[float, ...]:
        """Return (effective days, mean, variance) of every volume, for the slot among the members."""
        found: list[float] = []
        for volume in self.volumes:
            level = volume.level
            found += (level.effective_days, level.mean, level.variance)
        return tuple(found)
