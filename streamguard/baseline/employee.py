"""The memory of one employee: levels, running sums, the open day, the open case.

Numbers only, no thresholds: what to learn and when to speak up is decided in :mod:`streamguard.detect`.
"""

from __future__ import annotations

from math import exp, expm1, floor, inf, log1p
from typing import TYPE_CHECKING

from streamguard.baseline.day import DayNotes
from streamguard.baseline.level import Level
from streamguard.baseline.measure import NIGHT_MS
from streamguard.baseline.members import ABSENT
from streamguard.baseline.peers import predict
from streamguard.baseline.today import BELOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.baseline.measure import Measure
    from streamguard.baseline.peers import PeerLevel

RECENT_DAYS = 14
"""Closed active days whose totals are kept, for people to read ("the usual day is 40, max 310")."""
LOWEST_RESIDUAL = -60
HIGHEST_RESIDUAL = 30_000


class Channel:
    """One measure of one employee.

    Attributes
    ----------
    level
        What is usual, learned from closed days.
    cusum
        Accumulated surprise of closed days in standard deviations, 0 to 25.
    total
        The leaky sum as of the employee's last statement.
    peak
        Its maximum on the open day (X).
    mean, deviation
        Prediction of ln(1 + X) for the open day, fixed when the day opened; deviation 0: no prediction yet.
    residual
        Whole tenths of a standard deviation that ``peak`` is above the prediction, at least ``BELOW``.
    next_peak
        The peak that makes ``residual`` grow: below it nothing needs to be computed.
    """

    __slots__ = ("cusum", "deviation", "level", "mean", "next_peak", "peak", "residual", "total")

    def __init__(self) -> None:
        self.level = Level()
        self.cusum = 0.0
        self.total = 0.0
        self.peak = 0.0
        self.mean = 0.0
        self.deviation = 0.0
        self.residual = BELOW
        self.next_peak = inf

    def open(self, peers: PeerLevel | None) -> None:
        """Begin a day: fix the prediction."""
        self.peak = 0.0
        self.residual = BELOW
        self.mean = self.deviation = 0.0
        if peers is not None:
            level = self.level
            self.mean, self.deviation = predict(level.effective_days, level.mean, level.variance, peers)
        self.set_next_peak()

    def set_next_peak(self) -> None:
        """Compute ``next_peak`` from the prediction and the residual."""
        if not self.deviation or self.residual >= HIGHEST_RESIDUAL:
            self.next_peak = inf
        else:
            self.next_peak = expm1(self.mean + 0.1 * (self.residual + 1) * self.deviation)

    def rise(self) -> None:
        """Bring ``residual`` up to ``peak``."""
        self.residual = max(self.residual, min(self.exact_residual(), HIGHEST_RESIDUAL))
        self.set_next_peak()

    def exact_residual(self) -> int:
        """Return the residual without the floor at ``BELOW``: what the calibration learns."""
        tenths = floor(10.0 * (log1p(self.peak) - self.mean) / self.deviation)
        return min(max(tenths, LOWEST_RESIDUAL), HIGHEST_RESIDUAL)


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

    Parameters
    ----------
    channels
        How many measures there are.
    """

    __slots__ = (
        "case",
        "channels",
        "day",
        "dirty",
        "judged_version",
        "last_ms",
        "notes",
        "quarantined",
        "recent",
        "score",
        "slot",
        "strangeness",
    )

    def __init__(self, channels: int) -> None:
        self.channels = [Channel() for _ in range(channels)]
        self.judged_version = -1
        """`GroupMemory.version` when the day was judged last; not part of the state."""
        self.day: int | None = None
        self.last_ms = 0
        self.notes = DayNotes()
        self.quarantined = 0
        """Consecutive active days that were too strange to learn."""
        self.recent: list[int] = []
        """Rows of the last closed active days, oldest first."""
        self.score = 0.0
        """T, the combined surprise of the open day so far, in nats."""
        self.strangeness = 0.0
        """A = -log10 P(a benign employee-day looks this strange), of the open day so far."""
        self.slot = ABSENT
        self.case: Case | None = None
        self.dirty = False

    def open_day(self, day: int, time_ms: int, measures: Sequence[Measure], peers: Sequence[PeerLevel | None]) -> None:
        """Begin a behavioural day; the sums of a day begin anew if the night was idle."""
        rested = time_ms - self.last_ms > NIGHT_MS
        for channel, measure, peer in zip(self.channels, measures, peers, strict=True):
            if rested and measure.restarts_daily:
                channel.total = 0.0
            channel.open(peer)
        self.day = day
        self.notes = DayNotes()
        self.score = self.strangeness = 0.0

    def add(self, time_ms: int, increments: Sequence[float], measures: Sequence[Measure]) -> bool:
        """Let the sums leak and add the increments; return whether a peak passed its ``next_peak``.

        A record older than the last one (sources may be out of order by seconds, or late by hours) enters as what
        would be left of it by now; but at its own time the sum was at least its increment.
        """
        gap = time_ms - self.last_ms
        passed = False
        for channel, increment, measure in zip(self.channels, increments, measures, strict=True):
            if gap > 0:
                total = channel.total * exp(-gap / measure.tau_ms) + increment
            elif gap:
                total = channel.total + increment * exp(gap / measure.tau_ms)
            else:
                total = channel.total + increment
            channel.total = total
            if gap < 0 and increment > total:
                total = increment
            if total > channel.peak:
                channel.peak = total
                passed = passed or total > channel.next_peak
        if gap > 0:
            self.last_ms = time_ms
        return passed

    def adopt(self, theirs: EmployeeMemory) -> None:
        """Take over what another shard knew: what is usual, and the open case. The open day stays as it is here."""
        for mine, other in zip(self.channels, theirs.channels, strict=True):
            mine.level, mine.cusum = other.level, other.cusum
        self.recent, self.quarantined = theirs.recent, theirs.quarantined
        self.case = self.case or theirs.case

    def note_closed(self) -> None:
        """Keep the total of the open day among the recent ones."""
        self.recent = [*self.recent[1 - RECENT_DAYS :], self.notes.rows]

    def levels(self) -> tuple[float, ...]:
        """Return (effective days, mean, variance) of every channel, for the slot among the members."""
        found: list[float] = []
        for channel in self.channels:
            level = channel.level
            found += (level.effective_days, level.mean, level.variance)
        return tuple(found)
