"""Ingest and the changing directory: no record before its time is known, and nothing of the future without a word."""

from __future__ import annotations

import orjson
import pytest
from stream_fakes import AUDIT, CLOCK_MS, FakeApp, FakeDecoder, FakeLog, FakeWriter, record

from streamguard.exposure import Catalogue, Directory, DirectoryHistory, Employee, Exposer, Login, Person
from streamguard.metrics import Metrics
from streamguard.pipeline import OriginTools
from streamguard.stream import metadata, wire
from streamguard.stream.delivery import Run
from streamguard.stream.ingest import Ingest
from streamguard.stream.metadata import Limit
from streamguard.stream.resume import Resume


class ClockedDecoder(FakeDecoder):
    """Gives each activity the Kafka time of its record, as adapters do."""

    def decode_for_assembly(self, raw, format=None):  # noqa: A002
        import msgspec

        (activity,) = super().decode_for_assembly(raw, format)
        return [msgspec.structs.replace(activity, produced_ms=raw.timestamp_ms, complete=True)]


@pytest.fixture
def history():
    return DirectoryHistory(Directory([(Employee("old", "a"), [Login("u")])]))


def ingest(history):
    log = FakeLog(history)
    role = Ingest(
        FakeApp(),
        FakeWriter(),
        Metrics(),
        flush_seconds=0.0,
        flush_records=1_000,
        tools=OriginTools(ClockedDecoder(), Exposer(history, Catalogue.empty())),
        formats={"audit": None},
        activity_topic="activity",
        deadletter_topic="letters",
        idle_cut_seconds=0.0,
        identities=log,
    )
    return role, log


def line(offset, timestamp):
    return record(offset, orjson.dumps({"s": "s", "k": str(offset)}), timestamp)


async def begin(role, resume=Resume(0)):  # noqa: B008 - a frozen value
    role.consumer.ends[AUDIT] = 100
    await role.resume(1, {AUDIT: resume})


async def read(role, *lines):
    await role.take_event(AUDIT, Run(list(lines), 1))
    await role.flush()


def left(role):
    return [
        (e.activity.origin.offset, e.activity.produced_ms, e.employee)
        for value in role.writer.values("activity")
        for e in wire.decode(value).exposures
    ]


def new_owner(history, moment_ms):
    history.apply(history.next_offset, moment_ms, "new", Person(Employee("new", "b"), (Login("u"),)))


async def test_a_change_that_came_first_is_seen_by_the_very_next_record(history):
    role, log = ingest(history)
    await begin(role)
    log.on_close = lambda: new_owner(history, 500)
    await read(role, line(0, 499), line(1, 500))
    assert left(role) == [(0, 499, "old"), (1, 500, "new")]
    assert log.asked == [500]
    assert role.consumer.committed == {}


async def test_records_from_the_future_count_as_now_once_that_is_committed(history):
    role, _ = ingest(history)
    await begin(role)
    written_when = []
    write_all = role.writer.write_all

    async def watch(records):
        written_when.append(metadata.tenure_after(Resume(0, role.consumer.committed[AUDIT].metadata)).limits)
        await write_all(records)

    role.writer.write_all = watch
    await read(role, line(0, CLOCK_MS - 1), line(1, CLOCK_MS + 60_000))
    assert left(role) == [(0, CLOCK_MS - 1, "old"), (1, CLOCK_MS - 1, "old")]
    assert written_when == [(Limit(2, CLOCK_MS - 1),)]
    assert role.consumer.committed[AUDIT].offset == 0
    # Once they are done with, the limit goes.
    assert metadata.tenure_after(Resume(2, role.consumer.safe[AUDIT].metadata)).limits == ()


async def test_a_successor_sees_records_from_the_future_as_its_predecessor_did(history):
    first, _ = ingest(history)
    await begin(first)
    await read(first, line(0, CLOCK_MS + 60_000))
    safe = first.consumer.committed[AUDIT]
    # The predecessor dies before its next commit; then the directory changes, and time goes on.
    new_owner(history, CLOCK_MS + 1)
    second, log = ingest(history)
    log.closed_ms = CLOCK_MS + 120_000
    await begin(second, Resume(safe.offset, safe.metadata))
    await read(second, line(0, CLOCK_MS + 60_000), line(1, CLOCK_MS + 60_000))
    assert left(second) == [*left(first), (1, CLOCK_MS + 60_000, "new")]


async def test_nothing_of_the_future_leaves_while_the_limit_cannot_be_committed(history):
    role, _ = ingest(history)
    await begin(role)
    role.consumer.commits_now = False
    await read(role, line(0, CLOCK_MS))
    await role.tick()
    assert left(role) == []
    assert role.consumer.safe[AUDIT].offset == 0
    role.consumer.commits_now = True
    await role.tick()
    assert left(role) == [(0, CLOCK_MS - 1, "old")]
    assert role.consumer.safe[AUDIT].offset == 1


async def test_a_run_that_a_seek_made_stale_meanwhile_leaves_no_trace(history):
    role, log = ingest(history)
    await begin(role)

    def seek():
        role._seeks = 2

    log.on_close = seek
    await role.take_event(AUDIT, Run([line(0, CLOCK_MS)], 1))
    assert role._limits == {AUDIT: ()}
    assert role.positions == {AUDIT: 0}


async def test_the_topic_is_looked_at_without_audit_records_too(history):
    role, log = ingest(history)
    await begin(role)
    await role.tick()
    await role.tick()
    assert log.looks == 1


async def test_the_log_is_read_before_the_first_record(history):
    role, log = ingest(history)
    order = []

    async def start():
        order.append(log.started)

    role.app.start = start
    role.writer.start = start
    await role.start()
    assert order == [True, True]
