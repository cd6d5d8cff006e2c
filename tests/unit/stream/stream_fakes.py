"""Kafka and Faust as far as the roles see them: a consumer that only notes, a writer that keeps what it gets."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace

import orjson
from faust.types import TP

from streamguard.activity import Account, Activity, Exposure, Ignored, Origin, Rejected, RowsQuality
from streamguard.pipeline import OriginTools
from streamguard.stream.changelog import PartitionState, Record
from streamguard.stream.delivery import Run

AUDIT = TP("audit", 0)
ACTIVITY = TP("activity", 0)
CLOCK_MS = 1_000_000


def record(offset, value=b"", timestamp=0, key=None):
    return SimpleNamespace(
        topic="audit", partition=0, offset=offset, value=value, key=key, timestamp=timestamp, timestamp_type=0
    )


def run(offsets, seeks=1, value=b""):
    return Run([record(offset, value) for offset in offsets], seeks)


class FakeConsumer:
    """Commits at once, and remembers what was declared, what was committed, and that it was asked."""

    def __init__(self):
        self.safe, self.committed, self.ends = {}, {}, {}
        self.is_member = True
        self.commits_now = True
        self.seeks_again = 0

    def highwater(self, tp):
        return self.ends.get(tp)

    def assignment(self):
        return set(self.ends)

    def declare_safe(self, tp, safe):
        self.safe[tp] = safe

    async def commit_now(self, tp, safe):
        if self.commits_now:
            self.committed[tp] = safe
        return self.commits_now

    async def confirm_membership(self):
        return self.is_member

    async def commit(self):
        self.committed |= self.safe

    async def seek_again(self):
        self.seeks_again += 1


class FakeApp:
    """What roles touch of the Faust app."""

    def __init__(self):
        self.consumer = FakeConsumer()
        self.conf = SimpleNamespace(broker_request_timeout=10.0, id="g")
        self.crashed, self.crash_reason, self.failure = False, None, None


@dataclass
class FakeWriter:
    """Kafka's logs as lists; `hold` lets a write wait, `strangers` come between it and the one before."""

    logs: dict = field(default_factory=dict)
    partitions: int = 1
    strangers: list = field(default_factory=list)
    hold: asyncio.Event | None = None

    async def partition_for(self, topic, key):
        return sum(key) % self.partitions

    async def write(self, topic, partition, records):
        if self.hold is not None:
            await self.hold.wait()
        log = self.logs.setdefault((topic, partition), [])
        if topic == "changelog":
            log += self.strangers
            self.strangers = []
        log += list(records)
        return len(log)

    async def write_all(self, records):
        for (topic, partition), some in records.items():
            await self.write(topic, partition, some)

    def values(self, topic, partition=0):
        return [out.value for out in self.logs.get((topic, partition), [])]


class FakeLog:
    """An identities topic that is complete up to what a test says."""

    topic = "identities"

    def __init__(self, history):
        self.history = history
        self.closed_ms = CLOCK_MS
        self.asked = []
        self.looks = 0
        self.on_close = lambda: None
        self.started = self.stopped = False

    async def start(self):
        self.started = True

    async def stop(self):
        self.stopped = True

    async def look(self):
        self.looks += 1

    async def close(self, moment_ms):
        self.asked.append(moment_ms)
        self.on_close()
        return self.closed_ms


class FakeTable:
    """The state table after a recovery from what the writer holds."""

    changelog_topic_name = "changelog"

    def __init__(self, writer):
        self.states = {}
        for (topic, partition), log in writer.logs.items():
            if topic == "changelog":
                records = (Record(offset, out.key, out.value) for offset, out in enumerate(log))
                self.state(partition).apply(records)

    def state(self, partition):
        return self.states.setdefault(partition, PartitionState())


class FakeDecoder:
    """Reads one activity a record: ``{"s": session, "k": key, "t": milliseconds}``."""

    def decode_for_assembly(self, raw, format=None):  # noqa: A002
        origin = Origin(raw.topic, raw.partition, raw.epoch, raw.offset, 0)
        if raw.value == b"":
            return [Ignored(origin, "empty")]
        if not raw.value.startswith(b"{"):
            return [Rejected(origin, "not_json", "It is no JSON.")]
        line = orjson.loads(raw.value)
        return [
            Activity(
                origin=origin,
                time_ms=line.get("t", 1),
                source="postgresql.fake",
                user="u",
                statement_key=line["k"],
                session=line["s"],
                rows=1,
                rows_quality=RowsQuality.EXACT,
            )
        ]


class FakeExposer:
    """Every session is an employee of its own shard."""

    def expose(self, activity):
        return Exposure(
            activity=activity,
            employee=activity.session,
            account=Account.HUMAN,
            peer_group="g",
            shard=f"{activity.session}/0",
        )


TOOLS = OriginTools(FakeDecoder(), FakeExposer())
