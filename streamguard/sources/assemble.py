"""Joins the audit records of one statement into one activity, as a pure function of one origin partition's log.

pgaudit writes one line per relation and sub-statement, each with the full row count: a sum would count a join
twice. So the lines of a statement are merged (largest row count, union of the tables), which means waiting
until no further line can come. The wait is bounded in records and in event time, both read from the log itself.
`streamguard.sources.waiting` says which records are of one statement.

A statement that has plainly ended waits for a few milliseconds only (`streamguard.sources.ended`).

Statements leave in the order of their first lines. That makes the position of the first line an identity that
only ever grows, and a replay recognisable downstream by one number per origin partition. It also means that a
restart needs to know very little, the `Progress`: where to read from, and which of the lines behind that point
had already left with an older statement.

A plan whose text is not that of the statement its session runs may be of one inside it (a function, a DO block) or of
the next one. It waits beside it until the session's next record tells. If it was inside, the two become one, and no
activity has the plan's origin.

Waiting for the bound would never end on a partition that falls silent. A *cut* closes what is open at a given
offset. Whoever cuts must make the cut durable (`Progress.cut_offset`) before anything of it leaves, because a
cut is the one decision here that the log does not imply.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from streamguard.sources.ended import Ended
from streamguard.sources.manners import AssemblyConfig, manner_of
from streamguard.sources.merging import merge
from streamguard.sources.parts import PLAN
from streamguard.sources.progress import Position, Progress
from streamguard.sources.waiting import MAX_LINES, Waiting

if TYPE_CHECKING:
    from streamguard.activity import Activity, Origin
    from streamguard.sources.ended import Server
    from streamguard.sources.manners import Manner
    from streamguard.sources.timed import Timed
    from streamguard.sources.waiting import Slot

__all__ = ["MAX_LINES", "Assembler", "AssemblyConfig", "Position", "Progress", "merge"]


_LEAST_TO_FORGET: Final = 256
"""Done lines that are kept before it is worth looking which of them nobody will ask for any more."""


class Assembler:
    """Feed it the activities of one origin partition line by line; take statements out, oldest first.

    Parameters
    ----------
    config
        The bounds of the wait.
    progress
        Where a predecessor stopped; the default is the beginning of the log.
    """

    def __init__(self, config: AssemblyConfig | None = None, progress: Progress | None = None) -> None:
        self.config = config or AssemblyConfig()
        start = progress or Progress()
        self._next: Position = (start.offset, start.index)
        self._skip_before: Position = self._next
        self.watermark_ms = start.watermark_ms
        """Largest event time fed so far."""
        self._done: set[Position] = set(start.done)
        self._most_done = _LEAST_TO_FORGET
        self._cut_offset = start.cut_offset
        self._cut_before_announcing = start.cut_offset
        self._queue: deque[Waiting] = deque()
        self._untimed: deque[Waiting] = deque(maxlen=self.config.gap_records)
        """Statements begun with a borrowed time: their wait begins with the log's next own time."""
        self._current: dict[Slot, Waiting] = {}
        self._ended = Ended(2 * self.config.gap_records)
        self._manners: dict[str, Manner] = {}
        self.merged = 0
        """Lines that joined an already open statement, so far."""
        self.absorbed: list[tuple[Origin, str]] = []
        """Origins of lines that opened a statement and turned out to be of another one, whose key stands beside them;
        since the last `take`, in which they are missing."""

    @property
    def held(self) -> int:
        """How many statements wait for further lines, or to be taken."""
        return len(self._queue)

    @property
    def is_waiting(self) -> bool:
        """Whether a statement waits for further lines."""
        return bool(self._queue)

    @property
    def next_offset(self) -> int:
        """Offset after the last one fed."""
        offset, index = self._next
        return offset + 1 if index else offset

    def feed(self, activity: Activity) -> bool:
        """Take one line in. Lines must come in the order of their origins; done ones are recognised.

        Parameters
        ----------
        activity
            One audit record, not merged yet.

        Returns
        -------
        bool
            Whether it joined a statement that was open already.
        """
        _, _, _, offset, index = activity.origin
        position, manner, watermark_before_ms = (offset, index), self._manner_of(activity.source), self.watermark_ms
        time_ms = None if activity.time_borrowed else activity.time_ms
        if not self._reach(position, (manner.product, activity.instance), time_ms):
            return False
        return self._join_or_open(activity, manner, position, watermark_before_ms)

    def feed_timed(self, timed: Timed) -> bool:
        """Take in what says how long a statement ran: what `feed` does with its activity, mostly without making one.

        Parameters
        ----------
        timed
            One audit record.

        Returns
        -------
        bool
            Whether it joined a statement that was open already.
        """
        position, manner, watermark_before_ms = (timed.offset, 0), self._manner_of(timed.source), self.watermark_ms
        if not self._reach(position, (manner.product, timed.instance), timed.time_ms):
            return False
        if timed.session is not None and manner.is_sequential:
            statement = self._current.get((manner.product, timed.instance, timed.session))
            if statement is not None and not self._is_over(statement) and statement.takes_timed(timed):
                statement.join_timed(timed, position)
                self._touch(statement, position)
                self.merged += 1
                return True
        return self._join_or_open(timed.activity(), manner, position, watermark_before_ms)

    def _reach(self, position: Position, server: Server, time_ms: int | None) -> bool:
        """Note that a line was reached, with its own time if it has one; False if it was done before."""
        offset, index = position
        if self._cut_offset is not None and offset >= self._cut_offset:
            self.cut()
        self._next = (offset, index + 1)
        if time_ms is not None:
            self._ended.close_before(server, time_ms)
            self.watermark_ms = max(self.watermark_ms, time_ms)
            if self._untimed:
                self._date()
        return position >= self._skip_before and position not in self._done

    def advance(self, offset: int) -> None:
        """Say that everything up to and including ``offset`` was read; call it after each Kafka record."""
        if self._cut_offset is not None and offset >= self._cut_offset:
            self.cut()
        self._next = (offset + 1, 0)

    def announce_cut(self) -> Progress:
        """Decide to close what is open before the next offset; returns what must be durable before `cut`.

        Lines that come in meanwhile already belong to the time after the cut.
        """
        self._cut_before_announcing = self._cut_offset
        self._cut_offset = self.next_offset
        return self.progress()

    def withdraw_cut(self) -> None:
        """Take an announced cut back: it could not be made durable, so it must not happen."""
        self._cut_offset = self._cut_before_announcing

    def cut(self) -> None:
        """Close everything that is open, unless a line behind the announced cut has done so already."""
        if self._cut_offset is None:
            return
        self._cut_offset = None
        for statement in self._queue:
            statement.closed = True
        self._current.clear()

    def take(self) -> list[Activity]:
        """Return the statements that are complete, in the order of their first lines."""
        out: list[Activity] = []
        queue = self._queue
        while queue and (queue[0].closed or self._is_stale(queue[0])):
            statement = queue.popleft()
            self._forget(statement)
            # Its first line lies before all that wait, so before what a successor reads.
            if len(statement.lines) > 1:
                self._done.update(statement.lines[1:])
            out.append(statement.activity)
        if len(self._done) > self._most_done:
            safe = self._safe()
            self._done = {line for line in self._done if line >= safe}
            self._most_done = max(_LEAST_TO_FORGET, 2 * len(self._done))
        self.absorbed.clear()
        return out

    def progress(self) -> Progress:
        """Return what a restart must know once everything taken so far is durable."""
        offset, index = self._safe()
        head = self._queue[0] if self._queue else None
        return Progress(
            offset=offset,
            index=index,
            watermark_ms=head.watermark_before_ms if head else self.watermark_ms,
            done=tuple(sorted(line for line in self._done if line >= (offset, index))),
            cut_offset=self._cut_offset,
        )

    def _safe(self) -> Position:
        if self._queue:
            return self._queue[0].first
        return max(self._next, self._skip_before)

    def _manner_of(self, source: str) -> Manner:
        manner = self._manners.get(source)
        if manner is None:
            manner = self._manners[source] = manner_of(source, self.config)
        return manner

    def _join_or_open(self, activity: Activity, manner: Manner, position: Position, watermark_before_ms: int) -> bool:
        own = (activity.session if manner.is_sequential else None) or activity.statement_key
        slot = (manner.product, activity.instance, own)
        current = self._current.get(slot)
        if current is not None and current.is_followed_by(activity):
            current.closed = True
            current = None
        if current is not None and self._is_over(current):
            current = self._living(current)
        if current is not None:
            inside = current.inner[-1] if current.inner else None
            # What came last is nearest: a plan that waits beside the statement goes before it.
            is_named = activity.statement_key == current.activity.statement_key
            if inside is not None and not is_named and inside.takes(activity):
                current.inner.pop()
                self._close(current)
                self._current[slot] = inside
                self._join(inside, activity, position)
                return True
            if current.takes(activity):
                self._join(current, activity, position)
                return True
        opened = Waiting(activity, position, watermark_before_ms, slot, manner)
        self._enter(opened)
        if current is not None and activity.part == PLAN and current.may_contain:
            current.inner.append(opened)
            return False
        if current is not None:
            self._close(current)
        if not opened.closed:
            self._current[slot] = opened
        return False

    def _enter(self, opened: Waiting) -> None:
        opened.last_watermark_ms = self.watermark_ms
        self._queue.append(opened)
        if opened.activity.time_borrowed:
            self._untimed.append(opened)

    def _join(self, statement: Waiting, activity: Activity, position: Position) -> None:
        for inside in statement.inner:
            statement.absorb(inside)
            self._queue.remove(inside)
            self.merged += 1
        statement.join(activity, position)
        self.absorbed += [(inside.activity.origin, statement.activity.statement_key) for inside in statement.inner]
        statement.inner.clear()
        self._touch(statement, position)
        if not statement.closed and statement.has_ended and not activity.time_borrowed:
            self._ended.add(statement, activity.time_ms)
        self.merged += 1

    def _living(self, statement: Waiting) -> Waiting | None:
        """Return the statement if it may still take records in, else what waits beside it and may."""
        living: Waiting | None = statement
        while living is not None and self._is_over(living):
            living.closed = True
            living = self._succeed(living)
        return living

    def _succeed(self, statement: Waiting) -> Waiting | None:
        """Put the last of the plans beside a statement in its place: nobody can tell any more that it was inside.

        This is also what reading finds after a restart that the statement's own lines do not survive.
        """
        successor = statement.inner.pop() if statement.inner else None
        self._close(statement)
        if successor is not None:
            self._current[statement.slot] = successor
        return successor

    def _close(self, statement: Waiting) -> None:
        statement.closed = True
        for inside in statement.inner:
            inside.closed = True
        statement.inner.clear()

    def _date(self) -> None:
        for statement in self._untimed:
            statement.last_watermark_ms = self.watermark_ms
        self._untimed.clear()

    def _touch(self, statement: Waiting, position: Position) -> None:
        statement.last_offset = position[0]
        statement.last_watermark_ms = self.watermark_ms

    def _is_over(self, statement: Waiting) -> bool:
        """Whether a statement may not take records in any more."""
        return statement.closed or self._is_stale(statement) or statement.is_full

    def _is_stale(self, statement: Waiting) -> bool:
        return (
            self._next[0] - statement.last_offset > statement.gap_records
            or self.watermark_ms - statement.last_watermark_ms > statement.gap_ms
        )

    def _forget(self, statement: Waiting) -> None:
        statement.closed = True
        if self._current.get(statement.slot) is statement and self._succeed(statement) is None:
            del self._current[statement.slot]
