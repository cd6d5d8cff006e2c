"""What Kafka looks like right now, as plain values: `streamguard.admin.checks` judges them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaConnectionError, KafkaError

from streamguard.admin.letters import newest_letters
from streamguard.admin.offsets import group_lag, newest_by_topic, patiently
from streamguard.admin.topics import topic_facts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kafka import KafkaAdminClient

    from streamguard.admin.connection import AdminConnection
    from streamguard.admin.letters import LetterCount
    from streamguard.admin.offsets import PartitionLag
    from streamguard.admin.topics import TopicFacts


@dataclass(frozen=True)
class GroupFacts:
    """What a consumer group is.

    Attributes
    ----------
    state
        As Kafka calls it (``Stable``, ``Empty``, ``Dead``, ...); None if the broker does not tell.
    members
        Consumers in it.
    lags
        Where it stands.
    """

    name: str
    state: str | None
    members: int
    lags: tuple[PartitionLag, ...] = ()

    @property
    def lag_records(self) -> int:
        """Records not read yet, over all partitions."""
        return sum(place.lag_records for place in self.lags)


@dataclass(frozen=True)
class Facts:
    """What Kafka looks like.

    Attributes
    ----------
    now_ms
        This machine's clock.
    brokers
        How many there are.
    version
        The newest protocol they speak, as a Kafka version; empty if unknown.
    broker_configs
        Settings of one broker; None if it does not tell.
    topics
        Those asked for that exist.
    newest_ms
        Largest Kafka time in a topic; None if it is empty, missing if the broker cannot tell.
    groups, letters
        See there; ``letters`` is None if they could not be read.
    """

    now_ms: int
    brokers: int = 1
    version: tuple[int, ...] = ()
    broker_configs: Mapping[str, str] | None = None
    topics: Mapping[str, TopicFacts] = field(default_factory=dict)
    newest_ms: Mapping[str, int | None] = field(default_factory=dict)
    groups: tuple[GroupFacts, ...] = ()
    letters: tuple[LetterCount, ...] | None = ()


def collect(
    client: KafkaAdminClient,
    connection: AdminConnection,
    *,
    topics: Sequence[str],
    dated: Sequence[str],
    groups: Mapping[str, Sequence[str]],
    deadletter: str,
) -> Facts:
    """Look at everything.

    Parameters
    ----------
    client, connection
        An open client, and how it was opened.
    topics
        To describe.
    dated
        Those of them of which the age of the newest record matters.
    groups
        Consumer groups, each with the topics it reads.
    deadletter
        The dead-letter topic.
    """
    cluster = client.describe_cluster()
    found = topic_facts(client, topics)
    node = cluster["brokers"][0]["broker_id"]
    partitions = {name: facts.partitions for name, facts in found.items()}
    return Facts(
        now_ms=int(time.time() * 1000),
        brokers=len(cluster["brokers"]),
        version=tuple(client.get_broker_version_data(node).broker_version),
        broker_configs=_broker_configs(client, node),
        topics=found,
        newest_ms=newest_by_topic(client, {name: partitions[name] for name in dated if name in found}),
        groups=tuple(
            _group(client, name, {t: partitions[t] for t in read if t in found}) for name, read in groups.items()
        ),
        letters=_letters(connection, deadletter, partitions.get(deadletter, 0)),
    )


def _broker_configs(client: KafkaAdminClient, node: int) -> dict[str, str] | None:
    resource = ConfigResource(ConfigResourceType.BROKER, str(node))
    try:
        settings = client.describe_configs([resource], config_filter="all")["broker"][str(node)]
    except KafkaError:
        # The user may not describe brokers, or the broker cannot: the checks then say that they cannot tell.
        return None
    return {name: str(setting["value"]) for name, setting in settings.items()}


def _group(client: KafkaAdminClient, name: str, partitions: Mapping[str, int]) -> GroupFacts:
    lags = group_lag(client, name, partitions)
    try:
        described = patiently(lambda: client.describe_groups([name]))[name]
    except KafkaConnectionError:
        return GroupFacts(name, None, 0, lags)
    return GroupFacts(name, described["group_state"], len(described["members"]), lags)


def _letters(connection: AdminConnection, topic: str, partitions: int) -> tuple[LetterCount, ...] | None:
    if not partitions:
        return ()
    try:
        return newest_letters(connection, topic, partitions)
    except KafkaError:
        return None
