"""The ledger on Kafka: from audit records to a store, through purges, a second reading and the command line."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from stages.keeping import keeping, kept_of, reads_once, stored
from stages.running import everything, running, send, settled
from typer.testing import CliRunner

from streamguard.cli import app
from streamguard.cli.simulation import keyed
from streamguard.ledger import LedgerStore, Pseudonyms, Purge, Span
from streamguard.metrics import Metrics
from streamguard.simulate import World, small_company
from streamguard.stream import TopicError, write_purges
from streamguard.stream.feed import feed

if TYPE_CHECKING:
    from stages.stage import Stage

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]


async def test_everything_personal_is_in_the_store_and_purges_reach_every_store(stage: Stage) -> None:
    config, topic = stage.worker_config, stage.worker_config.topics.ledger
    assert topic is not None
    async with running(config, stage.tools) as worker:
        audit = next(iter(config.topics.audit))
        await feed(config.connection, audit, list(keyed(World(small_company(days=8)).lines("postgresql.jsonlog"))))
        await settled(worker)
        assert worker.metrics.value("streamguard_ledger_blocks_total") > 0
    expected = await kept_of(stage)
    assert len(expected) > 5_000
    metrics = await reads_once(stage, stage.directory / "first")
    assert stored(stage.directory / "first") == expected
    assert metrics.value("streamguard_ledger_taken_total") == len(expected)
    assert metrics.value("streamguard_ledger_exposures") == len(expected)
    # Complete up to the last word of the log that the agent passed on.
    complete = LedgerStore(stage.directory / "first").complete_until()
    assert complete is not None
    assert complete >= expected[-1].activity.time_ms

    someone = expected[len(expected) // 2]
    await write_purges(config.connection, topic, [Purge(someone.activity.time_ms, someone.employee)])
    await send(config, topic, [b"not ours"], partition=1)
    left = [x for x in expected if x.employee != someone.employee or x.activity.time_ms >= someone.activity.time_ms]
    again = await reads_once(stage, stage.directory / "first")
    assert again.value("streamguard_ledger_taken_total") == 0
    assert again.value("streamguard_rejected_total", reason="not_a_ledger_block") == 1
    assert stored(stage.directory / "first") == left
    # A store built anew from the topic forgets, too, and is equal in content.
    await reads_once(stage, stage.directory / "second")
    assert stored(stage.directory / "second") == left


async def test_the_service_follows_the_topic_until_it_is_stopped(stage: Stage) -> None:
    config = stage.worker_config
    directory, metrics = stage.directory / "store", Metrics()
    async with keeping(stage, directory, metrics):
        async with running(config, stage.tools) as worker:
            audit = next(iter(config.topics.audit))
            await feed(config.connection, audit, list(keyed(World(small_company(days=8)).lines("postgresql.jsonlog"))))
            await settled(worker)
        expected = await kept_of(stage)
        for _ in range(200):
            await asyncio.sleep(0.1)
            if metrics.value("streamguard_ledger_exposures") == len(expected):
                break
        # Who only looks does not disturb who writes.
        assert stored(directory) == expected


async def test_a_ledger_that_cannot_be_the_twin_of_the_activities_is_refused(stage: Stage) -> None:
    topic = stage.worker_config.topics.ledger
    other = f"{topic}.other"
    stage.kafka.create_topic(other, stage.partitions + 1)
    config = stage.configured(ledger=other)
    with pytest.raises(TopicError, match=r"topics\.ledger"):
        async with running(config, stage.tools):
            pass


@pytest.mark.real_kafka
async def test_the_commands(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a key: employees are pseudonyms on the topic, and who has the key asks for people by name."""
    key = "a secret of the works council"
    monkeypatch.setenv("STREAMGUARD_LEDGER__PSEUDONYM_KEY", key)
    monkeypatch.setenv("STREAMGUARD_LEDGER__RETENTION_DAYS", "4000")
    config = stage.configured(pseudonyms=Pseudonyms(key.encode()))
    async with running(config, stage.tools) as worker:
        audit = next(iter(config.topics.audit))
        await feed(config.connection, audit, list(keyed(World(small_company(days=8)).lines("postgresql.jsonlog"))))
        await settled(worker)

    def told(*arguments: str) -> str:
        result = CliRunner().invoke(app, ["ledger", *arguments, "--config", str(stage.config)])
        assert result.exit_code == 0, result.output
        return result.stdout

    def ask(*arguments: str) -> list[dict]:
        return [json.loads(line) for line in told("show", "--json", *arguments).splitlines()]

    assert "exposures" in await asyncio.to_thread(told, "run", "--once")
    (total,) = ask("--by", "employee", "--employee", "anna.becker")
    assert total["employee"] == "anna.becker"
    assert total["statements"] > 20
    everybody = ask("--by", "employee,day")
    assert all(one["employee"].startswith("pseudonym:") for one in everybody)
    assert b"anna.becker" not in b"".join(one.value for one in await everything(config, config.topics.ledger))
    first = ask("--employee", "anna.becker", "--limit", "5")
    assert len(first) == 5
    assert "anna.becker" in told("show", "--employee", "anna.becker", "--limit", "2")
    before = json.loads(told("stats", "--json"))
    assert before["pseudonyms"] is True
    assert 0 < before["bytes_per_exposure"] < 60
    await asyncio.to_thread(told, "purge", "--employee", "anna.becker", "--yes")
    after = json.loads(told("stats", "--json"))
    assert after["exposures"] == before["exposures"] - total["statements"]
    assert ask("--employee", "anna.becker") == []
    assert list(LedgerStore(stage.directory / "ledger").exposures(Span(0, 1))) == []
    assert "complete until" in told("stats")
