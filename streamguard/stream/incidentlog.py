"""Reads the incidents topic, all of it, and reads on when asked: what every writer of it knows comes together here."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streamguard.incidents import Casebook, read_incident, read_page
from streamguard.stream.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from streamguard.incidents import IncidentRules
    from streamguard.stream.config import Connection

_POLL_MS = 200
_FETCH_WAIT_MS = 5
"""Looks at the end travel behind fetches on one connection, and must not wait for them."""
_STALL_SECONDS = 30.0

_log = structlog.get_logger("streamguard.incidents")


class IncidentsError(Exception):
    """The incidents topic cannot be read; the worker must start again."""


class IncidentLog:
    """Follows the incidents topic, without a consumer group: whoever follows it knows all incidents.

    Parameters
    ----------
    connection
        How to reach Kafka.
    topic
        Of incidents; it must exist.
    casebook
        Where they go.
    """

    def __init__(self, connection: Connection, topic: str, casebook: Casebook) -> None:
        self.topic = topic
        self.casebook = casebook
        self.unreadable = 0
        """Records that are no incidents of ours."""
        self._connection = connection
        self._next: dict[TopicPartition, int] = {}
        self._lock = asyncio.Lock()
        self._consumer = AIOKafkaConsumer(
            **connection.aiokafka(),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=_FETCH_WAIT_MS,
        )

    async def start(self) -> None:
        """Read the topic to its present end.

        Raises
        ------
        IncidentsError
            If it cannot be read.
        """
        try:
            await self._begin()
        except KafkaError as error:
            raise IncidentsError(f"topic {self.topic} cannot be read: {error}") from error
        await self.look()
        _log.info("incidents_read", incidents=len(self.casebook.incidents()), records=sum(self._next.values()))

    async def _begin(self) -> None:
        writer = Writer(self._connection.aiokafka(), None)
        await writer.start()
        try:
            count = await writer.partitions(self.topic)
        finally:
            await writer.stop()
        await self._consumer.start()
        tps = [TopicPartition(self.topic, partition) for partition in range(count)]
        self._consumer.assign(tps)
        self._next = dict(await self._consumer.beginning_offsets(tps))
        for tp, offset in self._next.items():
            self._consumer.seek(tp, offset)
        self._consumer.pause(*tps)

    async def stop(self) -> None:
        """Stop reading."""
        await self._consumer.stop()

    async def look(self) -> None:
        """Read everything that is on the topic now.

        Raises
        ------
        IncidentsError
            If it cannot be read, or is another topic of the same name.
        """
        try:
            await self._look()
        except KafkaError as error:
            raise IncidentsError(f"topic {self.topic} cannot be read: {error}") from error

    async def _look(self) -> None:
        async with self._lock:
            ends = await self._consumer.end_offsets(list(self._next))
            for tp in self._next:
                if ends[tp] < self._next[tp]:
                    raise IncidentsError(f"topic {self.topic} was deleted and created anew: start again to fill it")
            behind = {tp: end for tp, end in ends.items() if end > self._next[tp]}
            if behind:
                # Fetched only when there is something: nothing runs between two looks.
                self._consumer.resume(*behind)
                await self._read_to(behind)
                self._consumer.pause(*behind)

    async def _read_to(self, ends: Mapping[TopicPartition, int]) -> None:
        moved_at = time.monotonic()
        while left := [tp for tp, end in ends.items() if self._next[tp] < end]:
            found = await self._consumer.getmany(*left, timeout_ms=_POLL_MS)
            for some in found.values():
                for record in some:
                    self._take_in(record)
            # Positions, not offsets: compaction leaves holes, also at the end.
            positions = {tp: await self._consumer.position(tp) for tp in left}
            if any(position > self._next[tp] for tp, position in positions.items()):
                moved_at = time.monotonic()
            elif time.monotonic() - moved_at > _STALL_SECONDS:
                raise IncidentsError(f"topic {self.topic} cannot be read further than to {self._next}")
            self._next |= positions

    def _take_in(self, record: Any) -> None:
        key = (record.key or b"").decode(errors="replace")
        if not record.value:
            self.casebook.take_removal(key)
        elif (incident := read_incident(record.value)) is not None and incident.uid == key:
            self.casebook.take_record(incident)
        elif (page := read_page(record.value)) is not None and page.key == key:
            self.casebook.take_record(page)
        else:
            self.unreadable += 1
            _log.warning("not_an_incident", partition=record.partition, offset=record.offset)


async def read_incidents(connection: Connection, topic: str, rules: IncidentRules) -> Casebook:
    """Return what is on the incidents topic now.

    Raises
    ------
    IncidentsError
        If it cannot be read.
    """
    log = IncidentLog(connection, topic, Casebook(rules))
    try:
        await log.start()
    finally:
        await log.stop()
    return log.casebook
