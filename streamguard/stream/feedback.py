"""Writes feedback, reads what was given, and finds the finding that a verdict is about: for the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from streamguard.feedback import Given, Wrong, read_given, write_given
from streamguard.stream.scan import scan
from streamguard.stream.writer import Outgoing, Writer

if TYPE_CHECKING:
    from streamguard.stream.config import Connection


class Said(NamedTuple):
    """The last word on one finding, or on one approval.

    Attributes
    ----------
    given
        What was said.
    at_ms
        When, by Kafka.
    """

    given: Given
    at_ms: int


@dataclass
class Feedback:
    """What the feedback topic holds.

    Attributes
    ----------
    said
        The last word on each key.
    unusable
        How many records nobody can use; ingest makes dead letters of them.
    """

    said: dict[str, Said] = field(default_factory=dict)
    unusable: int = 0


async def give(connection: Connection, topic: str, given: Given) -> None:
    """Write one record; it is acknowledged when this returns."""
    key, value = write_given(given)
    writer = Writer(connection.aiokafka(), None)
    await writer.start()
    try:
        await writer.write(topic, await writer.partition_for(topic, key), [Outgoing(key, value)])
    finally:
        await writer.stop()


async def read_feedback(connection: Connection, topic: str) -> Feedback:
    """Return what is on the feedback topic now."""
    found = Feedback()
    async for record in scan(connection, topic):
        given = read_given(record.key, record.value or b"")
        if isinstance(given, Wrong):
            found.unusable += 1
        else:
            found.said[given.key] = Said(given, record.timestamp)
    return found


async def find_finding(connection: Connection, topic: str, uid: str) -> dict[str, Any] | None:
    """Return the newest event of a finding; None if the topic does not hold it (any more)."""
    found: dict[str, Any] | None = None
    wanted = uid.encode()
    async for record in scan(connection, topic):
        # Reading JSON costs more than looking for the uid.
        if wanted not in (record.value or b""):
            continue
        try:
            event = orjson.loads(record.value)
        except orjson.JSONDecodeError:
            continue
        info = event.get("finding_info") if isinstance(event, dict) else None
        if isinstance(info, dict) and info.get("uid") == uid:
            found = event
    return found
