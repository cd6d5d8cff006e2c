"""Ships audit lines to a topic as a log shipper would: keyed by session, in order, never far ahead of the readers."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING

from streamguard.stream.writer import Outgoing, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from streamguard.stream.config import Connection

CHUNK_LINES = 2_000
_POLL_SECONDS = 0.02


async def feed(
    connection: Connection,
    topic: str,
    lines: Iterable[tuple[bytes, bytes]],
    *,
    compression: str | None = "gzip",
    may_send: Callable[[int], bool] = lambda _: True,
    sent: Callable[[int], None] = lambda _: None,
) -> int:
    """Write (key, line) pairs to a topic.

    Parameters
    ----------
    connection, topic, compression
        Where and how.
    lines
        Lines with the key that decides their partition.
    may_send
        Asked with the number of lines sent so far before each chunk; feeding waits while it says no.
    sent
        Told the number of lines sent so far after each chunk.

    Returns
    -------
    int
        Lines written, all of them acknowledged.
    """
    writer = Writer(connection.aiokafka(), compression)
    await writer.start()
    count = 0
    try:
        iterator = iter(lines)
        while chunk := list(islice(iterator, CHUNK_LINES)):
            while not may_send(count):  # noqa: ASYNC110 - whoever says yes cannot be awaited
                await asyncio.sleep(_POLL_SECONDS)
            outgoing: dict[tuple[str, int], list[Outgoing]] = {}
            for key, line in chunk:
                outgoing.setdefault((topic, await writer.partition_for(topic, key)), []).append(Outgoing(key, line))
            await writer.write_all(outgoing)
            count += len(chunk)
            sent(count)
    finally:
        await writer.stop()
    return count
