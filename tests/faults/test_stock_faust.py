"""Why the engine exists: the same kind of fault against a stock Faust agent, kept as an expected failure.

The agent adds up rows per employee in a Faust table. It is killed three times in the middle of its work. If its state
were right in the end, this test would pass, strictly, and fail the run: then the engine should be looked at again.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from servers.process import ServerProcess
from stages.ledger import Topic

from streamguard.stream.writer import Outgoing, Writer

if TYPE_CHECKING:
    from brokers.choose import Broker
    from conftest import Names

pytestmark = [pytest.mark.faults, pytest.mark.real_kafka, pytest.mark.timeout(600)]

EVENTS, EMPLOYEES, PARTITIONS, KILLS = 60_000, 500, 4, 3
SESSION_SECONDS = 3.0
QUIET_SECONDS = 20.0
TESTS = Path(__file__).parents[1]


async def write_events(bootstrap: str, topic: str) -> dict[str, int]:
    """Write events keyed by employee and return the true sums."""
    moments, truth = random.Random(1), {}
    writer = Writer({"bootstrap_servers": bootstrap}, None)
    await writer.start()
    outgoing: dict[tuple[str, int], list[Outgoing]] = {}
    for _ in range(EVENTS):
        number, rows = moments.randrange(EMPLOYEES), moments.randrange(1, 100)
        employee = f"employee{number}"
        truth[employee] = truth.get(employee, 0) + rows
        value = orjson.dumps({"employee": employee, "rows": rows})
        outgoing.setdefault((topic, number % PARTITIONS), []).append(Outgoing(employee.encode(), value))
    await writer.write_all(outgoing)
    await writer.stop()
    return truth


async def committed(bootstrap: str, group: str, topic: str) -> int:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        return sum([await consumer.committed(TopicPartition(topic, p)) or 0 for p in range(PARTITIONS)])
    finally:
        await consumer.stop()


async def final_state(bootstrap: str, changelog: str) -> dict[str, int]:
    state: dict[str, int] = {}
    async for _, records in Topic(bootstrap, changelog).records():
        for record in records:
            state[orjson.loads(record.key)] = orjson.loads(record.value)
    return state


async def in_the_middle(bootstrap: str, group: str, topic: str, moments: random.Random) -> None:
    """Wait until some time after the agent has begun to commit."""
    before, deadline = await committed(bootstrap, group, topic), time.monotonic() + 60
    while await committed(bootstrap, group, topic) == before and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.2)
    await asyncio.sleep(moments.uniform(0.0, 1.5))


async def written(bootstrap: str, changelog: str) -> int:
    """Return how many records the changelog has got so far."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        ends = await consumer.end_offsets([TopicPartition(changelog, p) for p in range(PARTITIONS)])
        return sum(ends.values())
    finally:
        await consumer.stop()


async def until_idle(kafka: Broker, app: str, topic: str, timeout_seconds: float) -> int:
    """Wait until the state no longer changes; returns what is committed. Commits alone prove nothing: they get stuck.

    Not idle in time is a failure of its own, not the expected one: an agent that is merely slow counts too few as well.
    """
    last, moved, deadline = -1, time.monotonic(), time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        done = await committed(kafka.bootstrap, app, topic)
        now = await written(kafka.bootstrap, f"{app}-state-changelog")
        if now != last:
            last, moved = now, time.monotonic()
        elif done == EVENTS or time.monotonic() - moved > QUIET_SECONDS:
            return done
        await asyncio.sleep(1.0)
    pytest.fail(f"the stock agent was still counting after {timeout_seconds:g} s: nothing is proven")


async def test_stock_faust_counts_right_after_kills(
    kafka: Broker, names: Names, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    topic, app = names("events"), names("stock")
    kafka.create_topic(topic, PARTITIONS)
    truth = await write_events(kafka.bootstrap, topic)
    command = [sys.executable, "-m", "faults.stock_agent", kafka.bootstrap, app, topic]
    # Faust leaves a data directory where it runs.
    environment = os.environ | {"PYTHONPATH": str(TESTS), "FAUST_DATADIR": str(tmp_path / "faust")}
    moments = random.Random(2)
    for life in range(KILLS + 1):
        agent = ServerProcess("stock agent", command, tmp_path / f"agent{life}.log", environment)
        agent.start(lambda: True)
        try:
            if life < KILLS:
                await in_the_middle(kafka.bootstrap, app, topic, moments)
            else:
                done = await until_idle(kafka, app, topic, 180)
            if not agent.running:
                pytest.fail(f"the stock agent ended by itself: {agent.tail()}")
            if life == KILLS:
                agent.stop()
        finally:
            agent.kill()
        await asyncio.sleep(SESSION_SECONDS)
    state = await final_state(kafka.bootstrap, f"{app}-state-changelog")
    # Only what the agent counts wrong is expected, not that it counts nothing.
    if len(state) < EMPLOYEES // 2:
        pytest.fail(f"the stock agent counted {len(state)} of {EMPLOYEES} employees: nothing is proven")
    over = sum(state.get(name, 0) > rows for name, rows in truth.items())
    under = sum(state.get(name, 0) < rows for name, rows in truth.items())
    drift = 100 * (sum(state.values()) - sum(truth.values())) / sum(truth.values())
    numbers = (
        f"stock Faust after {KILLS} x kill -9: {EVENTS} events, committed {done}; of {len(truth)} employees "
        f"{over} have too many rows, {under} too few; rows {drift:+.2f} %"
    )
    # Marked only now, so that the numbers are the reason: pytest shows it, and swallows what an xfail prints.
    request.applymarker(pytest.mark.xfail(strict=True, raises=AssertionError, reason=numbers))
    assert state == truth
