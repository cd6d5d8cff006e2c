"""Reads everything that a topic holds now, once: for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition

from streamguard.stream.writer import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiokafka import ConsumerRecord

    from streamguard.stream.config import Connection

_POLL_MS = 500


async def scan(connection: Connection, topic: str) -> AsyncIterator[ConsumerRecord]:
    """Yield the records of a topic that exists, each partition's in order, up to where it ends now."""
    writer = Writer(connection.aiokafka(), None)
    await writer.start()
    count = await writer.partitions(topic)
    await writer.stop()
    consumer = AIOKafkaConsumer(**connection.aiokafka(), enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        for tp in [TopicPartition(topic, partition) for partition in range(count)]:
            consumer.assign([tp])
            end = (await consumer.end_offsets([tp]))[tp]
            # A plain seek: `seek_to_beginning` can lose against the reset that `assign` began.
            consumer.seek(tp, (await consumer.beginning_offsets([tp]))[tp])
            # The position, not the last offset: compaction leaves holes, also at the end.
            while await consumer.position(tp) < end:
                for some in (await consumer.getmany(tp, timeout_ms=_POLL_MS)).values():
                    for record in some:
                        if record.offset < end:
                            yield record
    finally:
        await consumer.stop()
