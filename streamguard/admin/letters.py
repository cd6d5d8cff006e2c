"""The newest dead letters, counted by reason. What they hold is personal data: it is never decoded here."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kafka import KafkaConsumer, TopicPartition

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamguard.admin.connection import AdminConnection

NEWEST_LETTERS = 200
"""Letters that are looked at, at most, over all partitions."""

_POLL_MS = 500


@dataclass(frozen=True)
class LetterCount:
    """How many of the newest dead letters have one reason and one source topic.

    Attributes
    ----------
    newest_ms
        Kafka time of the newest of them, in milliseconds.
    """

    reason: str
    topic: str
    count: int
    newest_ms: int


def newest_letters(connection: AdminConnection, topic: str, partitions: int) -> tuple[LetterCount, ...]:
    """Count the newest dead letters by reason and source topic, most frequent first.

    Raises
    ------
    kafka.errors.KafkaError
        If Kafka does not answer.
    """
    places = [TopicPartition(topic, number) for number in range(partitions)]
    consumer = KafkaConsumer(
        **connection.arguments(), group_id=None, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    try:
        consumer.assign(places)
        return _counted(_read_newest(consumer, places, time.monotonic() + connection.timeout_seconds))
    finally:
        consumer.close()


def _read_newest(consumer: KafkaConsumer, places: list[Any], deadline: float) -> list[Any]:
    beginnings, ends = consumer.beginning_offsets(places), consumer.end_offsets(places)
    share = max(1, NEWEST_LETTERS // len(places))
    waiting = {}
    for place in places:
        consumer.seek(place, max(beginnings[place], ends[place] - share))
        if ends[place] > beginnings[place]:
            waiting[place] = ends[place]
    letters: list[Any] = []
    while waiting and time.monotonic() < deadline:
        for place, records in consumer.poll(timeout_ms=_POLL_MS).items():
            letters += records
            if place in waiting and records[-1].offset + 1 >= waiting[place]:
                del waiting[place]
    return letters


def _counted(letters: Iterable[Any]) -> tuple[LetterCount, ...]:
    counts: Counter[tuple[str, str]] = Counter()
    newest: dict[tuple[str, str], int] = {}
    for letter in letters:
        headers = dict(letter.headers)
        kind = (_text(headers.get("reason")), _text(headers.get("topic")))
        counts[kind] += 1
        newest[kind] = max(newest.get(kind, 0), letter.timestamp or 0)
    return tuple(
        LetterCount(reason, topic, count, newest[reason, topic])
        for (reason, topic), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def _text(value: bytes | None) -> str:
    return "unknown" if value is None else value.decode(errors="replace")
