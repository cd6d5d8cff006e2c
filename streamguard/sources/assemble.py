"""Joins the audit records of one statement into one activity, as a pure function of one origin partition's log.

pgaudit writes one line per relation and sub-statement, each with the full row count: a sum would count a join
twice. So the lines of a statement are merged (largest row count, union of the tables), which means waiting
until no further line can come. The wait is bounded in records and in event time, both read from the log itself.

Statements leave in the order of their first lines. That makes the position of the first line an identity that
only ever grows, and a replay recognisable downstream by one number per origin partition. It also means that a
restart needs to know very little, the `Progress`: where to read from, and which of the lines behind that point
had already left with an older statement.

Waiting for the bound would never end on a partition that falls silent. A *cut* closes what is open at a given
offset. Whoever cuts must make the cut durable (`Progress.cut_offset`) before anything of it leaves, because a
cut is the one decision here that the log does not imply.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from streamguard.activity import Activity, RowsQuality

if TYPE_CHECKING:
    from collections.abc import Iterable

Position: TypeAlias = tuple[int, int]
"""(offset, index): where a line stands in its partition, within one epoch."""

MAX_LINES = 4_096
"""Lines that one statement may take in (a function can run thousands of queries); the next line begins another."""

_QUALITY_ORDER = {
    quality: rank
    for rank, quality in enumerate(
        [
            RowsQuality.UNBOUNDED,  # one uncounted way out makes the whole statement uncounted
            RowsQuality.UNKNOWN,
            RowsQuality.LOWER_BOUND,
            RowsQuality.ESTIMATE,
            RowsQuality.AFFECTED,
            RowsQuality.PRODUCED,
            RowsQuality.EXACT,
        ]
    )
}


class AssemblyConfig(msgspec.Struct, frozen=True):
    """How long a statement may wait for further lines.

    Parameters
    ----------
    gap_records
        Records of the same partition between two lines of a statement, at most.
    gap_ms
        Event time that may pass on the partition between two lines of a statement, at most.
    """

    gap_records: int = 1_000
    gap_ms: int = 1_000


class Progress(msgspec.Struct, frozen=True, array_like=True):
    """What a restart must know to go on as if nothing had happened. Small: it travels in the offset commit.

    Parameters
    ----------
    offset, index
        First line that is not accounted for. Reading resumes at ``offset``; lines before ``index`` are done.
    watermark_ms
        Largest event time of all lines before that position.
    done
        Lines at or after that position which left with a statement begun before it.
    cut_offset
        A cut that was decided and may or may not have been carried out: everything open closes before this offset.
    """

    offset: int = 0
    index: int = 0
    watermark_ms: int = 0
    done: tuple[Position, ...] = ()
    cut_offset: int | None = None


class _Open:
    """A statement some of whose lines have been read."""

    __slots__ = (
        "activity",
        "closed",
        "first",
        "last_offset",
        "last_watermark_ms",
        "lines",
        "watermark_before_ms",
    )

    def __init__(self, activity: Activity, first: Position, watermark_before_ms: int) -> None:
        self.activity = activity
        self.first = first
        self.watermark_before_ms = watermark_before_ms
        self.lines: list[Position] = [first]
        self.last_offset = first[0]
        self.last_watermark_ms = 0
        self.closed = activity.complete


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
        self._cut_offset = start.cut_offset
        self._cut_before_announcing = start.cut_offset
        self._queue: deque[_Open] = deque()
        self._by_session: dict[tuple[str | None, str], _Open] = {}
        self.merged = 0
        """Lines that joined an already open statement, so far."""

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
        position = activity.origin.position
        offset, index = position
        if self._cut_offset is not None and offset >= self._cut_offset:
            self.cut()
        self._next = (offset, index + 1)
        watermark_before_ms = self.watermark_ms
        self.watermark_ms = max(watermark_before_ms, activity.time_ms)
        if position < self._skip_before or position in self._done:
            return False
        return self._join_or_open(activity, position, watermark_before_ms)

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
        self._by_session.clear()

    def take(self) -> list[Activity]:
        """Return the statements that are complete, in the order of their first lines."""
        out: list[Activity] = []
        queue = self._queue
        while queue and (queue[0].closed or self._is_stale(queue[0])):
            statement = queue.popleft()
            self._forget(statement)
            self._done.update(statement.lines)
            out.append(statement.activity)
        if out and self._done:
            safe = self._safe()
            self._done = {line for line in self._done if line >= safe}
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

    def _join_or_open(self, activity: Activity, position: Position, watermark_before_ms: int) -> bool:
        session = _session(activity)
        current = self._by_session.get(session)
        if current is not None:
            if (
                not current.closed
                and current.activity.statement_key == activity.statement_key
                and not self._is_stale(current)
                and len(current.lines) < MAX_LINES
            ):
                current.activity = merge(current.activity, activity)
                current.lines.append(position)
                self._touch(current, position)
                self.merged += 1
                return True
            current.closed = True
        opened = _Open(activity, position, watermark_before_ms)
        self._touch(opened, position)
        self._queue.append(opened)
        if not opened.closed:
            self._by_session[session] = opened
        return False

    def _touch(self, statement: _Open, position: Position) -> None:
        statement.last_offset = position[0]
        statement.last_watermark_ms = self.watermark_ms

    def _is_stale(self, statement: _Open) -> bool:
        return (
            self._next[0] - statement.last_offset > self.config.gap_records
            or self.watermark_ms - statement.last_watermark_ms > self.config.gap_ms
        )

    def _forget(self, statement: _Open) -> None:
        session = _session(statement.activity)
        if self._by_session.get(session) is statement:
            del self._by_session[session]


def _session(activity: Activity) -> tuple[str | None, str]:
    return activity.instance, activity.session or activity.statement_key


def merge(first: Activity, later: Activity) -> Activity:
    """Join a further line of the same statement: the largest row count, the union of what was touched.

    A line that counts nothing (``rows`` None) never hides a line that counts.
    """
    rows, quality = _merge_rows(first, later)
    return msgspec.structs.replace(
        first,
        tables=_union(first.tables, later.tables),
        columns=_union(first.columns, later.columns),
        columns_known=first.columns_known and later.columns_known,
        export=first.export or later.export,
        statement=first.statement or later.statement,
        fingerprint=first.fingerprint or later.fingerprint,
        rows=rows,
        rows_quality=quality,
        bytes=_largest(first.bytes, later.bytes),
        duration_ms=max((d for d in (first.duration_ms, later.duration_ms) if d is not None), default=None),
        error=first.error or later.error,
        records=first.records + later.records,
        produced_ms=_largest(first.produced_ms, later.produced_ms),
    )


def _merge_rows(first: Activity, later: Activity) -> tuple[int | None, RowsQuality]:
    if first.rows is None and later.rows is None:
        return None, min((first.rows_quality, later.rows_quality), key=_QUALITY_ORDER.__getitem__)
    # COPY (query) logs the query with its true count and the COPY without one: the line that counts is right.
    best = max(
        (a for a in (first, later) if a.rows is not None),
        key=lambda a: (a.rows or 0, _QUALITY_ORDER[a.rows_quality]),
    )
    return best.rows, best.rows_quality


def _largest(a: int | None, b: int | None) -> int | None:
    if a is None or b is None:
        return b if a is None else a
    return max(a, b)


def _union(a: tuple[str, ...], b: Iterable[str]) -> tuple[str, ...]:
    return a + tuple(item for item in b if item not in a)
