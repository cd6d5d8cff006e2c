"""The statements of one origin partition that wait for further lines, and which of them a line is of.

A statement is open from its first line until it is closed: by a line that says so, by its session's next statement, by
the clock of its server once it has ended (`streamguard.sources.ended`), or because nothing more can come within the
bounds of the wait, in records and in event time.

A plan whose text is not that of the statement its session runs may be of one inside it (a function, a DO block) or of
the next one. It waits beside it until the session's next record tells. If it was inside, the two become one, and no
activity has the plan's origin.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from streamguard.sources.ended import Ended
from streamguard.sources.manners import manner_of
from streamguard.sources.parts import PLAN
from streamguard.sources.waiting import Waiting

if TYPE_CHECKING:
    from streamguard.activity import Activity, Origin
    from streamguard.sources.ended import Server
    from streamguard.sources.manners import AssemblyConfig, Manner
    from streamguard.sources.progress import Position
    from streamguard.sources.timed import Timed
    from streamguard.sources.waiting import Slot


class OpenStatements:
    """Takes lines in, in the order of the log, and gives statements out in the order of their first lines.

    Parameters
    ----------
    config
        The bounds of the wait.
    watermark_ms
        Largest event time of the log so far.
    """

    def __init__(self, config: AssemblyConfig, watermark_ms: int) -> None:
        self._config = config
        self.watermark_ms = watermark_ms
        """Largest event time so far."""
        self.merged = 0
        """Lines that joined an already open statement, so far."""
        self.absorbed: list[tuple[Origin, str]] = []
        """Origins of lines that opened a statement and turned out to be of another, whose key stands beside them."""
        self._offset = 0
        self._queue: deque[Waiting] = deque()
        self._untimed: deque[Waiting] = deque(maxlen=config.gap_records)
        """Statements begun with a borrowed time: their wait begins with the log's next own time."""
        self._current: dict[Slot, Waiting] = {}
        self._ended = Ended(2 * config.gap_records)
        self._manners: dict[str, Manner] = {}

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def oldest(self) -> Waiting | None:
        """The statement that leaves next."""
        return self._queue[0] if self._queue else None

    def manner_of(self, source: str) -> Manner:
        """Return how the records of a source come."""
        manner = self._manners.get(source)
        if manner is None:
            manner = self._manners[source] = manner_of(source, self._config)
        return manner

    def reach(self, offset: int) -> None:
        """Note how far the log was read: the bounds of the wait are counted from there."""
        self._offset = offset

    def reach_time(self, server: Server, time_ms: int) -> None:
        """Note a line's own time, whatever it is of."""
        self._ended.close_before(server, time_ms)
        self.watermark_ms = max(self.watermark_ms, time_ms)
        for statement in self._untimed:
            statement.last_watermark_ms = self.watermark_ms
        self._untimed.clear()

    def add(self, activity: Activity, manner: Manner, position: Position, watermark_before_ms: int) -> bool:
        """Join a line to the statement that it is of, or open one; returns whether it joined one."""
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
                _close(current)
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
            _close(current)
        if not opened.closed:
            self._current[slot] = opened
        return False

    def add_timed(self, timed: Timed, manner: Manner, position: Position, watermark_before_ms: int) -> bool:
        """Do what `add` does with the activity, mostly without making one."""
        if timed.session is not None and manner.is_sequential:
            statement = self._current.get((manner.product, timed.instance, timed.session))
            if statement is not None and not self._is_over(statement) and statement.takes_timed(timed):
                statement.join_timed(timed, position)
                self._touch(statement, position)
                self.merged += 1
                return True
        return self.add(timed.activity(), manner, position, watermark_before_ms)

    def close_all(self) -> None:
        """Close everything that is open."""
        for statement in self._queue:
            statement.closed = True
        self._current.clear()

    def pop(self) -> Waiting | None:
        """Take out the oldest statement if it is complete."""
        queue = self._queue
        if not queue or not (queue[0].closed or self._is_stale(queue[0])):
            return None
        statement = queue.popleft()
        statement.closed = True
        if self._current.get(statement.slot) is statement and self._succeed(statement) is None:
            del self._current[statement.slot]
        return statement

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
        _close(statement)
        if successor is not None:
            self._current[statement.slot] = successor
        return successor

    def _touch(self, statement: Waiting, position: Position) -> None:
        statement.last_offset = position[0]
        statement.last_watermark_ms = self.watermark_ms

    def _is_over(self, statement: Waiting) -> bool:
        """Whether a statement may not take records in any more."""
        return statement.closed or self._is_stale(statement) or statement.is_full

    def _is_stale(self, statement: Waiting) -> bool:
        return (
            self._offset - statement.last_offset > statement.gap_records
            or self.watermark_ms - statement.last_watermark_ms > statement.gap_ms
        )


def _close(statement: Waiting) -> None:
    """Close a statement and the plans beside it."""
    statement.closed = True
    for inside in statement.inner:
        inside.closed = True
    statement.inner.clear()
