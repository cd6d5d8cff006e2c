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
    made.read_again = []
    monkeypatch.setattr(app.tables.recovery, "revoke", made.read_again.append)
    return made


def flush(*pairs):
    records = list(changelog.encode_flush(Stamp(1, 1), pairs))
    return [record(offset, value, key=key) for offset, (key, value) in enumerate(records)]


def event(records, partition=0):
    return SimpleNamespace(value=Run(records, 0), message=SimpleNamespace(partition=partition))


def places(table, *partitions):
    return {TP(table.changelog_topic_name, partition) for partition in partitions}


async def rebalance(table, assigned, new, generation):
    table.read_again.clear()
    await table.on_rebalance(places(table, *assigned), set(), places(table, *new), generation)
    return {tp.partition for tp in table.read_again}


async def test_state_is_read_from_runs_of_the_changelog(table):
    table.apply_changelog_batch([event(flush((b"a", b"1"))), event(flush((b"b", b"2")), partition=1)])
    assert (table.state(0).entries, table.state(1).entries) == ({b"a": b"1"}, {b"b": b"2"})


async def test_kept_partitions_are_kept_from_one_generation_to_the_very_next_only(table):
    assert await rebalance(table, [0, 1], [0, 1], 1) == {0, 1}
    table.apply_changelog_batch([event(flush((b"a", b"1")))])
    assert await rebalance(table, [0, 1], [], 2) == set()
    assert table.state(0).entries == {b"a": b"1"}
    assert await rebalance(table, [0, 1], [], 4) == {0, 1}
    assert table.state(0).entries == {}


async def test_what_was_given_away_is_read_again_when_it_comes_back(table):
    await rebalance(table, [0], [0], 1)
    table.apply_changelog_batch([event(flush((b"a", b"1")))])
    await rebalance(table, [1], [1], 2)
    assert 0 not in table.states
    assert await rebalance(table, [0, 1], [0], 3) == {0}


async def test_a_changelog_that_cannot_be_read_ends_the_worker(table, monkeypatch):
    reasons = []

    async def crash(reason):
        reasons.append(reason)

    monkeypatch.setattr(table.app, "crash", crash)
    table.app.loop = asyncio.get_running_loop()
    table.apply_changelog_batch([event([record(0, b"foreign", key=b"ek")])])
    await asyncio.sleep(0)
    assert [type(reason) for reason in reasons] == [ChangelogError]
