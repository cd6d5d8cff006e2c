"""The table through which Faust restores state: what is kept over a rebalance, and what must be read again."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import faust
import pytest
from faust.types import TP
from stream_fakes import record

from streamguard.stream import changelog
from streamguard.stream.changelog import ChangelogError, Stamp
from streamguard.stream.consumer import GuardApp
from streamguard.stream.delivery import Run
from streamguard.stream.table import StateTable


@pytest.fixture
async def table(monkeypatch):
    async def nothing(*_):
        pass

    app = GuardApp("g", broker="kafka://127.0.0.1:1", web_enabled=False, Table=StateTable, store="memory://")
    made = app.Table("state", key_type=bytes, value_type=bytes, partitions=2)
    monkeypatch.setattr(faust.Table, "on_rebalance", nothing)
    made.read_again, made.sought = [], []

    async def seek_wait(places):
        made.sought.append(places)

    monkeypatch.setattr(GuardApp, "consumer", SimpleNamespace(seek_wait=seek_wait))
    revoke = app.tables.recovery.revoke
    monkeypatch.setattr(app.tables.recovery, "revoke", lambda tp: (made.read_again.append(tp), revoke(tp)))
    return made


def flush(*pairs):
    records = list(changelog.encode_flush(Stamp(1, 1), pairs))
    return [record(offset, value, key=key) for offset, (key, value) in enumerate(records)]


async def read(table, records, partition=0):
    """Let a run arrive, as Faust's recovery does."""
    tp = TP(table.changelog_topic_name, partition)
    recovery = table.app.tables.recovery
    run = Run(records, 0, records[0].offset)
    if (seen := recovery.active_offsets.get(tp)) is None or records[-1].offset > seen:
        recovery.active_offsets[tp] = records[-1].offset
        event = SimpleNamespace(value=run, message=SimpleNamespace(tp=tp))
        await table.on_changelog_event(event)
        table.apply_changelog_batch([event])


def places(table, *partitions):
    return {TP(table.changelog_topic_name, partition) for partition in partitions}


async def rebalance(table, assigned, new, generation):
    table.read_again.clear()
    table.app.tables.recovery.active_tps |= places(table, *assigned)
    await table.on_rebalance(places(table, *assigned), set(), places(table, *new), generation)
    return {tp.partition for tp in table.read_again}


async def test_state_is_read_from_runs_of_the_changelog(table):
    await read(table, flush((b"a", b"1")))
    await read(table, flush((b"b", b"2")), partition=1)
    assert (table.state(0).entries, table.state(1).entries) == ({b"a": b"1"}, {b"b": b"2"})


async def test_kept_partitions_are_kept_from_one_generation_to_the_very_next_only(table):
    assert await rebalance(table, [0, 1], [0, 1], 1) == {0, 1}
    await read(table, flush((b"a", b"1")))
    assert await rebalance(table, [0, 1], [], 2) == set()
    assert table.state(0).entries == {b"a": b"1"}
    assert await rebalance(table, [0, 1], [], 4) == {0, 1}
    assert table.state(0).entries == {}


async def test_what_was_given_away_is_read_again_when_it_comes_back(table):
    await rebalance(table, [0], [0], 1)
    await read(table, flush((b"a", b"1")))
    await rebalance(table, [1], [1], 2)
    assert 0 not in table.states
    assert await rebalance(table, [0, 1], [0], 3) == {0}


async def test_a_changelog_that_cannot_be_read_ends_the_worker(table, monkeypatch):
    reasons = []

    async def crash(reason):
        reasons.append(reason)

    monkeypatch.setattr(table.app, "crash", crash)
    table.app.loop = asyncio.get_running_loop()
    await read(table, [record(0, b"foreign", key=b"ek")])
    await asyncio.sleep(0)
    assert [type(reason) for reason in reasons] == [ChangelogError]


async def test_a_run_that_does_not_follow_is_read_again_with_all_before_it(table):
    """Faust takes it for progress, and would pass over everything that lies before it."""
    log = [
        record(offset, value, key=key)
        for flush in range(1, 4)
        for offset, (key, value) in enumerate(
            changelog.encode_flush(Stamp(1, flush), [(b"%d" % flush, b"x")]), 2 * flush - 2
        )
    ]
    await rebalance(table, [0], [0], 1)
    await read(table, log[:2])
    await rebalance(table, [0], [], 3)
    # Fetched before, or what follows a run that Faust threw away.
    await read(table, log[4:])
    assert (table.sought, table.states) == ([{TP(table.changelog_topic_name, 0): 0}], {})
    for start in (0, 2, 4):
        await read(table, log[start : start + 2])
    assert set(table.state(0).entries) == {b"1", b"2", b"3"}
    assert len(table.sought) == 1


async def test_holes_that_compaction_left_are_none(table):
    await rebalance(table, [0], [0], 1)
    key, value = next(changelog.encode_flush(Stamp(1, 1), [(b"a", b"1")]))
    mark = list(changelog.encode_flush(Stamp(1, 2), []))[-1]
    tp = TP(table.changelog_topic_name, 0)
    for begin, one in ((0, record(7, value, key=key)), (8, record(20, mark[1], key=mark[0]))):
        event = SimpleNamespace(value=Run([one], 0, begin), message=SimpleNamespace(tp=tp))
        await table.on_changelog_event(event)
    assert (table.state(0).entries, table.sought) == ({b"a": b"1"}, [])
