"""Audit topics that are not what they were: re-created, truncated, re-partitioned. Nothing is skipped in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest
from brokers import admin
from stages.running import everything, running, send, settled
from stages.stage import Stage

from streamguard.stream import TopicError, Worker, wire

if TYPE_CHECKING:
    from pathlib import Path

    from brokers.choose import Broker
    from conftest import Names

pytestmark = [pytest.mark.real_kafka, pytest.mark.timeout(300)]


def statements(first: int, count: int) -> list[bytes]:
    return [
        orjson.dumps(
            {
                "timestamp": f"2026-11-22 04:{n // 60 % 60:02}:{n % 60:02}.000 UTC",
                "user": "alice.smith",
                "dbname": "crm",
                "session_id": "6b0.1",
                "error_severity": "LOG",
                "message": f"AUDIT: SESSION,{n},1,READ,SELECT,TABLE,public.customers,select email from customers,<none>,{n}",
            }
        )
        for n in range(first, first + count)
    ]


async def origins(stage: Stage) -> list[tuple[int, int]]:
    """Return (epoch, offset) of everything on the activity topic, in order."""
    config = stage.worker_config
    records = await everything(config, config.topics.activity)
    found = [exposure.activity.origin for record in records for exposure in wire.decode(record.value).exposures]
    return [(origin.epoch, origin.offset) for origin in found]


def audit_topic(stage: Stage) -> str:
    return next(iter(stage.worker_config.topics.audit))


def breaks(worker: Worker, stage: Stage, kind: str) -> float:
    return worker.metrics.value("streamguard_log_breaks_total", topic=audit_topic(stage), kind=kind)


async def test_a_topic_created_anew_begins_a_new_epoch(stage: Stage) -> None:
    config, topic = stage.worker_config, audit_topic(stage)
    async with running(config, stage.tools) as worker:
        await send(config, topic, statements(0, 30))
        await settled(worker)
    stage.kafka.delete_topic(topic)
    stage.kafka.create_topic(topic, stage.partitions)
    await send(config, topic, statements(100, 10))
    async with running(config, stage.tools) as worker:
        await settled(worker)
        assert breaks(worker, stage, "recreated") >= 1
        assert worker.metrics.value("streamguard_judged_total") == 10
    found = await origins(stage)
    assert [offset for _, offset in found] == [*range(30), *range(10)]
    assert len({epoch for epoch, _ in found[:30]}) == len({epoch for epoch, _ in found[30:]}) == 1
    assert found[0][0] != found[30][0]
    # The epoch was committed: a restart neither repeats nor skips, and sees no new break.
    await send(config, topic, statements(110, 5))
    async with running(config, stage.tools) as worker:
        await settled(worker)
        assert breaks(worker, stage, "recreated") == 0
    assert (await origins(stage))[-5:] == [(found[30][0], n) for n in range(10, 15)]


async def test_records_lost_to_retention_are_known_to_be_lost(stage: Stage) -> None:
    config, topic = stage.worker_config, audit_topic(stage)
    async with running(config, stage.tools) as worker:
        await send(config, topic, statements(0, 20))
        await settled(worker)
    await send(config, topic, statements(20, 20))
    with admin.admin(config.connection.bootstrap) as client:
        from kafka import TopicPartition

        client.delete_records({TopicPartition(topic, 0): 32})
    async with running(config, stage.tools) as worker:
        await settled(worker)
        assert breaks(worker, stage, "truncated") == 1
        assert worker.metrics.value("streamguard_lost_records_total", topic=topic) == 12
    assert [offset for _, offset in await origins(stage)] == [*range(20), *range(32, 40)]


async def test_partitions_added_while_reading_are_read(stage: Stage) -> None:
    config, topic = stage.worker_config, audit_topic(stage)
    async with running(config, stage.tools) as worker:
        await send(config, topic, statements(0, 10))
        await settled(worker)
        with admin.admin(config.connection.bootstrap) as client:
            client.create_partitions({topic: stage.partitions + 2})
        await send(config, topic, statements(50, 10), partition=stage.partitions + 1)
        await settled(worker, quiet_seconds=3.0)
    async with running(config, stage.tools) as worker:
        await settled(worker)
    assert sorted(offset for _, offset in await origins(stage)) == sorted([*range(10)] * 2)


async def test_a_changed_number_of_activity_partitions_is_refused(kafka: Broker, names: Names, tmp_path: Path) -> None:
    with Stage(kafka, names.prefix, tmp_path) as stage, admin.admin(kafka.bootstrap) as client:
        client.create_partitions({stage.worker_config.topics.activity: stage.partitions + 1})
        with pytest.raises(TopicError, match="number of partitions was changed"):
            await Worker(stage.worker_config, stage.tools).run()
