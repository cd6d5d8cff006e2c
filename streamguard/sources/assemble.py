"""Joins the audit records of one statement into one activity, as a pure function of one origin partition's log.

pgaudit writes one line per relation and sub-statement, each with the full row count: a sum would count a join
twice. So the lines of a statement are merged (largest row count, union of the tables), which means waiting
until no further line can come. The wait is bounded in records and in event time, both read from the log itself.
`streamguard.sources.openstatements` says when, and `streamguard.sources.waiting` which records are of one statement.

Statements leave in the order of their first lines. That makes the position of the first line an identity that
only ever grows, and a replay recognisable downstream by one number per origin partition. It also means that a
restart needs to know very little, the `Progress`: where to read from, and which of the lines behind that point
had already left with an older statement.

Waiting for the bound would never end on a partition that falls silent. A *cut* closes what is open at a given
offset. Whoever cuts must make the cut durable (`Progress.cut_offset`) before anything of it leaves, because a
cut is the one decision here that the log does not imply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.sources.manners import AssemblyConfig
from streamguard.sources.merging import merge
from streamguard.sources.openstatements import OpenStatements
from streamguard.sources.progress import Position, Progress
from streamguard.sources.waiting import MAX_LINES

if TYPE_CHECKING:
    from streamguard.activity import Activity, Origin
    from streamguard.sources.timed import Timed

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
        start = progress or Progress()
        self._open = OpenStatements(config or AssemblyConfig(), start.watermark_ms)
        self._next: Position = (start.offset, start.index)
        self._skip_before: Position = self._next
        self._done: set[Position] = set(start.done)
        self._most_done = _LEAST_TO_FORGET
        self._cut_offset = start.cut_offset
        self._cut_before_announcing = start.cut_offset

    @property
    def watermark_ms(self) -> int:
        """Largest event time fed so far."""
        return self._open.watermark_ms

    @property
    def merged(self) -> int:
        """Lines that joined an already open statement, so far."""
        return self._open.merged

    @property
    def absorbed(self) -> list[tuple[Origin, str]]:
        """Origins of lines that opened a statement and turned out to be of another one, whose key stands beside them.

        Since the last `take`, in which they are missing.
        """
        return self._open.absorbed

    @property
    def held(self) -> int:
        """How many statements wait for further lines, or to be taken."""
        return len(self._open)

    @property
    def is_waiting(self) -> bool:
        """Whether a statement waits for further lines."""
        return len(self._open) > 0

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
        self._reach(offset, index)
        statements, position = self._open, (offset, index)
        manner, watermark_before_ms = statements.manner_of(activity.source), statements.watermark_ms
        if not activity.time_borrowed:
            statements.reach_time((manner.product, activity.instance), activity.time_ms)
        return self._is_new(position) and statements.add(activity, manner, position, watermark_before_ms)

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
        self._reach(timed.offset, 0)
        statements, position = self._open, (timed.offset, 0)
        manner, watermark_before_ms = statements.manner_of(timed.source), statements.watermark_ms
        statements.reach_time((manner.product, timed.instance), timed.time_ms)
        return self._is_new(position) and statements.add_timed(timed, manner, position, watermark_before_ms)

    def _reach(self, offset: int, index: int) -> None:
        if self._cut_offset is not None and offset >= self._cut_offset:
            self.cut()
        self._next = (offset, index + 1)
        self._open.reach(offset)

    def _is_new(self, position: Position) -> bool:
        return position >= self._skip_before and position not in self._done

    def advance(self, offset: int) -> None:
        """Say that everything up to and including ``offset`` was read; call it after each Kafka record."""
        if self._cut_offset is not None and offset >= self._cut_offset:
            self.cut()
        self._next = (offset + 1, 0)
        self._open.reach(offset + 1)

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
        self._open.close_all()

    def take(self) -> list[Activity]:
        """Return the statements that are complete, in the order of their first lines."""
        out: list[Activity] = []
        statement = self._open.pop()
        while statement is not None:
            # Its first line lies before all that wait, so before what a successor reads.
            if len(statement.lines) > 1:
                self._done.update(statement.lines[1:])
            out.append(statement.activity)
            statement = self._open.pop()
        if len(self._done) > self._most_done:
            safe = self._safe()
            self._done = {line for line in self._done if line >= safe}
            self._most_done = max(_LEAST_TO_FORGET, 2 * len(self._done))
        self._open.absorbed.clear()
        return out

    def progress(self) -> Progress:
        """Return what a restart must know once everything taken so far is durable."""
        offset, index = self._safe()
        oldest = self._open.oldest
        return Progress(
            offset=offset,
            index=index,
            watermark_ms=self.watermark_ms if oldest is None else oldest.watermark_before_ms,
            done=tuple(sorted(line for line in self._done if line >= (offset, index))),
            cut_offset=self._cut_offset,
        )

    def _safe(self) -> Position:
        oldest = self._open.oldest
        return max(self._next, self._skip_before) if oldest is None else oldest.first
