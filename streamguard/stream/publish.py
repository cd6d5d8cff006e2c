"""Writes the topic of identities, and reads all of it once: for the command line."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from streamguard.metrics import Metrics
from streamguard.stream.identities import IdentityLog, check_partitions
from streamguard.stream.writer import Outgoing, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from streamguard.exposure import DirectoryHistory
    from streamguard.stream.config import Connection

_CHUNK_RECORDS = 500


async def read_identities(connection: Connection, topic: str, history: DirectoryHistory) -> None:
    """Read all changes that are on the topic now into a history.

    Raises
    ------
    IdentitiesError
        If the topic cannot be read.
    """
    log = IdentityLog(connection, topic, history, Metrics())
    try:
        await log.start()
    finally:
        await log.stop()


async def publish_identities(
    connection: Connection,
    topic: str,
    records: Iterable[tuple[bytes, bytes | None]],
    sent: Callable[[int], None] = lambda _: None,
) -> int:
    """Write changes, in order, and return how many there were, all of them acknowledged.

    Parameters
    ----------
    records
        Employee ids and values; None takes an employee back.
    sent
        Told the number of records written so far after each chunk.

    Raises
    ------
    IdentitiesError
        If the topic does not have exactly one partition.
    """
    writer = Writer(connection.aiokafka(), None)
    await writer.start()
    count = 0
    try:
        await check_partitions(writer, topic)
        waiting = iter(records)
        while chunk := [Outgoing(key, value) for key, value in islice(waiting, _CHUNK_RECORDS)]:
            await writer.write(topic, 0, chunk)
            count += len(chunk)
            sent(count)
    finally:
        await writer.stop()
    return count
