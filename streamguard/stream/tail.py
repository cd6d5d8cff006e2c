"""Follows a topic from its beginning, without a consumer group: for the demo, tests and people who watch."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from streamguard.stream.writer import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from streamguard.stream.config import Connection


class Tailed(NamedTuple):
    """One record of the topic."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes


class Tail:
    """Reads a topic from the beginning; use `open_tail`."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    async def read(self, wait_seconds: float) -> list[Tailed]:
        """Return what came since the last call, waiting at most ``wait_seconds`` for something."""
        found = await self._consumer.getmany(timeout_ms=int(wait_seconds * 1000))
        return [Tailed(r.partition, r.offset, r.key, r.value or b"") for some in found.values() for r in some]


@asynccontextmanager
async def open_tail(connection: Connection, topic: str) -> AsyncIterator[Tail]:
    """Open a topic that exists, for reading from its beginning."""
    writer = Writer(connection.aiokafka(), None)
    await writer.start()
    count = await writer.partitions(topic)
    await writer.stop()
    consumer = AIOKafkaConsumer(
        **connection.aiokafka(), enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=100
    )
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, partition) for partition in range(count)])
        yield Tail(consumer)
    finally:
        await consumer.stop()
