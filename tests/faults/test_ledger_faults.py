"""Crash, replay and duplicates change no figure of the ledger: kill -9 for whoever feeds it, and for its service."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import pytest
from servers.process import ServerProcess
from stages.keeping import kept_of, reads_once, stored
from stages.running import everything
from stages.stage import Stage, seeded

from streamguard.ledger import By, LedgerStore, Span, decode, totals

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.faults, pytest.mark.real_kafka, pytest.mark.timeout(600)]

LINES_PER_SECOND = 900.0


@pytest.fixture
def service(stage: Stage) -> Iterator[ServerProcess]:
    """Give the service that builds the store, not started yet."""
    command = [
        sys.executable,
        "-m",
        "streamguard",
        "ledger",
        "run",
        "--no-create-topics",
        "--config",
        str(stage.config),
    ]
    process = ServerProcess("ledger", command, stage.directory / "service.log")
    yield process
    process.kill()


async def grown(stage: Stage, by: int) -> None:
    """Wait until so many more records are on the ledger's topic."""
    topic = stage.worker_config.topics.ledger
    assert topic is not None
    before = len(await everything(stage.worker_config, topic))
    for _ in range(120):
        await asyncio.sleep(0.5)
        if len(await everything(stage.worker_config, topic)) >= before + by:
            return
    raise TimeoutError("the worker writes nothing to the ledger's topic")


async def test_kills_of_the_worker_and_of_the_service(
    stage: Stage, service: ServerProcess, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STREAMGUARD_LEDGER__COMMIT_SECONDS", "0.2")
    # Blocks are often written and rarely committed, so that a kill finds some held and some written in vain.
    monkeypatch.setenv("STREAMGUARD_LEDGER__HOLD_SECONDS", "0.4")
    monkeypatch.setenv("STREAMGUARD_ENGINE__COMMIT_SECONDS", "2")
    monkeypatch.setenv("STREAMGUARD_LEDGER__RETENTION_DAYS", "4000")
    moments = seeded(request.config.getoption("--fault-seed"))
    kills = max(2, int(request.config.getoption("--fault-seconds") / 6))
    stop = asyncio.Event()
    feeding = asyncio.create_task(stage.feed(LINES_PER_SECOND, stop))
    stage.start_worker()
    service.start(lambda: True)
    try:
        for _ in range(kills):
            # A successor is at work once it has written: much of that is not committed when it dies.
            await grown(stage, by=4)
            await asyncio.sleep(moments.uniform(0.0, 1.0))
            for worker in stage.workers:
                worker.kill()
            stage.workers.clear()
            stage.start_worker()
            await asyncio.sleep(moments.uniform(0.0, 1.0))
            service.kill()
            service.start(lambda: True)
        stop.set()
        await feeding
        assert await stage.settle(), f"the groups did not catch up: {stage.ended}"
    finally:
        feeding.cancel()
        stage.end_workers()
        service.kill()
    expected = await kept_of(stage)
    topic = stage.worker_config.topics.ledger
    assert topic is not None
    delivered = sum(len(decode(one.value).exposures) for one in await everything(stage.worker_config, topic))
    # Whatever the service had not come to, and a second store from the same topic.
    directories = [stage.directory / "ledger", stage.directory / "anew"]
    for directory in directories:
        await reads_once(stage, directory)
        assert stored(directory) == expected
    first, second = (
        totals(LedgerStore(directory), Span(0, 1 << 62), [By.EMPLOYEE, By.CATEGORY, By.DAY])
        for directory in directories
    )
    assert first == second
    assert len(expected) > 1_000, "the run was too short to prove anything"
    print(f"{kills} kills: {len(expected)} exposures, delivered {delivered}")
    assert delivered > len(expected), "no kill made anything come twice, so nothing was proven"
