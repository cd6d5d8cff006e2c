"""A worker in this process, for tests that look at it while it runs."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from streamguard.stream import Worker
from streamguard.stream.writer import Outgoing, Writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from streamguard.pipeline import OriginTools
    from streamguard.stream import WorkerConfig


class Seen(NamedTuple):
    """One record of a topic."""

    key: bytes | None
    value: bytes
    headers: dict[str, str]


@asynccontextmanager
async def running(
    config: WorkerConfig, tools: OriginTools, roles: Iterable[str] = ("ingest", "detect")
) -> AsyncIterator[Worker]:
    """Run a worker until the block ends; it is ready when the block begins, and stopped in an orderly way after it."""
    worker = Worker(config, tools, tuple(roles))
    task = asyncio.create_task(worker.run())
    try:
        await until(lambda: task.done() or worker.health.is_ready, 60)
        if task.done():
            await task
        yield worker
    finally:
        worker.stop()
        await asyncio.wait_for(task, 30)


async def until(condition: Callable[[], bool], timeout_seconds: float = 30.0) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout_seconds:g} s")
        await asyncio.sleep(0.05)


async def settled(worker: Worker, timeout_seconds: float = 180.0, quiet_seconds: float = 1.0) -> None:
    """Wait until everything on Kafka has been read, judged and written, and stays so for a moment."""
    since = time.monotonic()

    def is_settled() -> bool:
        nonlocal since
        if not all(role.is_idle for role in worker.roles):
            since = time.monotonic()
        return time.monotonic() - since > quiet_seconds

    await until(is_settled, timeout_seconds)


async def send(config: WorkerConfig, topic: str, values: Iterable[bytes], partition: int = 0) -> None:
    """Write records to one partition, in order."""
    writer = Writer(config.connection.aiokafka(), None)
    await writer.start()
    try:
        await writer.write(topic, partition, [Outgoing(None, value) for value in values])
    finally:
        await writer.stop()


async def everything(config: WorkerConfig, topic: str) -> list[Seen]:
    """Return all that a topic holds now."""
    writer = Writer(config.connection.aiokafka(), None)
    await writer.start()
    count = await writer.partitions(topic)
    await writer.stop()
    consumer = AIOKafkaConsumer(**config.connection.aiokafka(), enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    found: list[Seen] = []
    try:
        tps = [TopicPartition(topic, partition) for partition in range(count)]
        consumer.assign(tps)
        ends = await consumer.end_offsets(tps)
        for tp in tps:
            while await consumer.position(tp) < ends[tp]:
                for some in (await consumer.getmany(tp, timeout_ms=500)).values():
                    found += [Seen(r.key, r.value, {k: v.decode() for k, v in r.headers}) for r in some]
    finally:
        await consumer.stop()
    return found
