"""Nothing lost, nothing doubled: whatever happens to workers and brokers (design, section 4).

Bounded for CI. Longer: ``make faults ARGS="--fault-seconds 600 --fault-seed 7"``.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from stages.stage import SESSION_SECONDS, Stage, seeded

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from random import Random

pytestmark = [pytest.mark.faults, pytest.mark.real_kafka, pytest.mark.timeout(1_800)]

LINES_PER_SECOND = 900.0


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> Callable[[int], int]:
    """Return how many disturbances to make: the test's own number, or as many as --fault-seconds allows."""
    seconds = request.config.getoption("--fault-seconds")
    return lambda default: max(default, int(seconds / 5)) if seconds else default


@pytest.fixture
def moments(request: pytest.FixtureRequest) -> Random:
    return seeded(request.config.getoption("--fault-seed"))


async def disturb(stage: Stage, disturbance: Callable[[int], Awaitable[None]], count: int, moments: Random) -> None:
    """Feed the stage, disturb it, let it settle, and hold it against its ledger."""
    stop = asyncio.Event()
    feeding = asyncio.create_task(stage.feed(LINES_PER_SECOND, stop))
    stage.start_worker()
    try:
        await asyncio.sleep(6)
        for number in range(count):
            await asyncio.sleep(moments.uniform(0.5, 3.0))
            await disturbance(number)
            stage.reap()
            if not stage.workers:
                stage.start_worker()
        stop.set()
        await feeding
        assert await stage.settle(), f"the groups did not catch up: {stage.ended}"
    finally:
        feeding.cancel()
        stage.end_workers()
    verdict = await stage.audit()
    print(f"{count} disturbances: {verdict}")
    assert verdict.audit_records == stage.fed
    assert verdict.activities > 1_000, "the run was too short to prove anything"
    assert verdict.holds, (verdict, verdict.lost[:3], verdict.invented[:3], verdict.state_differs[:3], stage.ended)


async def test_kill_at_random_moments(stage: Stage, rounds: Callable[[int], int], moments: Random) -> None:
    """kill -9, twenty times: sometimes while starting, sometimes while recovering, mostly in the middle of a flush."""

    async def kill(_: int) -> None:
        # A successor is assigned once the dead worker's session is over.
        await asyncio.sleep(moments.choice([0.0, SESSION_SECONDS + 1.0]))
        for worker in stage.workers:
            worker.kill()
        stage.workers.clear()
        stage.start_worker()

    await disturb(stage, kill, rounds(20), moments)


async def test_graceful_restarts(stage: Stage, rounds: Callable[[int], int], moments: Random) -> None:
    async def restart(_: int) -> None:
        await asyncio.sleep(2.0)
        stage.end_workers()
        stage.start_worker()

    await disturb(stage, restart, rounds(5), moments)
    assert not stage.ended


async def test_rebalances_with_up_to_three_workers(stage: Stage, rounds: Callable[[int], int], moments: Random) -> None:
    async def join_or_leave(_: int) -> None:
        stage.reap()
        if len(stage.workers) < 2 or (len(stage.workers) < 3 and moments.random() < 0.5):
            stage.start_worker()
        else:
            leaver = stage.workers.pop(moments.randrange(len(stage.workers)))
            leaver.kill() if moments.random() < 0.5 else leaver.stop()
        await asyncio.sleep(moments.uniform(0.0, SESSION_SECONDS))

    await disturb(stage, join_or_leave, rounds(8), moments)


async def test_a_worker_frozen_past_its_session(stage: Stage, rounds: Callable[[int], int], moments: Random) -> None:
    """SIGSTOP until others have taken over, then SIGCONT: a zombie wakes up with unwritten state in its hands."""

    async def freeze(_: int) -> None:
        while len(stage.workers) < 2:
            stage.start_worker()
            await asyncio.sleep(5.0)
        frozen = moments.choice(stage.workers)
        frozen.freeze()
        await asyncio.sleep(SESSION_SECONDS * 2.5)
        frozen.thaw()
        await asyncio.sleep(1.0)

    await disturb(stage, freeze, rounds(3), moments)


async def test_broker_restarts(own_stage: Stage, rounds: Callable[[int], int], moments: Random) -> None:
    """The broker goes and comes back: orderly, and by kill -9."""

    async def restart(number: int) -> None:
        kafka = own_stage.kafka
        if number % 2:
            await asyncio.to_thread(kafka.kill)
            await asyncio.to_thread(kafka.start)
        else:
            await asyncio.to_thread(kafka.restart)
        await asyncio.sleep(3.0)

    await disturb(own_stage, restart, rounds(3), moments)
