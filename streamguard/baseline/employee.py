"""The memory of one employee: levels, habits, known symbols, the open day, the open case.

Numbers only, no thresholds: what to learn and when to speak up is decided in :mod:`streamguard.detect`.
"""

from __future__ import annotations

from enum import IntEnum
from math import exp, inf
from typing import TYPE_CHECKING, Any, Final

from streamguard.baseline.crowds import NOBODY, Programs
from streamguard.baseline.day import BURST_GAP_MS, DayNotes
from streamguard.baseline.habits import Habits
from streamguard.baseline.level import Level
from streamguard.baseline.measure import CARRY_MS, LEAK_MS, NIGHT_MS, VOLUMES
from streamguard.baseline.members import ABSENT
from streamguard.baseline.signs import Signs
from streamguard.baseline.symbols import Symbols
from streamguard.baseline.today import PeerDay
from streamguard.baseline.volume import Volume

if TYPE_CHECKING:
    from streamguard.baseline.day import Met
    from streamguard.baseline.group import GroupMemory
    from streamguard.baseline.held import HeldDay
    from streamguard.baseline.shape import Place
    from streamguard.baseline.usual import Usual

RECENT_DAYS: Final = 14
"""Closed active days whose totals are kept, for people to read ("the usual day is 40, max 310")."""
_NO_DAY: Final = PeerDay(0, 0)
_STEP: Final = 3
"""Tenths of a standard deviation from look to look, while the day is ordinary."""
_STRANGE: Final = 1.0
_HOUR_RATE: Final = -1.0 / LEAK_MS
_DAY_RATE: Final = -1.0 / CARRY_MS


class Ruling(IntEnum):
    """What an analyst said of a day."""

    NONE = 0
    BENIGN = 1
    HOSTILE = 2


class Case:
    """The open case: alerts of one employee within some days are one matter."""

    __slots__ = ("first_seen_ms", "is_hostile", "rows", "start_ms", "statements", "strangeness", "uid")

    def __init__(self, uid: bytes, start_ms: int, first_seen_ms: int, strangeness: float) -> None:
        self.uid = uid
        self.start_ms = start_ms
        self.first_seen_ms = first_seen_ms
        self.strangeness = strangeness
        """A of the last finding emitted for this case."""
        self.is_hostile = False
        """Whether an analyst said that it is an attack."""
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
    day, last_ms, rows_ms
        The open day's number; event time of the newest statement, and of the newest one with rows.
    score, strangeness
        T, the combined surprise of the open day so far, in nats, and A = -log10 P(a benign day looks this strange).
    judged, opening
        Version of what the day was last judged by; which opening of the peers' day it is on.
    crowd, slot, shard_slot, programs
        The group from behaviour that the open day is judged in, the places among its members and among the shard's (the
        same where the directory tells the groups), and what the group follows from.
    quarantined
        Consecutive active days that were too strange to learn.
    held, ruling
        Days that were not learned, and what an analyst said of the open one.
    peer_group
        Stands for the peer group of the open day, as the directory names it; 0: none yet.
    recent
        Rows of the last closed active days, oldest first.
    next_rows, next_statements
        The totals of the day that make the residual of their volume grow; not part of the state.
    from_ms, to_ms, offset_minutes, hours_of, expected_hours, hour_from_ms, hour_to_ms, hour_tenths, place,
    place_is_young, is_aside, group, today, scene
        What was worked out for the newest statement and mostly holds for the next; not part of the state.
    """

    __slots__ = (
        "case",
        "crowd",
        "day",
        "expected_hours",
        "from_ms",
        "group",
        "habits",
        "held",
        "hour_from_ms",
        "hour_tenths",
        "hour_to_ms",
        "hours_of",
        "is_aside",
        "judged",
        "last_ms",
        "next_rows",
        "next_statements",
        "notes",
        "offset_minutes",
        "opening",
        "peer_group",
        "place",
        "place_is_young",
        "programs",
        "quarantined",
        "recent",
        "rows_ms",
        "ruling",
        "scene",
        "score",
        "shard_slot",
        "signs",
        "slot",
        "strangeness",
        "symbols",
        "to_ms",
        "today",
        "volumes",
    )

    def __init__(self) -> None:
        self.volumes = tuple(Volume() for _ in VOLUMES)
        self.habits = Habits()
        self.symbols = Symbols()
        self.day: int | None = None
        self.last_ms = 0
        self.rows_ms = 0
        self.notes = DayNotes()
        self.signs = Signs()
        self.quarantined = 0
        self.held: list[HeldDay] = []
        self.ruling = Ruling.NONE
        self.peer_group = 0
        self.recent: list[int] = []
        self.score = 0.0
        self.strangeness = 0.0
        self.judged = -1
        self.opening = 0
        self.slot = self.shard_slot = ABSENT
        self.crowd = NOBODY
        self.programs = Programs()
        self.case: Case | None = None
        self.next_rows = self.next_statements = inf
        self.today = _NO_DAY
        self.group: GroupMemory
        self.forget_place()

    def forget_place(self) -> None:
        """Forget what was worked out for the newest statement."""
        self.from_ms = self.to_ms = self.hour_from_ms = self.hour_to_ms = 0
        self.offset_minutes = self.hour_tenths = 0
        self.place: Place | None = None
        self.hours_of: Usual | None = None
        self.expected_hours: list[float] = []
        self.place_is_young = self.is_aside = False
        self.scene: Any = None

    def open_day(self, day: int, time_ms: int, usual: Usual, half_life_days: float) -> None:
        """Begin a behavioural day; the sums of a day begin anew if the night was idle."""
        self.bring_up()
        gap = time_ms - self.last_ms
        carried = exp(_DAY_RATE * gap) if 0 <= gap <= NIGHT_MS else 0.0
        for volume, peer in zip(self.volumes, usual.peers, strict=True):
            if volume is not self.volumes[0]:
                volume.total = volume.peak * carried
            volume.open(peer)
        self.day = day
        self.notes = DayNotes()
        self.notes.first_ms = self.notes.burst_start_ms = time_ms
        self.habits.open_day(day, half_life_days)
        self.signs = Signs()
        self.symbols.open_day()
        self.score = self.strangeness = 0.0
        self.judged = -1
        self.ruling = Ruling.NONE
        self.set_next()
        self.forget_place()

    def add(self, time_ms: int, rows: int | None, met: Met) -> int:  # noqa: C901 -- flat, for it is hot
        """Add a statement to the open day; return a bit mask of the volumes whose peak passed ``next_peak``.

        Parameters
        ----------
        time_ms
            Event time.
        rows
            None where they are not known.
        met
            Its shape, as met today.
        """
        notes, gap = self.notes, time_ms - self.last_ms
        if gap > 0:
            if gap > BURST_GAP_MS:
                notes.burst_rows, notes.burst_start_ms = 0, time_ms
            self.last_ms = time_ms
        elif gap < 0:
            notes.begin_earlier(time_ms)
        statements = notes.statements = notes.statements + 1
        passed = 4 if statements > self.next_statements else 0
        if rows is None:
            notes.without_rows += 1
        elif rows:
            met.rows += rows
            notes.burst_rows += rows
            total = notes.rows = notes.rows + rows
            if total > self.next_rows:
                passed |= 2
            if rows > notes.largest_rows:
                notes.largest_rows, notes.largest_ms = rows, time_ms
            hour = self.volumes[0]
            gap = time_ms - self.rows_ms
            if gap >= 0:
                self.rows_ms = time_ms
                peak = hour.total = hour.total * exp(_HOUR_RATE * gap) + rows
            else:
                # A record older than the last one enters as what would be left of it by now; but at its own time the
                # sum was at least its rows.
                hour.total += rows * exp(-_HOUR_RATE * gap)
                peak = max(hour.total, float(rows))
            if peak > hour.peak:
                hour.peak = peak
                if peak > hour.next_peak:
                    passed |= 1
        return passed

    def bring_up(self) -> None:
        """Bring the peaks of the day's sums up to date."""
        _, rows, statements, _ = self.volumes
        rows.peak = rows.total + self.notes.rows
        statements.peak = statements.total + self.notes.statements

    @property
    def is_strange(self) -> bool:
        """Whether the day is strange enough to be looked at closely."""
        return self.strangeness >= _STRANGE

    @property
    def step(self) -> int:
        """By how many tenths a residual must rise to be worth a look: the stranger the day, the fewer."""
        return 1 if self.is_strange else _STEP

    def set_next(self) -> None:
        """Work out at which peaks and sums of the day a look is next worth it."""
        for volume in self.volumes:
            volume.set_next(self.step)
        self.set_next_sums()

    def set_next_sums(self) -> None:
        """Work out what is left until the sums of the day come to the peaks worth a look."""
        _, rows, statements, _ = self.volumes
        self.next_rows = rows.next_peak - rows.total
        self.next_statements = statements.next_peak - statements.total

    def forget_met(self) -> None:
        """Let what was met today be looked up again, in what is known now."""
        self.notes.forget_met()
        self.forget_place()

    def change_role(self) -> None:
        """Forget what belongs to another job: levels and sums; keep a tenth of the habits, and what was used before."""
        for volume in self.volumes:
            volume.level, volume.cusum, volume.total = Level(), 0.0, 0.0
        self.habits.change_role()
        self.recent, self.held, self.quarantined = [], [], 0

    def adopt(self, theirs: EmployeeMemory) -> None:
        """Take over what another shard knew, but not the open day: that stays as it is here."""
        if self.peer_group and self.peer_group != theirs.peer_group:
            theirs.change_role()
        for mine, other in zip(self.volumes, theirs.volumes, strict=True):
            if other.level.effective_days:
                mine.level, mine.cusum = other.level, other.cusum
        self.habits, self.symbols = theirs.habits, theirs.symbols
        self.symbols.open_day()
        self.forget_met()
        self.recent, self.held, self.quarantined = theirs.recent, theirs.held, theirs.quarantined
        self.case = self.case or theirs.case

    def note_closed(self) -> None:
        """Keep the total of the open day among the recent ones."""
        self.recent = [*self.recent[1 - RECENT_DAYS :], self.notes.rows]

    def levels(self) -> tuple[float, ...]:
        """Return (effective days, mean, variance) of every volume, for the slot among the members."""
        found: list[float] = []
        for volume in self.volumes:
            found += volume.level.known()
        return tuple(found)
