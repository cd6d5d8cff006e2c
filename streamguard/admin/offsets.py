"""How far a consumer group is behind, and how old the newest record of a topic is."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kafka import TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    IncompatibleBrokerVersion,
    NotCoordinatorError,
)

from streamguard.admin.connection import connected
from streamguard.admin.topics import topic_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kafka import KafkaAdminClient

    from streamguard.admin.connection import AdminConnection

_COORDINATOR_IS_MOVING = (CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError)
_PATIENCE_SECONDS = 10.0
_PAUSE_SECONDS = 0.2


@dataclass(frozen=True)
class PartitionLag:
    """Where a group stands on one partition.

    Attributes
    ----------
    beginning, end
        First offset that the partition still holds, and the offset its next record will get.
    committed
        Where the group would read on; None if it never committed.
    """

    topic: str
    partition: int
    beginning: int
    end: int
    committed: int | None

    @property
    def lag_records(self) -> int:
        """Records that the group has not read yet, as far as offsets tell."""
        start = self.beginning if self.committed is None else max(self.committed, self.beginning)
        return max(0, self.end - start)

    @property
    def is_broken(self) -> bool:
        """Whether the log is not the one that was committed to: it ends before, or begins after it."""
        return self.committed is not None and not self.beginning <= self.committed <= self.end


def lag(connection: AdminConnection, group: str, topics: Iterable[str]) -> tuple[PartitionLag, ...]:
    """Return where a group stands on every partition of the topics that exist, sorted.

    Raises
    ------
    AdminError
        If Kafka does not answer, or refuses.
    """
    with connected(connection) as client:
        facts = topic_facts(client, sorted(set(topics)))
        return group_lag(client, group, {name: topic.partitions for name, topic in facts.items()})


def group_lag(client: KafkaAdminClient, group: str, partitions: Mapping[str, int]) -> tuple[PartitionLag, ...]:
    """Return where a group stands on every partition of topics of which the number of partitions is known."""
    places = sorted(TopicPartition(name, number) for name, count in partitions.items() for number in range(count))
    if not places:
        return ()
    committed = patiently(lambda: client.list_group_offsets({group: places}))[group]
    beginnings = _offsets(client, places, OffsetSpec.EARLIEST)
    ends = _offsets(client, places, OffsetSpec.LATEST)
    return tuple(
        PartitionLag(tp.topic, tp.partition, beginnings[tp], ends[tp], _known(committed.get(tp))) for tp in places
    )


def newest_ms(client: KafkaAdminClient, topic: str, partitions: int) -> int | None:
    """Return the largest Kafka time among a topic's records in milliseconds; None if there are none.

    Raises
    ------
    IncompatibleBrokerVersion
        If the broker cannot tell (before Kafka 3.0).
    """
    places = {TopicPartition(topic, number): OffsetSpec.MAX_TIMESTAMP for number in range(partitions)}
    found = client.list_partition_offsets(places)
    return max((place.timestamp for place in found.values() if place.timestamp >= 0), default=None)


def newest_by_topic(client: KafkaAdminClient, partitions: Mapping[str, int]) -> dict[str, int | None]:
    """Return `newest_ms` of each topic; topics of which the broker cannot tell are left out."""
    out: dict[str, int | None] = {}
    for name, count in partitions.items():
        try:
            out[name] = newest_ms(client, name, count)
        except IncompatibleBrokerVersion:
            continue
    return out


def patiently(ask: Callable[[], Any]) -> Any:
    """Ask a group's coordinator, again while it is on its way: the first question of a cluster's life creates it."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return ask()
        except _COORDINATOR_IS_MOVING:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)


def _offsets(client: KafkaAdminClient, places: Sequence[Any], spec: OffsetSpec) -> dict[Any, int]:
    return {tp: found.offset for tp, found in client.list_partition_offsets(dict.fromkeys(places, spec)).items()}


def _known(committed: Any) -> int | None:
    return committed.offset if committed is not None and committed.offset >= 0 else None
