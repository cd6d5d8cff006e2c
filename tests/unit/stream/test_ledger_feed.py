"""From detect to the ledger's topic: what is held is not declared read, so no crash takes it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stream_fakes import ACTIVITY, FakeWriter
from test_detect_role import batch, detect, exposure

from streamguard.ledger import Pseudonyms, decode
from streamguard.stream import role as roles
from streamguard.stream.delivery import Run
from streamguard.stream.ledgerfeed import LedgerFeed
from streamguard.stream.resume import Resume


async def begun(writer, offset=0, seeks=1, hold_seconds=1e9, key=None):
    role = detect(writer)
    role._ledger = LedgerFeed(writer, "ledger", hold_seconds=hold_seconds, pseudonyms=Pseudonyms(key))
    await role.resume(seeks, {ACTIVITY: Resume(offset)})
    return role


async def feed(role, *records):
    await role.take_event(ACTIVITY, Run(list(records), 1))
    await role.flush()


def kept(writer, partition=0):
    return [one for value in writer.values("ledger", partition) for one in decode(value).exposures]


def safe(role):
    return role.consumer.safe[ACTIVITY].offset


@pytest.fixture
def writer():
    return FakeWriter()


async def test_what_is_held_stays_before_the_declared_offset_although_it_was_judged(writer):
    role = await begun(writer)
    await feed(role, batch(0), batch(1, exposure(0)))
    assert role.metrics.value("streamguard_judged_total") == 1
    await feed(role, batch(2, exposure(1)))
    assert (safe(role), kept(writer), role.is_idle) == (1, [], False)
    role._ledger.hurry()
    await feed(role, batch(3))
    assert (safe(role), kept(writer), role.is_idle) == (4, [exposure(0), exposure(1)], True)
    assert role.metrics.value("streamguard_ledger_blocks_total") == 1


async def test_nothing_held_holds_nothing_back(writer):
    role = await begun(writer, hold_seconds=0.0)
    await feed(role, batch(0, exposure(0)))
    assert (safe(role), kept(writer)) == (1, [exposure(0)])


async def test_what_is_held_is_written_when_its_time_is_over_although_nothing_comes(writer, monkeypatch):
    role = await begun(writer, hold_seconds=5.0)
    await feed(role, batch(0, exposure(0)))
    now = roles.time.monotonic()
    await role.idle(now)
    await role.tick()
    assert kept(writer) == []
    monkeypatch.setattr("streamguard.stream.detect.time.monotonic", lambda: now + 6.0)
    await role.tick()
    await role.tick()
    assert (safe(role), kept(writer)) == (1, [exposure(0)])


async def test_an_orderly_end_writes_what_is_held(writer):
    role = await begun(writer)
    await feed(role, batch(0, exposure(0)))
    await role._finish()
    assert kept(writer) == [exposure(0)]
    assert role.consumer.committed[ACTIVITY].offset == 1


async def test_partitions_that_go_take_what_is_held_with_them(writer):
    role = await begun(writer)
    await feed(role, batch(0, exposure(0)))
    await role.revoke()
    await role.resume(2, {ACTIVITY: Resume(7)})
    role._ledger.hurry()
    await role.take_event(ACTIVITY, Run([batch(7, exposure(7))], 2))
    await role.flush()
    assert kept(writer) == [exposure(7)]


async def test_what_was_judged_before_is_kept_all_the_same(writer):
    await feed(await begun(writer), batch(0, exposure(0), exposure(1)))
    successor = await begun(writer)
    successor._ledger.hurry()
    await feed(successor, batch(0, exposure(0), exposure(1)))
    assert successor.metrics.value("streamguard_replays_skipped_total") == 2
    assert kept(writer) == [exposure(0), exposure(1)]


async def test_under_a_key_no_employee_is_named_on_the_topic_but_in_findings_and_state(writer):
    role = await begun(writer, hold_seconds=0.0, key=b"0123456789abcdef")
    await feed(role, batch(0, exposure(0)))
    assert "alice" not in str(kept(writer))
    assert any(b"alice" in key for key in role._table.state(0).entries)


steps = st.lists(st.sampled_from(["take", "take", "flush", "due", "crash", "end"]), min_size=5, max_size=40)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(steps)
async def test_whatever_happens_every_exposure_reaches_the_topic(steps):
    writer, log = FakeWriter(), [batch(n, exposure(2 * n), exposure(2 * n + 1)) for n in range(12)]
    role, committed, at = await begun(writer), 0, 0
    for step in [*steps, *["take"] * len(log), "end"]:
        if step == "take" and at < len(log):
            await role.take_event(ACTIVITY, Run([log[at]], 1))
            at += 1
        elif step == "flush":
            await role.flush()
        elif step == "due":
            role._ledger._hold_seconds = 0.0
            for held in role._ledger._held.values():
                held._hold_seconds = 0.0
            await role.idle(roles.time.monotonic())
            await role.flush()
        elif step in {"crash", "end"}:
            if step == "end":
                await role._finish()
            committed = max(committed, role.consumer.safe[ACTIVITY].offset)
            role, at = await begun(writer, committed), committed
    wanted = [exposure(n) for n in range(2 * len(log))]
    found = {one.origin: one for one in kept(writer)}
    while at < len(log):
        await role.take_event(ACTIVITY, Run([log[at]], 1))
        at += 1
    await role._finish()
    found = {one.origin: one for one in kept(writer)}
    assert sorted(found.values(), key=lambda one: one.origin) == wanted
