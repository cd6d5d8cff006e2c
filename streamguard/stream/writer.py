"""Writes records to Kafka in order and does not return before they are acknowledged.

One producer per role: idempotent, ``acks=all``. Batches of one partition are sent one after the other, each awaited,
so that a failure can never leave a later batch behind an earlier gap. Whoever gets an error here must not go on.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import murmur2

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MAX_BATCH_BYTES = 900_000
"""Below Kafka's default ``max.message.bytes`` of 1,048,588, which counts the batch's own header as well."""


class Outgoing(NamedTuple):
    """One record to write; no value takes the key's record back, on a compacted topic."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


class Writer:
    """An ordered, acknowledged way to Kafka.

    Parameters
    ----------
    connection
        aiokafka's connection arguments.
    compression
        None, ``gzip``, ``snappy``, ``lz4`` or ``zstd``.
    """

    def __init__(self, connection: Mapping[str, Any], compression: str | None) -> None:
        self._settings = {**connection, "compression_type": compression}
        self._producer: AIOKafkaProducer | None = None
        self._partitions: dict[str, int] = {}

    async def start(self) -> None:
        """Connect."""
        self._producer = AIOKafkaProducer(
            **self._settings,
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=MAX_BATCH_BYTES,
            max_request_size=MAX_BATCH_BYTES + 65_536,
        )
        await self._producer.start()

    async def stop(self) -> None:
        """Disconnect."""
        if self._producer is not None:
            await self._producer.stop()
            self._producer = None

    async def partitions(self, topic: str) -> int:
        """Return how many partitions a topic has; asked once."""
        count = self._partitions.get(topic)
        if count is None:
            found = await self._ready().partitions_for(topic)
            count = self._partitions[topic] = len(found)
        return count

    async def partition_for(self, topic: str, key: bytes) -> int:
        """Return the partition of a key, as Kafka's default partitioner does."""
        return (int(murmur2(key)) & 0x7FFFFFFF) % await self.partitions(topic)

    async def write(self, topic: str, partition: int, records: Iterable[Outgoing]) -> int:
        """Write records to one partition, in order.

        Returns
        -------
        int
            Offset after the last record written; -1 if there was nothing to write.

        Raises
        ------
        aiokafka.errors.KafkaError
            If Kafka did not acknowledge all of them.
        """
        producer = self._ready()
        end = -1
        batch = producer.create_batch()
        for key, value, headers in records:
            if batch.append(key=key, value=value, timestamp=None, headers=[*headers]) is None:
                end = await self._send(batch, topic, partition)
                batch = producer.create_batch()
                batch.append(key=key, value=value, timestamp=None, headers=[*headers])
        if batch.record_count():
            end = await self._send(batch, topic, partition)
        return end

    async def write_all(self, records: Mapping[tuple[str, int], Sequence[Outgoing]]) -> None:
        """Write to several partitions at once; each keeps its order."""
        if records:
            await asyncio.gather(*(self.write(topic, partition, some) for (topic, partition), some in records.items()))

    async def _send(self, batch: Any, topic: str, partition: int) -> int:
        count = batch.record_count()
        metadata = await (await self._ready().send_batch(batch, topic, partition=partition))
        return int(metadata.offset) + int(count)

    def _ready(self) -> AIOKafkaProducer:
        if self._producer is None:
            raise RuntimeError("the writer was not started")
        return self._producer
