"""The worker's contract, on the embedded broker and on the most real one: the same behaviour, specified once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import aiohttp
import pytest
from stages.running import running, send, settled
from stages.stage import Stage

from streamguard.cli.demo import AHEAD_LINES
from streamguard.cli.simulation import keyed
from streamguard.simulate import World, small_company
from streamguard.stream.feed import feed

if TYPE_CHECKING:
    from streamguard.stream import Worker

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]


def log_of(days: int) -> list[tuple[bytes, bytes]]:
    """Return the simulated company's log, each line with its session as key."""
    return list(keyed(World(small_company(days=days)).lines("postgresql.jsonlog")))


def read_by(worker: Worker) -> int:
    """Return how many audit records the worker has read."""
    return sum(sum(role.positions.values()) for role in worker.roles if role.name == "ingest")


async def test_what_reaches_kafka_is_what_the_core_gives_offline(anywhere: Stage) -> None:
    config = anywhere.worker_config
    topic = next(iter(config.topics.audit))
    lines = log_of(days=16)
    async with running(config, anywhere.tools) as worker:
        # Not far ahead of the worker, as in life: partitions of a backlog are read at different speeds, and then it
        # is chance which days close before their last records come, so whether there is a finding at all.
        await feed(config.connection, topic, lines, may_send=lambda sent: sent - read_by(worker) <= AHEAD_LINES)
        await settled(worker)
    verdict = await anywhere.audit()
    assert verdict.audit_records == len(lines)
    assert verdict.activities == verdict.activities_delivered > 10_000
    assert verdict.findings > 0
    assert verdict.holds, verdict


async def test_a_stopped_worker_leaves_nothing_to_do_again(anywhere: Stage) -> None:
    config = anywhere.worker_config
    topic = next(iter(config.topics.audit))
    lines = log_of(days=8)
    half = len(lines) // 2
    async with running(config, anywhere.tools) as worker:
        await feed(config.connection, topic, lines[:half])
        await settled(worker)
    async with running(config, anywhere.tools) as worker:
        await feed(config.connection, topic, lines[half:])
        await settled(worker)
        assert worker.metrics.value("streamguard_replays_skipped_total") == 0
    assert (await anywhere.audit()).holds


async def test_agents_can_be_scaled_apart(anywhere: Stage) -> None:
    config = anywhere.worker_config
    topic = next(iter(config.topics.audit))
    async with running(config, anywhere.tools, roles=["ingest"]) as reads:
        await feed(config.connection, topic, log_of(days=8))
        await settled(reads)
        async with running(config, anywhere.tools, roles=["detect"]) as judges:
            await settled(judges)
            assert judges.metrics.value("streamguard_judged_total") > 1_000
    assert (await anywhere.audit()).holds


async def test_health_tells_the_truth(anywhere: Stage) -> None:
    config = replace(anywhere.worker_config, web_port=0)
    async with running(config, anywhere.tools) as worker, aiohttp.ClientSession() as session:
        assert worker.server is not None
        base = f"http://127.0.0.1:{worker.server.port}"
        async with session.get(f"{base}/ready") as answer:
            assert answer.status == 200
            told = await answer.json()
        # Of the audit topic and of the feedback topic.
        assert told["roles"]["ingest"]["assigned_partitions"] == 2 * anywhere.partitions
        assert told["roles"]["detect"]["recovered"]
        for role in worker.roles:
            role.health.failure = "made up"
        async with session.get(f"{base}/health") as answer:
            assert answer.status == 503
        async with session.get(f"{base}/metrics") as answer:
            assert "streamguard_build_info" in await answer.text()


async def test_a_foreign_record_on_the_activity_topic_is_a_dead_letter(anywhere: Stage) -> None:
    config = anywhere.worker_config
    async with running(config, anywhere.tools, roles=["detect"]) as worker:
        await send(config, config.topics.activity, [b"{}", b"not ours"])
        await settled(worker)
        assert worker.metrics.value("streamguard_rejected_total", reason="not_an_activity_batch") == 2
