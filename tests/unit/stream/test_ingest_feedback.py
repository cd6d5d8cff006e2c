"""Ingest and what steers detection: feedback and moves reach their shards once, with an origin, and lose nothing."""

from __future__ import annotations

from functools import partial

import pytest
from faust.types import TP
from stream_fakes import AUDIT, TOOLS, FakeApp, FakeLog, FakeWriter, record

from streamguard.activity import Departure, Origin, VerdictId
from streamguard.exposure import Addresses, Directory, DirectoryHistory, Employee, ExposureConfig, Login, Moves, Person
from streamguard.feedback import GivenApproval, GivenVerdict, feedback_records, write_given
from streamguard.metrics import Metrics
from streamguard.pipeline import departures
from streamguard.stream import metadata, wire
from streamguard.stream.delivery import Run
from streamguard.stream.ingest import Ingest
from streamguard.stream.resume import Break, Resume

FEEDBACK, IDENTITIES = TP("feedback", 2), TP("identities", 0)


def given_record(offset, given):
    key, value = write_given(given)
    return record(offset, value, key=key)


def verdict(offset, uid="f"):
    said = GivenVerdict(
        finding_uid=uid, verdict_id=VerdictId.TRUE_POSITIVE, employee="gone", shard="support/0", author="x"
    )
    return given_record(offset, said)


def approval(offset, **changes):
    fields = {"id": "a", "author": "x", "group": "support", "from_ms": 1, "expires_ms": 2}
    return given_record(offset, GivenApproval(**(fields | changes)))


@pytest.fixture
def history():
    people = [(Employee(name, "support"), [Login(name)]) for name in ("ann", "bob", "cid")]
    return DirectoryHistory(Directory(people))


def ingest(history, writer=None, identities=None):
    addresses = Addresses(history, ExposureConfig(shard_size=2))
    moves = Moves(addresses)
    return Ingest(
        FakeApp(),
        writer if writer is not None else FakeWriter(),
        Metrics(),
        flush_seconds=0.0,
        flush_records=1_000,
        tools=TOOLS,
        formats={"audit": None},
        activity_topic="activity",
        deadletter_topic="letters",
        idle_cut_seconds=0.0,
        identities=identities,
        steering={
            "feedback": partial(feedback_records, addresses=addresses),
            "identities": lambda _, raw: departures(raw, moves),
        },
    )


async def begin(role, tp=FEEDBACK, resume=Resume(0)):  # noqa: B008 - a frozen value
    role.consumer.ends[tp] = 100
    await role.resume(1, {tp: resume})


async def read(role, *records, tp=FEEDBACK):
    await role.take_event(tp, Run(list(records), 1))
    await role.flush()


def left(role):
    return [one for value in role.writer.values("activity") for one in wire.decode(value).steering]


async def test_feedback_reaches_the_activity_topic_under_the_shards_it_concerns(history):
    role = ingest(history)
    await begin(role)
    await read(role, verdict(0), approval(1), approval(2, revoked=True), verdict(3, "g"))
    assert [
        (out.key, one.origin.offset)
        for out in role.writer.logs["activity", 0]
        for one in wire.decode(out.value).steering
    ] == [
        (b"support/0", 0),
        (b"support/0", 1),
        (b"support/0", 2),
        (b"support/0", 3),
        (b"support/1", 1),
        (b"support/1", 2),
    ]
    assert left(role)[0].origin == Origin("feedback", 2, 0, 0, 0)
    counted = {
        kind: role.metrics.value("streamguard_feedback_total", kind=kind)
        for kind in ("verdict", "approval", "revocation")
    }
    assert counted == {"verdict": 2, "approval": 1, "revocation": 1}
    assert role.consumer.safe[FEEDBACK].offset == 4


async def test_what_cannot_be_used_is_a_dead_letter_and_stops_nothing(history):
    role = ingest(history)
    await begin(role)
    bad = [record(0, b"garbage", key=b"f"), record(1, key=b"a"), approval(2, group="legal")]
    await read(role, *bad, verdict(3))
    letters = [dict(out.headers) for out in role.writer.logs["letters", 0]]
    assert [(letter["offset"], letter["reason"]) for letter in letters] == [
        (b"0", b"feedback_not_json"),
        (b"1", b"feedback_not_json"),
        (b"2", b"feedback_unknown_group"),
    ]
    assert role.metrics.value("streamguard_rejected_total", reason="feedback_not_json") == 2
    assert [one.origin.offset for one in left(role)] == [3]


async def test_a_successor_brings_the_same_bytes_and_goes_on_where_it_was_declared(history):
    writer = FakeWriter()
    first = ingest(history, writer)
    await begin(first)
    await read(first, verdict(0), approval(1))
    safe = first.consumer.safe[FEEDBACK]
    again = ingest(history, writer)
    await begin(again)
    await read(again, verdict(0), approval(1))
    values = writer.values("activity")
    assert values[: len(values) // 2] == values[len(values) // 2 :]
    after = ingest(history, FakeWriter())
    await begin(after, resume=Resume(safe.offset, safe.metadata))
    await read(after, verdict(2))
    assert [one.origin.offset for one in left(after)] == [2]


async def test_a_topic_created_anew_is_another_log(history):
    role = ingest(history)
    await begin(role, resume=Resume(0, metadata.encode(metadata.Tenure(epoch=3)), Break.RECREATED))
    await read(role, verdict(0))
    assert left(role)[0].origin.epoch == 4


async def test_silence_cuts_audit_topics_only(history):
    role = ingest(history)
    role.consumer.ends |= {AUDIT: 0, FEEDBACK: 1}
    await role.resume(1, {AUDIT: Resume(0), FEEDBACK: Resume(0)})
    await read(role, verdict(0))
    await role.tick()
    assert role.is_idle
    assert role.consumer.committed == {}


async def test_who_moves_is_told_to_the_old_shard_once_the_directory_knows_of_it(history):
    log = FakeLog(history)
    role = ingest(history, identities=log)
    moved = Person(Employee("ann", "sales"), (Login("ann"),))
    looks = []

    async def reach(offset):
        looks.append(offset)
        history.apply(5, 1_000, "ann", moved)

    log.reach = reach
    await begin(role, IDENTITIES, Resume(5))
    old = Addresses(history, ExposureConfig(shard_size=2)).of_employee("ann", 0)
    await read(role, record(5), record(6), tp=IDENTITIES)
    (one, *others) = left(role)
    assert looks == [6]
    assert one == Departure(origin=Origin("identities", 0, 0, 5, 0), shard=old, employee="ann", to_shard="sales/0")
    # The group is small enough now to be one shard.
    assert all((other.shard, other.to_shard) == ("support/1", "support/0") for other in others)
    assert role.metrics.value("streamguard_moves_total") == 1 + len(others)
    assert role.consumer.safe[IDENTITIES].offset == 7
