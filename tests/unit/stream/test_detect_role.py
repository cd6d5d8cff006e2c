"""The detect role: state goes to the changelog in one piece, and a stranger's records in it end the worker."""

from __future__ import annotations

import msgspec
import pytest
from stream_fakes import ACTIVITY, AUDIT, FakeApp, FakeTable, FakeWriter, record

from streamguard.activity import Account, Activity, Departure, Exposure, Origin, RowsQuality, Verdict
from streamguard.detect import DetectConfig
from streamguard.metrics import Metrics
from streamguard.stream import changelog, wire
from streamguard.stream.delivery import Run
from streamguard.stream.detect import Detect, FencedError
from streamguard.stream.resume import Resume
from streamguard.stream.writer import Outgoing

DAY_MS = 86_400_000


def exposure(offset, employee="alice"):
    activity = Activity(
        origin=Origin("audit", 0, 0, offset, 0),
        time_ms=1_790_000_000_000 + offset * DAY_MS // 4,
        source="test",
        user=employee,
        statement_key=str(offset),
        rows=5,
        rows_quality=RowsQuality.EXACT,
        tables=("crm.customers",),
    )
    return Exposure(
        activity=activity,
        employee=employee,
        account=Account.HUMAN,
        peer_group="support",
        shard="support/0",
        categories={"email_address": Verdict.SEEN},
        sensitivity=2,
    )


def planted(offset):
    """Return an exposure that is a finding at once."""
    return msgspec.structs.replace(exposure(offset), honey=True)


def batch(offset, *exposures):
    return record(offset, wire.encode(wire.ActivityBatch("support/0", list(exposures))))


def detect(writer):
    return Detect(
        FakeApp(),
        writer,
        Metrics(),
        flush_seconds=0.0,
        flush_records=1_000,
        table=FakeTable(writer),
        config=DetectConfig(),
        activity_topic="activity",
        findings_topic="findings",
        deadletter_topic="letters",
    )


async def begun(writer, offset=0):
    role = detect(writer)
    await role.resume(1, {ACTIVITY: Resume(offset)})
    return role


async def feed(role, *records):
    await role.take_event(ACTIVITY, Run(list(records), 1))
    await role.flush()


def recovered(writer):
    return FakeTable(writer).state(0)


@pytest.fixture
def writer():
    return FakeWriter()


async def test_state_is_on_the_changelog_before_the_offset_is_declared(writer):
    role = await begun(writer)
    await feed(role, batch(0, exposure(0), exposure(1)))
    assert recovered(writer).entries == role._table.state(0).entries != {}
    assert recovered(writer).stamp == changelog.Stamp(1, 1)
    assert role.consumer.safe[ACTIVITY].offset == 1


async def test_findings_go_ahead_of_their_state_and_are_told_once(writer):
    role = await begun(writer)
    await role.take_event(ACTIVITY, Run([batch(0, planted(0))], 1))
    await role.hurry()
    assert len(writer.logs["findings", 0]) == 1
    assert (recovered(writer).entries, role.consumer.safe[ACTIVITY].offset) == ({}, 0)
    await role.flush()
    assert len(writer.logs["findings", 0]) == 1
    assert (recovered(writer).entries != {}, role.consumer.safe[ACTIVITY].offset) == (True, 1)
    # As after a crash in between: the same bytes again.
    again = FakeWriter()
    await feed(await begun(again), batch(0, planted(0)))
    assert again.logs["findings", 0] == writer.logs["findings", 0]


async def test_without_findings_nothing_is_urgent(writer):
    role = await begun(writer)
    await role.take_event(ACTIVITY, Run([batch(0, exposure(0))], 1))
    await role.hurry()
    assert writer.logs == {}


async def test_a_worker_that_may_have_been_replaced_tells_no_findings(writer):
    role = await begun(writer)
    await role.take_event(ACTIVITY, Run([batch(0, planted(0))], 1))
    role.consumer.is_member = False
    await role.hurry()
    assert writer.logs == {}


async def test_what_was_judged_before_is_recognised(writer):
    first = await begun(writer)
    await feed(first, batch(0, *map(exposure, range(8))))
    before = recovered(writer).entries
    second = await begun(writer)
    await feed(second, batch(0, *map(exposure, range(8))))
    assert second.metrics.value("streamguard_replays_skipped_total") == 8
    assert recovered(writer).entries == before
    assert second.consumer.safe[ACTIVITY].offset == 1


async def test_a_restart_between_any_two_flushes_changes_nothing(writer):
    batches = [batch(n, *(exposure(4 * n + k, "ab"[k % 2]) for k in range(4))) for n in range(12)]
    whole = await begun(writer)
    await feed(whole, *batches)
    disturbed = FakeWriter()
    for at, one in enumerate(batches):
        role = await begun(disturbed, at)
        # Delivered twice, as after a crash between the state and the commit.
        await feed(role, one)
        await feed(await begun(disturbed, at), one)
    assert recovered(disturbed).entries == recovered(writer).entries


async def test_who_finds_a_foreign_record_where_its_opening_should_be_stops(writer):
    role = await begun(writer)
    writer.strangers = [Outgoing(*changelog.encode_opening(1, 0, []))]
    with pytest.raises(FencedError):
        await feed(role, batch(0, exposure(0)))
    assert recovered(writer).entries == {}
    assert role.consumer.safe[ACTIVITY].offset == 0


async def test_who_finds_foreign_records_between_its_flushes_stops_and_its_successor_repairs_them(writer):
    """A zombie's void entry may be the newest of its key, and compaction may drop the good one it hides."""
    role = await begun(writer)
    await feed(role, batch(0, exposure(0, "alice"), exposure(1, "bob")))
    before = recovered(writer).entries
    key = next(key for key in before if b"bob" in key)
    zombie = changelog.encode_flush(changelog.Stamp(0, 9), [(key, b"bad")])
    writer.strangers = [Outgoing(*pair) for pair in zombie]
    with pytest.raises(FencedError):
        await feed(role, batch(1, exposure(2, "alice")))
    assert role.consumer.safe[ACTIVITY].offset == 1
    assert recovered(writer).repairs() == [(key, before[key])]
    # What was not committed comes again and brings nothing new: that must be enough to repair.
    await feed(await begun(writer, 1), batch(1, exposure(2, "alice")))
    assert recovered(writer).repairs() == []
    assert recovered(writer).entries[key] == before[key]


async def test_a_foreign_activity_record_is_a_dead_letter(writer):
    role = await begun(writer)
    await feed(role, record(0, b"garbage"), batch(1, exposure(0)))
    (out,) = writer.logs["letters", 0]
    assert dict(out.headers)["reason"] == b"not_an_activity_batch"
    assert role.metrics.value("streamguard_judged_total") == 1


async def test_nothing_judged_writes_no_state_and_moves_the_offset(writer):
    role = await begun(writer)
    await feed(role, batch(0))
    assert ("changelog", 0) not in writer.logs
    assert role.consumer.safe[ACTIVITY].offset == 1


async def test_dropping_a_tenure_forgets_what_was_not_written(writer):
    role = await begun(writer)
    await role.take_event(ACTIVITY, Run([batch(0, exposure(0))], 1))
    role._findings.append("of the old tenure")
    await role.revoke()
    await role.resume(2, {ACTIVITY: Resume(0)})
    await role.take_event(ACTIVITY, Run([record(0, b"x")], 2))
    await role.flush()
    assert ("changelog", 0) not in writer.logs
    assert ("findings", 0) not in writer.logs


async def test_a_partition_that_went_is_not_declared_any_more(writer):
    role = await begun(writer)
    await feed(role, batch(0, exposure(0)))
    other = ACTIVITY._replace(partition=1)
    await role.revoke()
    role.consumer.safe.clear()
    await role.resume(2, {other: Resume(5)})
    await role.take_event(other, Run([batch(5, exposure(1))], 2))
    await role.flush()
    assert {tp: safe.offset for tp, safe in role.consumer.safe.items()} == {other: 6}


def departure(offset, employee="alice"):
    return Departure(
        origin=Origin("identities", 0, 0, offset, 0), shard="support/0", employee=employee, to_shard="sales/0"
    )


def steering(offset, *records):
    return record(offset, wire.encode(wire.ActivityBatch(records[0].shard, steering=list(records))))


def handed_over(writer):
    return [wire.decode(value).steering for value in writer.values("activity")]


async def test_an_employee_who_moves_is_handed_over_before_the_state_says_so(writer):
    role = await begun(writer)
    seen = []
    write = writer.write

    async def watch(topic, partition, records):
        seen.append(topic)
        return await write(topic, partition, records)

    writer.write = watch
    await feed(role, batch(0, exposure(0), exposure(1)), steering(1, departure(7), departure(8, "nobody")))
    assert seen == ["activity", "changelog", "changelog"]
    ((handover, nothing),) = handed_over(writer)
    assert [(one.shard, one.employee) for one in (handover, nothing)] == [("sales/0", "alice"), ("sales/0", "nobody")]
    assert role.metrics.value("streamguard_steered_total", kind="departure") == 2
    # A successor that hears of the move again has nothing more to say.
    await feed(await begun(writer), batch(0, exposure(0), exposure(1)), steering(1, departure(7)))
    assert len(handed_over(writer)) == 1


async def test_a_crash_after_a_handover_repeats_it_byte_for_byte(writer):
    log = [batch(0, exposure(0)), steering(1, departure(7)), batch(2, exposure(1))]
    role = await begun(writer)
    writer.strangers = [Outgoing(*changelog.encode_opening(1, 0, []))]
    with pytest.raises(FencedError):
        await feed(role, *log)
    await feed(await begun(writer), *log)
    first, second = writer.values("activity")
    assert first == second
    ((handover,), _) = handed_over(writer)
    new = await begun(FakeWriter())
    await feed(new, steering(0, handover), steering(1, handover))
    assert new.metrics.value("streamguard_steered_total", kind="handover") == 1
    assert new.metrics.value("streamguard_replays_skipped_total") == 1
    assert any(key.endswith(b"e:alice") for key in recovered(new.writer).entries)


async def test_what_a_dropped_tenure_would_have_handed_over_is_forgotten(writer):
    role = await begun(writer)
    await role.take_event(ACTIVITY, Run([batch(0, exposure(0)), steering(1, departure(7))], 1))
    await role.revoke()
    await role.resume(2, {ACTIVITY: Resume(0)})
    await role.take_event(ACTIVITY, Run([batch(0, exposure(0))], 2))
    await role.flush()
    assert handed_over(writer) == []


def test_exposures_survive_the_wire():
    (shard, encoded), *rest = wire.batches([exposure(0)])
    assert (shard, rest) == ("support/0", [])
    assert msgspec.json.encode(wire.decode(encoded).exposures[0]) == msgspec.json.encode(exposure(0))
    assert AUDIT.topic == wire.decode(encoded).exposures[0].activity.origin.topic
