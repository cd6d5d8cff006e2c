"""A statement that waits for further records, and which records it takes.

Most sources number their statements: all records of one have its key. Where they do not (PostgreSQL's plans, durations
and errors beside pgaudit's lines) a record carries its kind, ``part``, and joins the statement that its session runs by
the statement's text: equal text, and no count that says otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

from streamguard.sources.likeness import adds_only_time, has_text_of, has_timed
from streamguard.sources.merging import ColumnsTold, merge, with_duration
from streamguard.sources.parts import DURATION, ERROR, FETCH, OF_THE_SESSION, PLAN, RUNS_OTHERS, STATEMENT

if TYPE_CHECKING:
    from streamguard.activity import Activity
    from streamguard.sources.manners import Manner
    from streamguard.sources.progress import Position
    from streamguard.sources.timed import Timed

Slot: TypeAlias = tuple[str, str | None, str]
"""Product, server, and session (or statement key where statements run side by side): one statement at a time."""

MAX_LINES: Final = 4_096
"""Records that one statement may take in (a function can run thousands of queries); the next one begins another."""
MAX_NAMES: Final = 10_000
"""Tables, columns and hashes of people that one statement may gather before the next record begins another."""


class Waiting:
    """A statement some of whose records have been read."""

    __slots__ = (
        "_columns",
        "_first_record",
        "activity",
        "closed",
        "first",
        "gap_ms",
        "gap_records",
        "inner",
        "is_named",
        "last_offset",
        "last_record",
        "last_watermark_ms",
        "lines",
        "manner",
        "parts",
        "slot",
        "watermark_before_ms",
    )

    def __init__(
        self, activity: Activity, first: Position, watermark_before_ms: int, slot: Slot, manner: Manner
    ) -> None:
        self.activity = activity
        self.first = first
        self.watermark_before_ms = watermark_before_ms
        self.slot = slot
        self.manner = manner
        self.gap_records, self.gap_ms = manner.gap_records, manner.gap_ms
        self.lines: list[Position] = [first]
        self.last_offset = first[0]
        self.last_watermark_ms = 0
        self.closed = activity.complete
        self.is_named = activity.part is None
        """Whether a record told the statement's own key."""
        self.parts: tuple[str, ...] = () if activity.part is None else (activity.part,)
        self.inner: list[Waiting] = []
        """Plans that came since this statement's last record: of statements inside it, or of the next one."""
        self._first_record = self.last_record = activity
        self._columns: ColumnsTold | None = None

    def is_followed_by(self, activity: Activity) -> bool:
        """Whether a record plainly begins the session's next statement, as nearly every one does."""
        return (
            activity.part is None
            and self.is_named
            and not self.inner
            and activity.statement_key != self.activity.statement_key
        )

    @property
    def has_ended(self) -> bool:
        """Whether its execution is over and counted, so that what is missing comes in the same instant or never.

        pgaudit counts when the executor ends. In the extended protocol that is behind the duration of the execution;
        lines of further relations follow at once, and a plan where auto_explain is loaded before pgaudit.
        """
        ending = self.manner.ending
        return bool(ending) and self.is_named and self.activity.rows is not None and not ending.isdisjoint(self.parts)

    @property
    def is_full(self) -> bool:
        """Whether the statement may take in no further record."""
        if len(self.lines) < 2:
            return False
        activity = self.activity
        names = len(activity.tables) + len(activity.columns) + len(activity.filters)
        people = sum([len(hashes) for _, hashes in activity.subjects]) if activity.subjects else 0
        return len(self.lines) >= MAX_LINES or names + people >= MAX_NAMES

    @property
    def may_contain(self) -> bool:
        """Whether the statement may still run, so that a plan can be of a statement inside it."""
        return self.is_named or STATEMENT in self.parts

    def join(self, activity: Activity, position: Position) -> None:
        """Take a record in, and with it every plan that came before it: what they tell of ran inside."""
        if activity.part is not None:
            self.parts = (*self.parts, activity.part)
        elif not self.is_named:
            self.is_named = True
            self.activity = msgspec.structs.replace(self.activity, statement_key=activity.statement_key)
        if activity.part == DURATION and self.is_named and adds_only_time(self.activity, activity):
            self.activity = with_duration(self.activity, activity.duration_ms, activity.produced_ms)
        else:
            record = self._without_foreign_text(activity)
            told = self._told()
            told.add(record)
            self.activity = merge(self.activity, record, told)
        self.last_record = activity
        self.lines.append(position)
        self.closed = activity.complete or (bool(self.manner.closing) and self.manner.closing <= set(self.parts))

    def join_timed(self, timed: Timed, position: Position) -> None:
        """Take in the record that says how long the statement ran, its last one (see `takes_timed`)."""
        self.parts = (*self.parts, DURATION)
        self.activity = with_duration(self.activity, timed.duration_ms, timed.produced_ms)
        self.lines.append(position)
        self.closed = True

    def absorb(self, inside: Waiting) -> None:
        """Take in a statement that ran inside this one."""
        told = self._told()
        told.add_all(inside._told())
        self.activity = merge(self.activity, inside.activity, told)
        self.lines += inside.lines

    def _told(self) -> ColumnsTold:
        """Return what the records tell of the columns: made when a second one comes, most statements have one."""
        if self._columns is None:
            self._columns = ColumnsTold()
            self._columns.add(self._first_record)
        return self._columns

    def takes(self, activity: Activity) -> bool:
        """Whether a record is of this statement."""
        part = activity.part
        if part is not None and part in self.parts and part != FETCH:
            return False
        if activity.statement_key == self.activity.statement_key:
            return True
        if (part is None and self.is_named) or part == STATEMENT or not self.manner.is_sequential:
            return False
        if part == ERROR and (PLAN in self.parts or self.activity.rows is not None):
            return False
        may_run_it = self.is_named or PLAN in self.parts
        return has_text_of(self.activity, self._first_record, self.last_record, activity, may_run_it)

    def takes_timed(self, timed: Timed) -> bool:
        """Whether a record plainly is the last one of this statement, and adds nothing but the time."""
        return (
            self.is_named
            and not self.inner
            and DURATION not in self.parts
            and self.last_record.fingerprint == timed.statement.fingerprint
            and has_timed(self.activity, timed)
        )

    def _without_foreign_text(self, activity: Activity) -> Activity:
        """Return the record without its text, where that is the command that ran this statement: EXECUTE, DO, CALL."""
        if activity.part not in OF_THE_SESSION or activity.verb not in RUNS_OTHERS:
            return activity
        if activity.fingerprint in {self._first_record.fingerprint, self.last_record.fingerprint}:
            return activity
        return msgspec.structs.replace(
            activity, statement=None, fingerprint=None, tables=(), columns=(), columns_known=False
        )
