"""The ingest agent: audit records and what steers detection in, the activity topic and dead letters out."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from streamguard.activity import RawRecord
from streamguard.pipeline import OriginReader, SteeringReader
from streamguard.stream import metadata, wire
from streamguard.stream.consumer import Safe
from streamguard.stream.deadletter import letter
from streamguard.stream.resume import Break
from streamguard.stream.role import Role
from streamguard.stream.writer import Outgoing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from faust.types import TP

    from streamguard.pipeline import OriginTools, Reading, Steers
    from streamguard.sources.assemble import Progress
    from streamguard.stream.delivery import Run
    from streamguard.stream.identities import IdentityLog
    from streamguard.stream.resume import Resume


LOOK_SECONDS = 5.0
"""Between two looks at the topic of identities when no audit record asks for one."""


class Ingest(Role):
    """Reads the customer's audit topics.

    Parameters
    ----------
    tools
        Of the pure core.
    formats
        Audit format per audit topic; None: recognised by signature.
    steering
        Of each topic that steers detection, what one of its records (key, record) brings.
    activity_topic, deadletter_topic
        Where to write.
    topic_ids
        Asks Kafka for the identities of topics by name; may block. None: the broker knows none.
    identities
        Follows the topic of identities, for the directory that the tools expose with; None: it never changes.
    idle_cut_seconds
        After this much silence on a partition, statements that wait for further lines are closed.
    """

    name = "ingest"

    def __init__(
        self,
        *args: Any,
        tools: OriginTools,
        formats: Mapping[str, str | None],
        activity_topic: str,
        deadletter_topic: str,
        idle_cut_seconds: float,
        topic_ids: Callable[[Iterable[str]], Mapping[str, str]] | None = None,
        identities: IdentityLog | None = None,
        steering: Mapping[str, Steers] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._tools = tools
        self._formats = formats
        self._steering = steering if steering is not None else {}
        self._activity_topic = activity_topic
        self._deadletter_topic = deadletter_topic
        self._idle_cut_seconds = idle_cut_seconds
        self._ask_topic_ids = topic_ids
        self._identities = identities
        self._looked_at = 0.0
        self._readers: dict[TP, OriginReader | SteeringReader] = {}
        self._tenures: dict[TP, metadata.Tenure] = {}
        self._topic_ids: Mapping[str, str] = {}
        self._read_at: dict[TP, float] = {}
        self._new_epochs: set[TP] = set()
        self._durable: dict[TP, Progress] = {}
        """Progress that everything before is written for, per partition."""
        self._limits: dict[TP, tuple[metadata.Limit, ...]] = {}
        self._new_limits: set[TP] = set()

    # -- life

    async def start(self) -> None:
        """Learn who is behind which login, then start reading."""
        if self._identities is not None:
            await self._identities.start()
        await super().start()

    async def stop(self) -> None:
        """Write what was gathered and leave the group."""
        await super().stop()
        if self._identities is not None:
            await self._identities.stop()

    # -- tenure

    async def prepare(self) -> None:
        """Learn the identities of the topics: one of the same name may be another log."""
        if self._ask_topic_ids is not None:
            names = sorted(self._formats.keys() | self._steering.keys())
            self._topic_ids = await asyncio.to_thread(self._ask_topic_ids, names)

    def is_same_log(self, tp: TP, metadata_: str) -> bool:
        """Tell whether a committed position belongs to the topic that now has the name."""
        return metadata.is_same_log(metadata_, self._topic_ids.get(tp.topic, ""))

    def begin(self, tp: TP, resume: Resume) -> None:
        """Begin where the predecessor's progress says."""
        tenure = metadata.tenure_after(resume, self._topic_ids.get(tp.topic, ""))
        self._start_reader(tp, tenure)
        if resume.broken is Break.RECREATED:
            self._new_epochs.add(tp)
        if resume.broken is not None:
            self.metrics.log_broken(tp.topic, resume.broken.value, resume.lost_records)
        if (safe := self._safe(tp)) is not None:
            self.consumer.declare_safe(tp, safe)

    def drop(self) -> None:
        """Forget the readers: what they had not finished will be read again."""
        self._readers.clear()
        self._tenures.clear()
        self._read_at.clear()
        self._new_epochs.clear()
        self._durable.clear()
        self._limits.clear()
        self._new_limits.clear()

    def _start_reader(self, tp: TP, tenure: metadata.Tenure) -> None:
        steers = self._steering.get(tp.topic)
        if steers is not None:
            self._readers[tp] = SteeringReader(steers, tenure.progress)
        else:
            self._readers[tp] = OriginReader(self._tools, tenure.progress, self._formats.get(tp.topic))
        self._tenures[tp] = tenure
        self._durable[tp] = tenure.progress
        self._limits[tp] = tenure.limits
        self._read_at[tp] = time.monotonic()

    # -- reading

    async def take_event(self, tp: TP, run: Run) -> None:
        """Take in one run, once the directory of its time is known for good."""
        if self._identities is not None and self._is_current(tp, run):
            await self._await_directory(self._identities, tp, run)
        await super().take_event(tp, run)

    async def _await_directory(self, identities: IdentityLog, tp: TP, run: Run) -> None:
        """Wait until no change of the directory can come any more that a record of the run would have to see.

        Records from the future would wait too long. They count as of now, and that is a decision that the log does
        not imply: it is committed before anything of them leaves.
        """
        limits = self._limits[tp]
        newest_ms = max(metadata.limited_ms(limits, record.offset, record.timestamp) for record in run.records)
        closed_ms = await identities.close(newest_ms)
        if tp.topic == identities.topic:
            await identities.reach(run.records[-1].offset)
        if not self._is_current(tp, run):
            return
        # Meanwhile a flush may have let go of some.
        limits, until = self._limits[tp], run.records[-1].offset + 1
        is_full = len(limits) >= metadata.MAX_LIMITS and until > limits[-1].until_offset
        if newest_ms >= closed_ms or is_full:
            self._limits[tp] = metadata.with_limit(limits, self.positions[tp], until, closed_ms - 1)
            self._new_limits.add(tp)

    def _is_current(self, tp: TP, run: Run) -> bool:
        return run.seeks == self._seeks and tp in self._readers

    def take_in(self, tp: TP, records: Sequence[Any]) -> int | None:
        """Read records."""
        reader, epoch, limits = self._readers[tp], self._tenures[tp].epoch, self._limits[tp]
        topic, partition = tp
        for record in records:
            offset, timestamp_ms = record.offset, record.timestamp
            if limits:
                timestamp_ms = metadata.limited_ms(limits, offset, timestamp_ms)
            # What `RawRecord(...)` does is a function of Python's own around this.
            raw = tuple.__new__(RawRecord, (topic, partition, epoch, offset, timestamp_ms, record.value or b""))
            if isinstance(reader, OriginReader):
                reader.read(raw)
            else:
                reader.read(record.key, raw)
        self._read_at[tp] = time.monotonic()
        return reader.watermark_ms or None

    async def hurry(self) -> None:
        """Write activities: detect waits for them."""
        await self.flush()

    async def idle(self, now: float) -> None:
        """Cut partitions that fell silent, so that their last statements leave.

        A pause with records left to read is no silence. A cut there would split statements, and after a restart it
        could fall before what a predecessor had read and sent: then two activities of one origin would differ.
        """
        if self._identities is not None and now - self._looked_at >= LOOK_SECONDS:
            self._looked_at = now
            await self._identities.look()
        for tp, reader in list(self._readers.items()):
            # What steers detection never waits.
            if not isinstance(reader, OriginReader) or not reader.is_waiting:
                continue
            if now - self._read_at[tp] >= self._idle_cut_seconds and not self._lag_records(tp):
                await self._cut(tp, reader)

    async def _cut(self, tp: TP, reader: OriginReader) -> None:
        async with self.writing():
            if self._readers.get(tp) is not reader or not await self.consumer.confirm_membership():
                return
            # Everything taken so far must be durable before a progress that assumes it is committed.
            if not await self._commit_limits():
                return
            await self._write_readings()
            if self._readers.get(tp) is not reader or not reader.is_waiting:
                return
            announced = self._encode(tp, reader.announce_cut())
            if announced is None:
                reader.withdraw_cut()
                return
            if not await self.consumer.commit_now(tp, announced):
                return
            reader.cut()
            await self.write()

    @property
    def is_idle(self) -> bool:
        """Whether everything was read and written, and no statement waits for further lines."""
        return super().is_idle and not any(reader.is_waiting for reader in self._readers.values())

    # -- writing

    async def write(self) -> None:
        """Write activities and dead letters, then declare where each reader's progress stands."""
        if await self._commit_limits():
            await self._write_readings()
        else:
            # The group moved on and will take the partitions away; should it not, the next flush tries again.
            self._gathered_since = time.monotonic()

    async def _commit_limits(self) -> bool:
        """Make new limits durable before anything they concern leaves; when it returns True, all are."""
        while self._new_limits:
            tp = min(self._new_limits)
            limits = self._limits[tp]
            safe = self._encode(tp, self._durable[tp])
            # What does not fit cannot be committed, and waiting would not make it smaller.
            if safe is not None and not await self.consumer.commit_now(tp, safe):
                return False
            if self._limits.get(tp) is limits:
                self._new_limits.discard(tp)
        return True

    async def _write_readings(self) -> None:
        readings = [reader.take() for reader in self._readers.values()]
        progress = {tp: reader.progress() for tp, reader in self._readers.items()}
        await self._commit_new_epochs()
        outgoing: dict[tuple[str, int], list[Outgoing]] = {}
        for reading in readings:
            await self._address(reading, outgoing)
        await self.writer.write_all(outgoing)
        for reading in readings:
            self.metrics.reading_written(reading)
        for tp, reached in progress.items():
            if tp in self._readers:
                self._durable[tp] = reached
                self._limits[tp] = metadata.limits_from(self._limits[tp], reached.offset)
                if (safe := self._encode(tp, reached)) is not None:
                    self.consumer.declare_safe(tp, safe)

    async def _commit_new_epochs(self) -> None:
        """Make a new epoch durable before anything of it leaves: a crash must not fall back to the old one."""
        for tp in sorted(self._new_epochs):
            safe = self._encode(tp, self._durable[tp])
            if safe is not None and await self.consumer.commit_now(tp, safe):
                self._new_epochs.discard(tp)

    async def _address(self, reading: Reading, outgoing: dict[tuple[str, int], list[Outgoing]]) -> None:
        for shard, batch in (*wire.batches(reading.exposures), *wire.steering_batches(reading.steering)):
            key = shard.encode()
            partition = await self.writer.partition_for(self._activity_topic, key)
            outgoing.setdefault((self._activity_topic, partition), []).append(Outgoing(key, batch))
        for rejected, raw in reading.rejected:
            out = letter(rejected, raw)
            partition = await self.writer.partition_for(self._deadletter_topic, out.key or b"")
            outgoing.setdefault((self._deadletter_topic, partition), []).append(out)

    def _safe(self, tp: TP) -> Safe | None:
        return self._encode(tp, self._readers[tp].progress())

    def _encode(self, tp: TP, progress: Progress) -> Safe | None:
        known = self._tenures[tp]
        limits = metadata.limits_from(self._limits[tp], progress.offset)
        encoded = metadata.encode(metadata.Tenure(known.epoch, progress, known.topic_id, limits))
        return None if encoded is None else Safe(progress.offset, encoded)
