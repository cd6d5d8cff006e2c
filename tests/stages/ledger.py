"""Reads what a run left on Kafka, and says whether anything was lost or doubled: design, section 4, (a) and (b).

(a) the de-duplicated activities, verdicts, approvals and moves equal those of an undisturbed run over the same logs;
(b) replaying the activity topic offline gives exactly the emitted findings, the handovers that are on the activity
    topic itself, and the final state, byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from streamguard.activity import Departure, Exposure, Handover, RawRecord
from streamguard.pipeline import OriginReader, OriginTools, ShardLog, SteeringReader
from streamguard.stream import wire
from streamguard.stream.apps import steering_of
from streamguard.stream.changelog import PartitionState, Record
from streamguard.stream.metadata import tenure_after
from streamguard.stream.resume import Resume

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from streamguard.activity import Steering
    from streamguard.detect import DetectConfig
    from streamguard.pipeline import Steers
    from streamguard.stream import EngineConfig, Topics, WorkerConfig


@dataclass
class Verdict:
    """What was found: empty lists mean that the guarantees held."""

    audit_records: int = 0
    activities: int = 0
    activities_delivered: int = 0
    lost: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    steering: int = 0
    departures: int = 0
    handovers: int = 0
    handovers_lost: list[str] = field(default_factory=list)
    handovers_invented: list[str] = field(default_factory=list)
    findings: int = 0
    findings_delivered: int = 0
    findings_lost: list[str] = field(default_factory=list)
    findings_invented: list[str] = field(default_factory=list)
    state_entries: int = 0
    state_differs: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Nothing lost, nothing doubled, nothing different."""
        return not (
            self.lost
            or self.changed
            or self.invented
            or self.handovers_lost
            or self.handovers_invented
            or self.findings_lost
            or self.findings_invented
            or self.state_differs
        )

    def __str__(self) -> str:
        return (
            f"audit records {self.audit_records}, activities {self.activities} "
            f"(delivered {self.activities_delivered}), lost {len(self.lost)}, changed {len(self.changed)}, "
            f"invented {len(self.invented)}; steering {self.steering}, handovers {self.handovers}, "
            f"lost {len(self.handovers_lost)}, invented {len(self.handovers_invented)}; findings {self.findings} (delivered {self.findings_delivered}), "
            f"lost {len(self.findings_lost)}, invented {len(self.findings_invented)}; "
            f"state entries {self.state_entries}, different {len(self.state_differs)}"
        )


class Topic:
    """Everything a topic holds, per partition in order."""

    def __init__(self, bootstrap: str, name: str) -> None:
        self.bootstrap = bootstrap
        self.name = name

    async def records(self) -> AsyncIterator[tuple[int, list]]:
        """Yield (partition, records) until the present end."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, enable_auto_commit=False)
        await consumer.start()
        try:
            partitions = await self._partitions(consumer)
            for tp in partitions:
                consumer.assign([tp])
                end = (await consumer.end_offsets([tp]))[tp]
                # A plain seek: `seek_to_beginning` can lose against the reset to "latest" that `assign` began.
                consumer.seek(tp, (await consumer.beginning_offsets([tp]))[tp])
                found: list = []
                while await consumer.position(tp) < end:
                    for some in (await consumer.getmany(tp, timeout_ms=1_000)).values():
                        found += [record for record in some if record.offset < end]
                yield tp.partition, found
        finally:
            await consumer.stop()

    async def _partitions(self, consumer: AIOKafkaConsumer) -> list[TopicPartition]:
        known = await consumer._client._wait_on_metadata(self.name)
        return [TopicPartition(self.name, partition) for partition in sorted(known)]


async def audit(config: WorkerConfig, tools: OriginTools) -> Verdict:
    """Compare a run with what it should have been."""
    verdict = Verdict()
    bootstrap, topics, engine = config.connection.bootstrap, config.topics, config.engine
    steering = steering_of(topics, tools)
    ids = config.topic_ids(sorted([*topics.audit, *steering])) if config.topic_ids else {}
    expected = await _undisturbed(bootstrap, topics, tools, ids, verdict)
    expected |= await _steering(bootstrap, steering, ids, verdict)
    offline, findings = await _delivered(bootstrap, topics, config.detect, expected, verdict)
    await _compare_findings(bootstrap, topics, findings, verdict)
    await _compare_state(bootstrap, engine, offline, verdict)
    return verdict


async def _undisturbed(
    bootstrap: str, topics: Topics, tools: OriginTools, ids: Mapping[str, str], verdict: Verdict
) -> dict[str, bytes]:
    expected: dict[str, bytes] = {}
    for name, form in topics.audit.items():
        epoch = tenure_after(Resume(0), ids.get(name, "")).epoch
        async for partition, records in Topic(bootstrap, name).records():
            reader = OriginReader(tools, format=form)
            for r in records:
                reader.read(RawRecord(name, partition, epoch, r.offset, r.timestamp, r.value or b""))
            verdict.audit_records += len(records)
            reader.announce_cut()
            reader.cut()
            expected |= {_key(e): _bytes(e) for e in reader.take().exposures}
    verdict.activities = len(expected)
    return expected


async def _steering(
    bootstrap: str, steering: Mapping[str, Steers], ids: Mapping[str, str], verdict: Verdict
) -> dict[str, bytes]:
    expected: dict[str, bytes] = {}
    for name, steers in steering.items():
        epoch = tenure_after(Resume(0), ids.get(name, "")).epoch
        async for partition, records in Topic(bootstrap, name).records():
            reader = SteeringReader(steers)
            for r in records:
                reader.read(r.key, RawRecord(name, partition, epoch, r.offset, r.timestamp, r.value or b""))
            found = reader.take().steering
            expected |= {_key(one): _bytes(one) for one in found}
            verdict.departures += sum(isinstance(one, Departure) for one in found)
    verdict.steering = len(expected)
    return expected


async def _delivered(
    bootstrap: str, topics: Topics, detect: DetectConfig, expected: dict[str, bytes], verdict: Verdict
) -> tuple[dict[int, dict[bytes, bytes]], dict[bytes, int]]:
    seen: set[str] = set()
    states: dict[int, dict[bytes, bytes]] = {}
    findings: dict[bytes, int] = {}
    due: set[bytes] = set()
    handed: set[bytes] = set()
    async for partition, records in Topic(bootstrap, topics.activity).records():
        log = ShardLog(detect, lambda _: None)
        for record in records:
            batch = wire.decode(record.value)
            verdict.activities_delivered += len(batch.exposures)
            for one in batch.records:
                if isinstance(one, Handover):
                    handed.add(_bytes(one))
                    continue
                key = _key(one)
                if key not in expected:
                    verdict.invented.append(key)
                elif expected[key] != _bytes(one):
                    verdict.changed.append(key)
                seen.add(key)
            step = log.step(batch.records)
            due.update(map(_bytes, step.handovers))
            for finding in step.findings:
                findings[orjson.dumps(finding.ocsf, option=orjson.OPT_SORT_KEYS)] = 0
        states[partition] = dict(log.drain())
    verdict.lost = sorted(expected.keys() - seen)
    verdict.handovers = len(due)
    verdict.handovers_lost = [value.decode() for value in due - handed]
    verdict.handovers_invented = [value.decode() for value in handed - due]
    return states, findings


async def _compare_findings(bootstrap: str, topics: Topics, findings: dict[bytes, int], verdict: Verdict) -> None:
    verdict.findings = len(findings)
    async for _, records in Topic(bootstrap, topics.findings).records():
        for record in records:
            verdict.findings_delivered += 1
            if record.value in findings:
                findings[record.value] += 1
            else:
                verdict.findings_invented.append(record.value.decode()[:200])
    verdict.findings_lost = [value.decode()[:200] for value, count in findings.items() if not count]


async def _compare_state(
    bootstrap: str, engine: EngineConfig, offline: dict[int, dict[bytes, bytes]], verdict: Verdict
) -> None:
    async for partition, records in Topic(bootstrap, engine.changelog_topic).records():
        state = PartitionState()
        state.apply(Record(r.offset, r.key, r.value) for r in records)
        expected = offline.get(partition, {})
        verdict.state_entries += len(expected)
        keys = expected.keys() | state.entries.keys()
        verdict.state_differs += [
            f"{partition}:{key!r}" for key in sorted(keys) if expected.get(key) != state.entries.get(key)
        ]


def _key(one: Exposure | Steering) -> str:
    return str(one.origin) if isinstance(one, Exposure) else f"{one.origin} {one.shard}"


def _bytes(one: Exposure | Steering) -> bytes:
    return msgspec.json.encode(one)
