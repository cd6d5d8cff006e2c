"""Reads the topic of identities into the directory's history, and knows up to when that history is complete.

No consumer group joins here: every worker reads all of the topic, one partition, in order. It is read when somebody
asks (`IdentityLog.close`), so an audit record is never seen before the changes that were on Kafka when it came.

*Complete up to a moment* means: every change with an earlier Kafka time has been read. After a look at the topic's
end, which began at a time by this worker's clock, whatever comes later carries a later time, if the brokers' clock is
not further behind than `clock_skew_ms` (the topic's times are the broker's: ``message.timestamp.type=LogAppendTime``).
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from streamguard.activity import Origin, RawRecord, Rejected
from streamguard.exposure.identityrecord import Wrong, read_change
from streamguard.stream.deadletter import letter
from streamguard.stream.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from streamguard.exposure import DirectoryHistory
    from streamguard.metrics import Metrics
    from streamguard.stream.config import Connection

MAX_AHEAD_SECONDS = 0.5
"""Audit records are waited for whose time lies ahead of our clock by no more than this; beyond, their clock is wrong.
All partitions wait with them, so it is short."""
_STALL_SECONDS = 30.0
_POLL_MS = 200
_FETCH_WAIT_MS = 5
"""Looks at the end travel behind fetches on one connection, and must not wait for them."""

_log = structlog.get_logger("streamguard.identities")


class IdentitiesError(Exception):
    """The topic of identities cannot be followed; the worker must start again."""


async def check_partitions(writer: Writer, topic: str) -> None:
    """Refuse a topic of identities that has no single order.

    Raises
    ------
    IdentitiesError
        With what to do.
    """
    count = await writer.partitions(topic)
    if count != 1:
        raise IdentitiesError(
            f"topic {topic} has {count} partitions, and changes of the directory count in the order of one: create it "
            "anew with one partition (`streamguard topics --create` does), then publish again"
        )


class IdentityLog:
    """Follows the topic of identities.

    Parameters
    ----------
    connection
        How to reach Kafka.
    topic
        Of identities, with one partition.
    history
        Where changes go.
    metrics
        Where to count.
    group
        Consumer group that remembers up to where bad records have become dead letters; None: they become none.
    deadletter_topic
        Where they go.
    clock_skew_ms
        By how much the brokers' clock may be behind this worker's.
    """

    def __init__(
        self,
        connection: Connection,
        topic: str,
        history: DirectoryHistory,
        metrics: Metrics,
        *,
        group: str | None = None,
        deadletter_topic: str = "",
        clock_skew_ms: int = 100,
    ) -> None:
        self.topic = topic
        self.history = history
        self.closed_ms = 0
        """Every change with a Kafka time before this moment has been read."""
        self._tp = TopicPartition(topic, 0)
        self._group = group
        self._deadletter_topic = deadletter_topic
        self._metrics = metrics
        self._clock_skew_ms = clock_skew_ms
        self._lock = asyncio.Lock()
        self._next = 0
        self._letters_from = 0
        self._writer = Writer(connection.aiokafka(), None)
        self._writes = False
        self._consumer = AIOKafkaConsumer(
            **connection.aiokafka(),
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=_FETCH_WAIT_MS,
        )

    async def start(self) -> None:
        """Read the topic to its present end.

        Raises
        ------
        IdentitiesError
            If it cannot be read.
        """
        await self._consumer.start()
        self._consumer.assign([self._tp])
        if self._group is not None:
            self._letters_from = await self._consumer.committed(self._tp) or 0
        self._next = (await self._consumer.beginning_offsets([self._tp]))[self._tp]
        self._consumer.seek(self._tp, self._next)
        self._consumer.pause(self._tp)
        await self.look()
        _log.info("identities_read", employees=len(self.history.changed_people), records=self._next)

    async def stop(self) -> None:
        """Stop reading."""
        await self._consumer.stop()
        if self._writes:
            await self._writer.stop()

    async def close(self, moment_ms: int) -> int:
        """Read on until no change can come any more that an audit record of a moment would have to see.

        It waits until the moment has passed by this worker's clock, and the allowance for the broker's; but not for a
        moment too far ahead.

        Parameters
        ----------
        moment_ms
            Kafka time of the audit record.

        Returns
        -------
        int
            The moment before which the history is complete now: later than ``moment_ms``, unless that is ahead of
            the clocks.
        """
        if moment_ms < self.closed_ms:
            return self.closed_ms
        # One millisecond to be past it, and one that sleeping may be short of.
        ahead_seconds = (moment_ms + 2) / 1000 - time.time()
        if ahead_seconds <= MAX_AHEAD_SECONDS:
            await asyncio.sleep(max(0.0, ahead_seconds + self._clock_skew_ms / 1000))
        await self.look()
        return self.closed_ms

    async def reach(self, offset: int) -> None:
        """Read on until the record at an offset was taken in, which is on the topic."""
        if self.history.next_offset <= offset:
            await self.look()

    async def look(self) -> None:
        """Read everything that is on the topic now.

        Raises
        ------
        IdentitiesError
            If it cannot be read, or is another topic of the same name.
        """
        async with self._lock:
            began_ms = int(time.time() * 1000)
            end = (await self._consumer.end_offsets([self._tp]))[self._tp]
            if end < self._next:
                raise IdentitiesError(f"topic {self._tp.topic} was deleted and created anew: start again to read it")
            if end > self._next:
                # Fetched only when there is something: nothing runs between two looks.
                self._consumer.resume(self._tp)
                await self._read_to(end)
                self._consumer.pause(self._tp)
            self.closed_ms = max(self.closed_ms, began_ms - self._clock_skew_ms)
            self._metrics.lag({(self._tp.topic, 0): 0})

    async def _read_to(self, end: int) -> None:
        moved_at = time.monotonic()
        while self._next < end:
            found = await self._consumer.getmany(self._tp, timeout_ms=_POLL_MS)
            await self._take_in(found.get(self._tp, ()))
            position = await self._consumer.position(self._tp)
            if position > self._next:
                self._next, moved_at = position, time.monotonic()
            elif time.monotonic() - moved_at > _STALL_SECONDS:
                raise IdentitiesError(f"topic {self._tp.topic} cannot be read further than to offset {self._next}")
        self.history.advance(self._next)
        if self._group is not None and self._next > self._letters_from:
            # Bad records up to here are dead letters: whoever starts next need not write them again.
            await self._consumer.commit({self._tp: self._next})
            self._letters_from = self._next

    async def _take_in(self, records: Sequence[Any]) -> None:
        bad = []
        for record in records:
            change = read_change(record.key, record.value)
            if isinstance(change, Wrong):
                bad.append((record, change))
                continue
            if self.closed_ms and 0 <= record.timestamp < self.closed_ms and record.offset >= self.history.next_offset:
                _log.warning("identity_came_late", late_ms=self.closed_ms - record.timestamp, offset=record.offset)
            self.history.apply(record.offset, record.timestamp, change.employee_id, change.person)
        await self._write_letters(bad)

    async def _write_letters(self, bad: Iterable[tuple[Any, Wrong]]) -> None:
        for record, wrong in bad:
            if record.offset < self._letters_from:
                continue
            self._metrics.rejected(wrong.reason)
            _log.warning("identity_rejected", reason=wrong.reason, detail=wrong.detail, offset=record.offset)
            if self._group is None:
                continue
            origin = Origin(record.topic, record.partition, 0, record.offset, 0)
            raw = RawRecord(record.topic, record.partition, 0, record.offset, record.timestamp, record.value or b"")
            out = letter(Rejected(origin, wrong.reason, wrong.detail), raw)
            if not self._writes:
                await self._writer.start()
                self._writes = True
            partition = await self._writer.partition_for(self._deadletter_topic, out.key or b"")
            await self._writer.write(self._deadletter_topic, partition, [out])
