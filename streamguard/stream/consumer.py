"""Faust's consumer with exact accounting: nothing is committed but what an agent has declared durable.

Stock Faust 0.15.3 commits what its acks imply, and they imply too much: an exception acks the event, a failed
changelog write is a warning, partitions resume before they are sought (so that records are skipped or read twice),
and a commit carries no metadata. Here

* agents never ack; they declare (`ExactConsumer.declare_safe`) an offset and its metadata once everything before it
  is durable, and that pair is what gets committed;
* every run of records carries how often the consumer had sought when it was fetched, and where the fetch began, counted
  where it all happens, in the consumer's thread: agents drop what a seek made stale, and only that, and notice what
  Faust has thrown away;
* seeking reads the committed offset together with its metadata and the log's bounds, and tells the agents.

What is overridden or called here and is not public in Faust or aiokafka is listed, pinned and tested in
``tests/contracts/test_faust_internals.py``.
"""

from __future__ import annotations

from collections import defaultdict
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

import aiokafka.errors
import faust
from aiokafka.consumer.fetcher import FetchResult, PartitionRecords
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streamguard.stream.delivery import Fetched
from streamguard.stream.resume import Committed, Resume, resume_at

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence


class Safe(NamedTuple):
    """Everything before ``offset`` is durable; ``metadata`` is what a successor must know besides."""

    offset: int
    metadata: str = ""


class _NothingRead(defaultdict[TP, "int | None"]):
    """Faust's memory of read offsets, switched off: it drops records that a seek makes it read again."""

    def __init__(self) -> None:
        super().__init__(lambda: None)

    def __getitem__(self, tp: TP) -> int | None:
        return None


class _AsDecoded(PartitionRecords):  # type: ignore[misc]
    """Hands out records as they were decoded, straight from what decodes them.

    aiokafka copies each into a record that also knows its topic, its partition and sizes, which costs as much as to
    decode it, and nobody asks.
    """

    def __iter__(self) -> Iterator[Any]:
        decoding: Iterator[Any] = self._records_iterator
        return decoding

    @staticmethod
    def _consumer_record(_: TopicPartition, record: Any) -> Any:
        return record


def _spare_copies(fetched: Any) -> None:
    """Have the records of one fetch handed out as they were decoded.

    What comes in while a fetch is being waited for is copied; it has all the same.
    """
    if type(fetched) is FetchResult and type(fetched._partition_records) is PartitionRecords:  # noqa: SLF001
        fetched._partition_records.__class__ = _AsDecoded  # noqa: SLF001


class ExactThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """The thread that owns the aiokafka consumer."""

    seeks: int = 0

    async def resume(self) -> tuple[int, dict[TP, Resume]]:
        """Seek every assigned source partition to where its group left it.

        Returns
        -------
        tuple
            The number that valid runs carry from now on, and where each partition resumes.
        """
        found: tuple[int, dict[TP, Resume]] = await self.call_thread(self._resume)
        return found

    async def _resume(self) -> tuple[int, dict[TP, Resume]]:
        consumer = self._ensure_consumer()
        changelogs = self.app.tables.changelog_topics
        tps = [tp for tp in consumer.assignment() if tp.topic not in changelogs]
        if not tps:
            return self.seeks, {}
        committed = await consumer._coordinator.fetch_committed_offsets(tps)  # noqa: SLF001
        beginnings = await consumer.beginning_offsets(tps)
        ends = await consumer.end_offsets(tps)
        resumes = {}
        # No await from here on: a fetch comes back either before all of these seeks or after them.
        self.seeks += 1
        for tp in tps:
            known = committed.get(tp)
            resume = Resume(beginnings[tp])
            if known is not None:
                same = self.app.same_log_callback(tp, known.metadata)
                position = Committed(known.offset, known.metadata)
                resume = resume_at(position, beginnings[tp], ends[tp], is_same_log=same)
            consumer.seek(tp, resume.offset)
            resumes[TP(tp.topic, tp.partition)] = resume
        return self.seeks, resumes

    async def _fetch_records(self, consumer: Any, *args: Any, **kwargs: Any) -> Any:
        for fetched in consumer._fetcher._records.values():  # noqa: SLF001
            _spare_copies(fetched)
        records = await super()._fetch_records(consumer, *args, **kwargs)
        return {tp: Fetched(fetched, self.seeks, self._advance(tp, fetched)) for tp, fetched in records.items()}

    def _advance(self, tp: TopicPartition, fetched: Sequence[Any]) -> int:
        """Note that records were fetched; return from where on the log holds nothing else up to the last of them."""
        first: int = fetched[0].offset
        # After a reset of aiokafka's own, nobody has sought to where it began.
        begin = min(self._next.get(tp, first), first)
        self._next[tp] = fetched[-1].offset + 1
        return begin

    async def commit_safe(self, offsets: Mapping[TP, Safe]) -> bool:
        """Commit offsets with their metadata. False if the group moved on and the partitions are no longer ours."""
        done: bool = await self.call_thread(self._commit_safe, offsets)
        return done

    async def _commit_safe(self, offsets: Mapping[TP, Safe]) -> bool:
        consumer = self._ensure_consumer()
        try:
            await consumer.commit(
                {TopicPartition(tp.topic, tp.partition): OffsetAndMetadata(*safe) for tp, safe in offsets.items()}
            )
        except (aiokafka.errors.CommitFailedError, aiokafka.errors.IllegalStateError):
            return False
        return True

    def _create_worker_consumer(self, transport: Any) -> Any:
        # Faust writes fetch_max_wait_ms=1500 into the constructor call, so an idle partition would add that to the
        # latency of the busy ones. aiokafka hands the value to its fetcher at start, which comes after this.
        consumer = super()._create_worker_consumer(transport)
        self._next: dict[TopicPartition, int] = {}
        seek = consumer.seek

        def noted(tp: TopicPartition, offset: int) -> None:
            seek(tp, offset)
            self._next[TopicPartition(tp.topic, tp.partition)] = offset

        consumer.seek = noted
        consumer._fetch_max_wait_ms = self.app.fetch_max_wait_ms  # noqa: SLF001
        return consumer


class ExactConsumer(driver.Consumer):  # type: ignore[misc]
    """Commits declared offsets only, and delivers nothing that a seek will deliver again."""

    app: GuardApp

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._safe: dict[TP, Safe] = {}
        self._committed: dict[TP, Safe] = {}
        self._confirmed_at = 0.0
        self._read_offset = _NothingRead()

    def declare_safe(self, tp: TP, safe: Safe) -> None:
        """Declare everything before ``safe.offset`` durable; committed with the next commit."""
        self._safe[tp] = safe

    async def commit_now(self, tp: TP, safe: Safe) -> bool:
        """Commit one partition at once. False if the partition is no longer ours."""
        self._safe[tp] = safe
        return await self._commit({tp: safe.offset})

    async def confirm_membership(self) -> bool:
        """Make sure that the group counted us in less than half a session ago; ask it by a commit if in doubt.

        A worker that was stopped or cut off for longer may have been replaced. It must find out before it writes,
        not after. (What it still writes by a hair's breadth is void: see `streamguard.stream.changelog`.)
        """
        if monotonic() - self._confirmed_at < self.app.conf.broker_session_timeout / 2:
            return True
        return bool(self._safe) and await self._commit({tp: safe.offset for tp, safe in self._safe.items()})

    # -- commit: declared offsets instead of acks

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return (
            tp
            for tp, safe in list(self._safe.items())
            if safe != self._committed.get(tp) and (topics is None or tp in topics or tp.topic in topics)
        )

    def _new_offset(self, tp: TP) -> int | None:
        return self._safe[tp].offset

    def _should_commit(self, tp: TP, offset: int) -> bool:  # noqa: ARG002
        return True

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        # The pair as it is now, not the offset that was looked up some awaits ago: they must belong together.
        pairs = {tp: self._safe[tp] for tp in offsets if tp in self._safe}
        if not pairs or not await self._thread.commit_safe(pairs):
            return False
        self._committed.update(pairs)
        self._confirmed_at = monotonic()
        return True

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Holes in the log need no bookkeeping: only declared offsets count."""

    # -- delivery: nothing before the seek, nothing stale after it

    def on_buffer_full(self, tp: TP) -> None:
        """Go on with the partition although the agent is behind: its queue is one for all partitions, and bounded.

        Faust leaves the partition out until the queue is nearly empty, and sleeps a second when that leaves none: a
        worker with few partitions would stand still again and again while it works off a backlog.
        """

    def resume_partitions(self, tps: Iterable[TP]) -> None:
        """Resume fetching; of source partitions only after the seek that follows (Faust resumes first)."""
        wanted = set(tps)
        if any(not self._is_changelog_tp(tp) for tp in wanted):
            self.stop_flow()
        super().resume_partitions(wanted)

    async def perform_seek(self) -> None:
        """Seek source partitions to their resume points and hand those to the app. The caller resumes the flow."""
        self.stop_flow()
        await self.app.revoke_callback()
        self._forget()
        await self.app.prepare_callback()
        seeks, resumes = await self._thread.resume()
        self._confirmed_at = monotonic()
        await self.app.resume_callback(seeks, resumes)

    async def seek_again(self) -> None:
        """Seek everything to its committed position once more: a log changed under our hands."""
        await self.perform_seek()
        self.resume_flow()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Let the app finish what it is writing, commit what is safe, and forget the rest."""
        await self.app.revoke_callback()
        await self.commit()
        self._forget()
        await super().on_partitions_revoked(revoked)

    def _forget(self) -> None:
        self._safe.clear()
        self._committed.clear()

    def _new_consumer_thread(self) -> ExactThread:
        return ExactThread(self, loop=self.loop, beacon=self.beacon)


class ExactTransport(driver.Transport):  # type: ignore[misc]
    """Faust's Kafka transport with the exact consumer."""

    Consumer = ExactConsumer


class GuardApp(faust.App):  # type: ignore[misc]
    """A Faust app with the exact consumer and two callbacks for whoever keeps state per partition.

    Attributes
    ----------
    fetch_max_wait_ms
        How long the broker may hold a fetch back while there is nothing to read.
    revoke_callback
        Awaited before partitions go or are sought: finish what is being written, drop what is not.
    prepare_callback
        Awaited before source partitions are sought.
    same_log_callback
        Asked in the consumer's thread whether committed metadata belongs to the topic that now has the name.
    resume_callback
        Awaited with the number that valid runs carry from now on and each source partition's resume point.
    failed
        Set when the app cannot go on; `failure` says why. The process must end: nothing was acknowledged wrongly.
    """

    fetch_max_wait_ms: int = 50
    failed: asyncio.Event
    failure: BaseException | None = None
    resume_callback: Callable[[int, dict[TP, Resume]], Awaitable[None]]
    revoke_callback: Callable[[], Awaitable[None]]
    prepare_callback: Callable[[], Awaitable[None]]
    same_log_callback: Callable[[TP, str], bool]

    async def crash(self, reason: BaseException) -> None:
        """Note the failure for the worker and stop."""
        self.failure = self.failure or reason
        await super().crash(reason)
        self.failed.set()

    def _new_transport(self) -> ExactTransport:
        return ExactTransport(self.conf.broker_consumer, self, loop=self.loop)
