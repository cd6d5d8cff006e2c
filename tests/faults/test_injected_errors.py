"""Errors that a healthy broker cannot be made to give: produce, fetch and commit failures, slow and absent brokers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from brokers.mock_cluster import Api, MockCluster
from faults.test_faults import disturb
from stages.stage import Stage, seeded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Names

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

BROKERS = (1, 2, 3)
REQUEST_TIMED_OUT, NOT_ENOUGH_REPLICAS, NOT_LEADER = 7, 19, 6
COORDINATOR_LOADING, COORDINATOR_GONE, NOT_COORDINATOR = 14, 15, 16


@pytest.fixture
def cluster() -> Iterator[MockCluster]:
    with MockCluster(brokers=len(BROKERS)) as cluster:
        yield cluster


async def test_a_storm_of_broker_errors(
    cluster: MockCluster, names: Names, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    moments = seeded(request.config.getoption("--fault-seed"))
    with Stage(cluster, names.prefix, tmp_path) as stage:

        async def produce_errors() -> None:
            cluster.fail(Api.PRODUCE, *[NOT_ENOUGH_REPLICAS] * 20, *[REQUEST_TIMED_OUT] * 10)

        async def commit_errors() -> None:
            cluster.fail(Api.OFFSET_COMMIT, *[COORDINATOR_LOADING, COORDINATOR_GONE, NOT_COORDINATOR] * 3)

        async def fetch_errors() -> None:
            cluster.fail(Api.FETCH, *[NOT_LEADER] * 10)

        async def broker_away() -> None:
            broker = moments.choice(BROKERS)
            cluster.down(broker)
            await asyncio.sleep(3.0)
            cluster.up(broker)

        async def slow_brokers() -> None:
            for broker in BROKERS:
                cluster.delay(broker, 300)
            await asyncio.sleep(3.0)
            for broker in BROKERS:
                cluster.delay(broker, 0)

        async def leaders_move() -> None:
            config = stage.worker_config
            for topic in (*config.topics.audit, config.topics.activity, config.engine.changelog_topic):
                for partition in range(stage.partitions):
                    cluster.lead(topic, partition, moments.choice(BROKERS))

        async def kill() -> None:
            for worker in stage.workers:
                worker.kill()
            stage.workers.clear()

        storms = [produce_errors, commit_errors, fetch_errors, broker_away, slow_brokers, leaders_move, kill]

        async def storm(number: int) -> None:
            # Each kind once, in its order, then at random.
            await (storms[number] if number < len(storms) else moments.choice(storms))()

        try:
            await disturb(stage, storm, len(storms) + 3, moments)
        finally:
            for api in (Api.PRODUCE, Api.OFFSET_COMMIT, Api.FETCH):
                cluster.heal(api)
