"""The detect agent: exposures, and what steers detection, in; findings, handovers and changelog out."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import msgspec
import orjson
import structlog

from streamguard.activity import Origin, RawRecord, Rejected
from streamguard.pipeline import ShardLog
from streamguard.stream import changelog, wire
from streamguard.stream.consumer import Safe
from streamguard.stream.deadletter import letter
from streamguard.stream.role import Role
from streamguard.stream.writer import Outgoing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faust.types import TP

    from streamguard.activity import Finding, Handover
    from streamguard.detect import DetectConfig
    from streamguard.stream.changelog import PartitionState
    from streamguard.stream.ledgerfeed import LedgerFeed
    from streamguard.stream.resume import Resume
    from streamguard.stream.table import StateTable


_log = structlog.get_logger("streamguard.detect")


class FencedError(Exception):
    """Somebody else wrote to this partition's changelog since it was read; the worker must start again."""


class Detect(Role):
    """Judges activities.

    Parameters
    ----------
    table
        Where Faust restores the state to.
    config
        Of the detectors.
    activity_topic
        Where to write what one peer shard hands over to another.
    findings_topic, deadletter_topic
        Where to write.
    ledger
        Where every exposure of personal data goes; None: nowhere.
    """

    name = "detect"

    def __init__(
        self,
        *args: Any,
        table: StateTable,
        config: DetectConfig,
        activity_topic: str,
        findings_topic: str,
        deadletter_topic: str,
        ledger: LedgerFeed | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._ledger = ledger
        self._table = table
        self._config = config
        self._activity_topic = activity_topic
        self._findings_topic = findings_topic
        self._deadletter_topic = deadletter_topic
        self._logs: dict[TP, ShardLog] = {}
        self._opened: dict[int, int] = {}
        """Term that this worker has opened, per partition."""
        self._findings: list[Finding] = []
        self._handovers: list[Handover] = []
        self._letters: list[Outgoing] = []

    # -- life

    async def start(self) -> None:
        """Start writing and reading."""
        if self._ledger is not None:
            await self._ledger.start()
        await super().start()

    async def stop(self) -> None:
        """Write what was gathered, and what is held for the ledger; then leave."""
        await super().stop()
        if self._ledger is not None:
            await self._ledger.stop()

    async def _finish(self) -> None:
        if self._ledger is not None and self._ledger.hurry():
            self._must_write()
        await super()._finish()

    async def idle(self, now: float) -> None:
        """Write what has been held for the ledger long enough."""
        if self._ledger is not None and self._ledger.is_due(now):
            self._must_write()

    def _must_write(self) -> None:
        """Have the next flush write although nothing was gathered."""
        if self._gathered_since is None:
            self._gathered_since = time.monotonic()

    @property
    def is_idle(self) -> bool:
        """Whether everything that Kafka holds for this role has been read and written, to the ledger, too."""
        return super().is_idle and not (self._ledger is not None and self._ledger.holds)

    # -- tenure

    def begin(self, tp: TP, resume: Resume) -> None:
        """Begin with the restored state."""
        state = self._table.state(tp.partition)
        self._logs[tp] = ShardLog(self._config, state.entries.get)
        if self._opened.get(tp.partition) != state.stamp.term:
            self._opened.pop(tp.partition, None)
        # A re-created activity topic needs no epoch of its own: origins, not its offsets, tell what was judged.
        if resume.broken is not None:
            self.metrics.log_broken(tp.topic, resume.broken.value, resume.lost_records)
        self.consumer.declare_safe(tp, Safe(resume.offset))

    def recovery_position(self) -> object:
        """Return how much of the changelog has been read."""
        return sum(state.end_offset for state in self._table.states.values())

    def observe(self) -> None:
        """Tell, besides, how far the state is restored."""
        super().observe()
        if self.recovered:
            return
        states = self._table.states
        for partition, state in states.items():
            self.metrics.state_written(partition, len(state.entries), state.size_bytes)
        if entries := sum(len(state.entries) for state in states.values()):
            _log.info("restoring_state", entries=entries, megabytes=sum(s.size_bytes for s in states.values()) >> 20)

    def drop(self) -> None:
        """Forget what was judged but not written: it will be judged again, with the same result."""
        self._logs.clear()
        self._findings.clear()
        self._handovers.clear()
        self._letters.clear()
        if self._ledger is not None:
            self._ledger.drop()

    # -- judging

    def take_in(self, tp: TP, records: Sequence[Any]) -> int | None:
        """Judge activities in the order of the log."""
        log = self._logs[tp]
        newest_ms = None
        for record in records:
            try:
                batch = wire.decode(record.value or b"")
            except msgspec.DecodeError:
                self._letters.append(self._foreign(tp, record))
                continue
            step = log.step(batch.records)
            self._findings += step.findings
            self._handovers += step.handovers
            self.metrics.judged(step)
            if self._ledger is not None:
                # Also what was judged before: see `streamguard.stream.ledgerfeed`.
                self._ledger.take(tp, record.offset, batch.exposures)
            newest_ms = batch.exposures[-1].activity.time_ms if batch.exposures else newest_ms
        return newest_ms

    def _foreign(self, tp: TP, record: Any) -> Outgoing:
        raw = RawRecord(tp.topic, tp.partition, 0, record.offset, record.timestamp, record.value or b"")
        self.metrics.rejected("not_an_activity_batch")
        return letter(
            Rejected(
                Origin(tp.topic, tp.partition, 0, record.offset, 0),
                "not_an_activity_batch",
                "The activity topic is written by StreamGuard only; somebody else wrote this record.",
            ),
            raw,
        )

    # -- writing

    async def write(self) -> None:
        """Write what leaves, then state, then declare: a crash in between repeats what left, it never loses any of it.

        The same log gives the same findings and handovers again, and the marks of the shard that a handover goes to
        tell the repetition.
        """
        findings, self._findings = self._findings, []
        handovers, self._handovers = self._handovers, []
        letters, self._letters = self._letters, []
        positions = {tp: self.positions[tp] for tp in self._logs}
        blocks = [] if self._ledger is None else self._ledger.due(time.monotonic())
        if self._ledger is not None:
            positions = {tp: self._ledger.safe(tp, offset) for tp, offset in positions.items()}
        changes = {tp.partition: self._stage(tp) for tp in self._logs}
        if self._ledger is not None:
            self.metrics.ledger_written(await self._ledger.write(blocks))
        await self._write_out(findings, handovers, letters)
        await asyncio.gather(
            *(self._write_state(partition, entries) for partition, entries in changes.items() if entries)
        )
        for tp, offset in positions.items():
            if tp in self._logs:
                self.consumer.declare_safe(tp, Safe(offset))

    async def hurry(self) -> None:
        """Write what leaves, ahead of its state: state written less often is written once for several changes.

        A crash in between is as one within `write`.
        """
        if not (self._findings or self._handovers):
            return
        async with self.writing():
            if self._seeks < 0 or not await self.consumer.confirm_membership():
                return
            findings, self._findings = self._findings, []
            handovers, self._handovers = self._handovers, []
            await self._write_out(findings, handovers, [])

    async def _write_out(self, findings: list[Finding], handovers: list[Handover], letters: list[Outgoing]) -> None:
        outgoing: dict[tuple[str, int], list[Outgoing]] = {}
        for shard, batch in wire.steering_batches(handovers):
            partition = await self.writer.partition_for(self._activity_topic, shard.encode())
            outgoing.setdefault((self._activity_topic, partition), []).append(Outgoing(shard.encode(), batch))
        for finding in findings:
            key = finding.employee.encode()
            partition = await self.writer.partition_for(self._findings_topic, key)
            value = orjson.dumps(finding.ocsf, option=orjson.OPT_SORT_KEYS)
            outgoing.setdefault((self._findings_topic, partition), []).append(Outgoing(key, value))
        for out in letters:
            partition = await self.writer.partition_for(self._deadletter_topic, out.key or b"")
            outgoing.setdefault((self._deadletter_topic, partition), []).append(out)
        await self.writer.write_all(outgoing)
        for finding in findings:
            self.metrics.found(finding, time.time())

    def _stage(self, tp: TP) -> list[tuple[bytes, bytes]]:
        """Take what changed out of the log and into the state, at once: whoever looks an entry up finds the newest.

        The state is ahead of Kafka from here on. If writing fails, the worker ends and nobody sees it.
        """
        changed = self._logs[tp].drain()
        state = self._table.state(tp.partition)
        state.stage_own(changed)
        return sorted({**dict(state.repairs()), **dict(changed)}.items())

    async def _write_state(self, partition: int, entries: list[tuple[bytes, bytes]]) -> None:
        state = self._table.state(partition)
        if partition not in self._opened:
            await self._open_term(partition, state)
        stamp = changelog.Stamp(state.stamp.term, state.stamp.flush + 1)
        records = [Outgoing(key, value) for key, value in changelog.encode_flush(stamp, entries)]
        end = await self.writer.write(self._table.changelog_topic_name, partition, records)
        if end != state.end_offset + len(records):
            # What the stranger wrote is void, but compaction may keep it and drop what it hides: it must be repaired.
            raise FencedError(
                f"another worker wrote to partition {partition} of the changelog while this one serves it; "
                "this worker stops so that it starts again from what is there, and repairs it"
            )
        state.acknowledge_own(stamp, end)
        self.metrics.state_written(partition, len(state.entries), state.size_bytes)

    async def _open_term(self, partition: int, state: PartitionState) -> None:
        term = state.stamp.term + 1
        key, value = changelog.encode_opening(term, state.end_offset, state.unsettled())
        end = await self.writer.write(self._table.changelog_topic_name, partition, [Outgoing(key, value)])
        if end != state.end_offset + 1:
            raise FencedError(
                f"another worker wrote to partition {partition} of the changelog while this one took it over; "
                "this worker stops so that it starts again from what is there"
            )
        state.acknowledge_own(changelog.Stamp(term, 0), end)
        self._opened[partition] = term
