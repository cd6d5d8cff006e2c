"""Reads the ledger's topic into a store: no consumer group, for the store itself says where it stands."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streamguard.ledger import BlockError, decode, encode_purge
from streamguard.metrics import RoleHealth
from streamguard.stream.resume import Break, Committed, resume_at
from streamguard.stream.writer import Outgoing, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from streamguard.ledger import LedgerWriter, Purge
    from streamguard.metrics import Metrics
    from streamguard.stream.config import Connection

COMMIT_EXPOSURES = 100_000
"""That are taken in before a commit, at most: some 300 MB."""
POLL_BYTES = 8 * 1024 * 1024
_POLL_MS = 200
_DAY_MS = 86_400_000

_log = structlog.get_logger("streamguard.ledger")


class KeeperError(Exception):
    """The ledger's topic cannot be read or written now; the message says why. Nothing is lost by starting again."""


class LedgerKeeper:
    """Follows the topic and commits to the store, every few seconds and whenever much has come.

    Parameters
    ----------
    connection, topic
        Where the blocks are.
    store
        Open for writing.
    metrics
        Where to count.
    commit_seconds
        Between two commits.
    retention_days
        Older event days are forgotten, by the later of the clock and of the newest event.
    sealed_days
        Sealed statement texts of older event days are forgotten.
    topic_id
        Kafka's identity of the topic; empty where the broker knows none.
    """

    def __init__(
        self,
        connection: Connection,
        topic: str,
        store: LedgerWriter,
        metrics: Metrics,
        *,
        commit_seconds: float,
        retention_days: int,
        sealed_days: int,
        topic_id: str = "",
    ) -> None:
        self.health = RoleHealth()
        self._connection = connection
        self._topic = topic
        self._store = store
        self._metrics = metrics
        self._commit_seconds = commit_seconds
        self._retention_ms = retention_days * _DAY_MS
        self._sealed_ms = sealed_days * _DAY_MS
        self._topic_id = topic_id
        self._stopped = False
        self._positions: dict[TopicPartition, int] = {}
        self._ends: dict[TopicPartition, int] = {}

    def stop(self) -> None:
        """Ask to commit and end."""
        self._stopped = True

    async def run(self, *, once: bool = False, progress: Callable[[int, int], None] = lambda _done, _all: None) -> None:
        """Read on until stopped, or, once, until everything was taken in that the topic holds now.

        Parameters
        ----------
        progress
            Told after each fetch how many records of the topic were read, and how many there are to read.

        Raises
        ------
        LedgerError
            If the store cannot be written.
        KeeperError
            If Kafka does not answer.
        """
        try:
            await self._run(once=once, progress=progress)
        except KafkaError as error:
            raise KeeperError(f"cannot read {self._topic}: {error}") from error

    async def _run(self, *, once: bool, progress: Callable[[int, int], None]) -> None:
        partitions = await self._partitions()
        consumer = AIOKafkaConsumer(
            **self._connection.aiokafka(),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_bytes=POLL_BYTES,
        )
        await consumer.start()
        try:
            await self._seek(consumer, [TopicPartition(self._topic, number) for number in range(partitions)])
            await self._follow(consumer, once=once, progress=progress)
        finally:
            await consumer.stop()

    async def _partitions(self) -> int:
        writer = Writer(self._connection.aiokafka(), None)
        await writer.start()
        try:
            return await writer.partitions(self._topic)
        finally:
            await writer.stop()

    async def _seek(self, consumer: AIOKafkaConsumer, tps: list[TopicPartition]) -> None:
        self._store.begin(self._topic_id)
        consumer.assign(tps)
        beginnings, self._ends = await consumer.beginning_offsets(tps), await consumer.end_offsets(tps)
        for tp in tps:
            known = self._store.position(tp.partition)
            committed = None if known is None else Committed(known, "")
            resume = resume_at(committed, beginnings[tp], self._ends[tp])
            if resume.broken is not None:
                # Created anew: its exposures are recognised by origin. Truncated: they are older than the retention.
                lost = resume.lost_records if resume.broken is Break.TRUNCATED else 0
                self._metrics.log_broken(self._topic, resume.broken.value, lost)
            consumer.seek(tp, resume.offset)
            self._positions[tp] = resume.offset
        self.health.assigned_partitions, self.health.recovered = len(tps), True

    async def _follow(self, consumer: AIOKafkaConsumer, *, once: bool, progress: Callable[[int, int], None]) -> None:
        committed_at = time.monotonic()
        wanted, done = dict(self._ends), 0
        while not self._stopped:
            found = await consumer.getmany(timeout_ms=_POLL_MS)
            done += sum(map(len, found.values()))
            for tp, records in found.items():
                self._take(tp, records)
            self._observe(consumer)
            progress(done, done + self._lag())
            is_over = once and all(position >= wanted[tp] for tp, position in self._positions.items())
            waited = time.monotonic() - committed_at >= self._commit_seconds
            if is_over or waited or self._store.pending >= COMMIT_EXPOSURES:
                await self._commit()
                committed_at = time.monotonic()
            if is_over:
                return
        await self._commit()

    def _take(self, tp: TopicPartition, records: Iterable[Any]) -> None:
        for record in records:
            try:
                found = decode(record.value or b"")
            except BlockError as error:
                self._metrics.rejected("not_a_ledger_block")
                _log.warning("ledger_record_passed_over", partition=tp.partition, offset=record.offset, why=str(error))
                found = None
            self._store.take(tp.partition, record.offset + 1, found)
            self._positions[tp] = record.offset + 1

    def _observe(self, consumer: AIOKafkaConsumer) -> None:
        for tp in self._positions:
            self._ends[tp] = max(self._ends[tp], consumer.highwater(tp) or 0)
        self._metrics.lag({(tp.topic, tp.partition): self._ends[tp] - at for tp, at in self._positions.items()})
        self.health.lag_records = self._lag()

    def _lag(self) -> int:
        return sum(max(0, self._ends[tp] - position) for tp, position in self._positions.items())

    async def _commit(self) -> None:
        told = self._store.manifest
        now_ms = max(int(time.time() * 1000), max(told.newest_ms.values(), default=0))
        self._store.retire(now_ms - self._retention_ms)
        self._store.retire_sealed(now_ms - self._sealed_ms)
        started = time.monotonic()
        # In a thread: Kafka's connections must be kept alive meanwhile.
        commit = await asyncio.to_thread(self._store.commit, caught_up=self._lag() == 0)
        self._metrics.ledger_committed(commit, told.complete_until_ms, time.monotonic() - started)
        if commit.taken or commit.forgotten:
            _log.info("ledger_committed", taken=commit.taken, known=commit.known, forgotten=commit.forgotten)


async def write_purges(connection: Connection, topic: str, purges: Iterable[Purge]) -> int:
    """Write purges to every partition of the topic, so that each one's retention keeps them as long as its blocks.

    Returns
    -------
    int
        How many records were written, all acknowledged.

    Raises
    ------
    KeeperError
        If Kafka does not take them.
    """
    writer = Writer(connection.aiokafka(), None)
    await writer.start()
    try:
        records = [Outgoing(None, encode_purge(purge)) for purge in purges]
        count = await writer.partitions(topic)
        await writer.write_all({(topic, partition): records for partition in range(count)})
        return count * len(records)
    except KafkaError as error:
        raise KeeperError(f"cannot write to {topic}: {error}") from error
    finally:
        await writer.stop()
