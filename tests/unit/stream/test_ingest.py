"""The ingest role: what it commits, when it cuts, and in which order it writes."""

from __future__ import annotations

import pytest
from stream_fakes import AUDIT, TOOLS, FakeApp, FakeWriter, record

from streamguard.metrics import Metrics
from streamguard.stream import metadata, wire
from streamguard.stream.delivery import Run
from streamguard.stream.ingest import Ingest
from streamguard.stream.resume import Break, Resume


def ingest(**changes):
    return Ingest(
        FakeApp(),
        FakeWriter(),
        Metrics(),
        flush_seconds=0.0,
        flush_records=1_000,
        tools=TOOLS,
        formats={"audit": None},
        activity_topic="activity",
        deadletter_topic="letters",
        idle_cut_seconds=changes.pop("idle_cut_seconds", 0.0),
        **changes,
    )


@pytest.fixture
async def role():
    return ingest()


def line(session="s", key="k"):
    return b'{"s":"%s","k":"%s"}' % (session.encode(), key.encode())


async def begin(role, resume=Resume(0), end=100):  # noqa: B008 - a frozen value
    role.consumer.ends[AUDIT] = end
    await role.resume(1, {AUDIT: resume})


async def read(role, *records):
    await role.take_event(AUDIT, Run(list(records), 1))
    await role.flush()


def left(role):
    return [e.activity.origin for value in role.writer.values("activity") for e in wire.decode(value).exposures]


def committed(role):
    safe = role.consumer.safe[AUDIT]
    return safe.offset, metadata.tenure_after(Resume(safe.offset, safe.metadata)).progress


async def test_the_offset_of_an_open_statement_is_not_committed(role):
    await begin(role)
    await read(role, record(0, line("s", "a")), record(1, line("s", "b")))
    assert [origin.offset for origin in left(role)] == [0]
    assert committed(role)[0] == 1


async def test_a_rejected_record_becomes_a_dead_letter_with_its_bytes(role):
    await begin(role)
    await read(role, record(0, b"garbage"))
    (out,) = role.writer.logs["letters", 0]
    assert (out.value, dict(out.headers)["reason"]) == (b"garbage", b"not_json")
    assert committed(role)[0] == 1


async def test_silence_closes_what_is_open_once_that_is_committed(role):
    await begin(role, end=1)
    await read(role, record(0, line()))
    await role.tick()
    assert [origin.offset for origin in left(role)] == [0]
    assert metadata.tenure_after(Resume(0, role.consumer.committed[AUDIT].metadata)).progress.cut_offset == 1
    assert role.is_idle


async def test_a_cut_that_cannot_be_committed_is_not_carried_out(role):
    await begin(role, end=1)
    await read(role, record(0, line()))
    role.consumer.commits_now = False
    await role.tick()
    assert left(role) == []


async def test_a_partition_is_not_cut_while_its_log_goes_on(role):
    """A pause in the middle of a backlog is no silence: a cut there splits statements, and differs at a restart."""
    await begin(role, end=2)
    await read(role, record(0, line()))
    await role.tick()
    assert left(role) == []
    await read(role, record(1, line()))
    await role.tick()
    assert [origin.offset for origin in left(role)] == [0]


async def test_a_cut_that_was_never_announced_durably_does_not_happen_later(role, monkeypatch):
    await begin(role, end=1)
    await read(role, record(0, line()))
    with monkeypatch.context() as patch:
        patch.setattr(metadata, "MAX_METADATA_BYTES", 1)
        await role.tick()
    assert left(role) == []
    role.consumer.ends[AUDIT] = 3
    await read(role, record(1, line()), record(2, line("s", "other")))
    (batch,) = [wire.decode(value) for value in role.writer.values("activity")]
    assert [exposure.activity.records for exposure in batch.exposures] == [2]


async def test_a_topic_created_anew_is_another_log(role):
    await begin(role, Resume(0, metadata.encode(metadata.Tenure(epoch=3)), Break.RECREATED))
    await read(role, record(0, line("s", "a")), record(1, line("s", "b")))
    assert [origin.epoch for origin in left(role)] == [4]
    assert role.metrics.value("streamguard_log_breaks_total", topic="audit", kind="recreated") == 1


async def test_a_new_epoch_is_committed_before_anything_of_it_leaves(role):
    seen = []
    write_all = role.writer.write_all

    async def watch(records):
        seen.append(dict(role.consumer.committed))
        await write_all(records)

    role.writer.write_all = watch
    await begin(role, Resume(0, metadata.encode(metadata.Tenure()), Break.RECREATED))
    await read(role, record(0, line("s", "a")), record(1, line("s", "b")))
    assert metadata.tenure_after(Resume(0, seen[0][AUDIT].metadata)).epoch == 1


async def test_records_lost_to_retention_are_counted(role):
    await begin(role, Resume(7, metadata.encode(metadata.Tenure()), Break.TRUNCATED, 7))
    assert role.metrics.value("streamguard_lost_records_total", topic="audit") == 7


async def test_identities_of_topics_are_asked_for_and_kept():
    role = ingest(topic_ids=lambda names: dict.fromkeys(names, "00000000-0000-0000-0000-00000000002a"))
    await role.prepare()
    await begin(role)
    await read(role, record(0, line("s", "a")), record(1, line("s", "b")))
    assert [origin.epoch for origin in left(role)] == [42]
    metadata_ = role.consumer.safe[AUDIT].metadata
    assert role.is_same_log(AUDIT, metadata_)
    role._topic_ids = {"audit": "another"}
    assert not role.is_same_log(AUDIT, metadata_)


async def test_a_successor_goes_on_as_if_nothing_had_happened(role):
    log = [record(n, line(f"s{n % 3}", f"k{n // 7}")) for n in range(30)]
    await begin(role)
    await read(role, *log)
    disturbed = ingest()
    await begin(disturbed)
    for at in (5, 11, 12, 20, 30):
        offset = committed(disturbed)[0]
        await disturbed.take_event(AUDIT, Run(log[offset:at], 1))
        await disturbed.flush()
        safe = disturbed.consumer.safe[AUDIT]
        await disturbed.revoke()
        await begin(disturbed, Resume(safe.offset, safe.metadata))
    assert sorted(left(disturbed)) == sorted(left(role))
    assert len(left(role)) > 5
