"""Creates the topics that are missing, changes nothing that exists, and says what is not as planned."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from kafka import KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import (
    IncompatibleBrokerVersion,
    InvalidReplicationFactorError,
    KafkaConnectionError,
    KafkaError,
    TopicAlreadyExistsError,
    UnknownBrokerIdError,
    for_code,
)

from streamguard.admin.connection import AdminError, connected

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kafka import KafkaAdminClient

    from streamguard.admin.connection import AdminConnection
    from streamguard.admin.plan import TopicSpec

_NO_SUCH_REQUEST = (IncompatibleBrokerVersion, KafkaConnectionError, UnknownBrokerIdError)
"""What kafka-python makes of a broker that does not know a request: it hangs up, or has no controller to ask."""


@dataclass(frozen=True)
class TopicFacts:
    """What a topic is.

    Attributes
    ----------
    replication
        Copies of the partition that has the fewest.
    leaderless, behind
        Partitions that nobody leads now, and those with copies that are not in sync.
    configs
        Kafka's topic settings by name; None if the broker does not tell them.
    id
        Kafka's identity of the topic, a UUID; empty if the broker knows none.
    """

    name: str
    partitions: int
    replication: int
    leaderless: int = 0
    behind: int = 0
    configs: Mapping[str, str] | None = None
    id: str = ""

    def config(self, name: str) -> str | None:
        """Return one setting, None if the broker does not tell it."""
        return None if self.configs is None else self.configs.get(name)


@dataclass(frozen=True)
class Difference:
    """One way in which a topic is not as planned, and what to do about it."""

    topic: str
    sentence: str
    advice: str

    def __str__(self) -> str:
        return f"{self.sentence}: {self.advice}"


@dataclass(frozen=True)
class EnsureReport:
    """What `ensure` did and found.

    Attributes
    ----------
    created, existing
        Names of topics, in the order of the plan.
    differences
        Of existing topics from the plan.
    notes
        What else a person should know.
    """

    created: tuple[str, ...] = ()
    existing: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()


def ensure(connection: AdminConnection, specs: Sequence[TopicSpec]) -> EnsureReport:
    """Create the topics that are missing.

    Raises
    ------
    UnreachableError
        If no broker answers.
    AdminError
        If Kafka refuses.
    """
    with connected(connection) as client:
        before = topic_facts(client, [spec.name for spec in specs])
        missing = [_like_twin(spec, before) for spec in specs if spec.name not in before]
        notes = _create(client, connection, missing) if missing else []
        now = topic_facts(client, [spec.name for spec in specs])
    return EnsureReport(
        created=tuple(spec.name for spec in missing),
        existing=tuple(spec.name for spec in specs if spec.name in before),
        differences=tuple(d for spec in specs for d in differences(spec, now.get(spec.name))),
        notes=tuple(notes),
    )


def survey(connection: AdminConnection, specs: Sequence[TopicSpec]) -> EnsureReport:
    """Look at the topics and create nothing.

    Raises
    ------
    AdminError
        If Kafka does not answer, or refuses.
    """
    with connected(connection) as client:
        now = topic_facts(client, [spec.name for spec in specs])
    return EnsureReport(
        existing=tuple(spec.name for spec in specs if spec.name in now),
        differences=tuple(d for spec in specs for d in differences(spec, now.get(spec.name))),
    )


def topic_ids(connection: AdminConnection, names: Iterable[str]) -> dict[str, str]:
    """Return Kafka's identities (UUIDs) of those topics that exist and have one, by name.

    A topic that was deleted and created anew under its old name has another identity.

    Raises
    ------
    AdminError
        If Kafka does not answer, or refuses.
    """
    with connected(connection) as client:
        return {name: facts.id for name, facts in _described(client, list(names)).items() if facts.id}


def topic_facts(client: KafkaAdminClient, names: Sequence[str]) -> dict[str, TopicFacts]:
    """Return what those of the topics are that exist."""
    found = _described(client, names)
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in found]
    try:
        settings = client.describe_configs(resources, config_filter="all").get("topic", {}) if resources else {}
    except _NO_SUCH_REQUEST:
        return found
    return {name: _with_configs(facts, settings.get(name)) for name, facts in found.items()}


def differences(spec: TopicSpec, facts: TopicFacts | None) -> list[Difference]:
    """Return how an existing topic differs from its plan, as far as that matters."""
    if facts is None:
        return [Difference(spec.name, f"{spec.name} does not exist", "run `streamguard topics --create`")]
    out = []
    if spec.twin is not None and facts.partitions != spec.partitions:
        out.append(
            Difference(
                spec.name,
                f"{spec.name} has {facts.partitions} partitions and topics.activity_partitions is {spec.partitions}",
                f"set it to {facts.partitions}; another number means starting afresh under other names",
            )
        )
    policy = facts.config("cleanup.policy")
    if policy is not None and policy != spec.cleanup_policy:
        out.append(
            Difference(
                spec.name,
                f"{spec.name} has cleanup.policy={policy} and should have {spec.cleanup_policy}",
                f"kafka-configs.sh --alter --entity-type topics --entity-name {spec.name} "
                f"--add-config cleanup.policy={spec.cleanup_policy}",
            )
        )
    if facts.replication < spec.replication:
        out.append(
            Difference(
                spec.name,
                f"{spec.name} has {facts.replication} copies and topics.replication_factor is {spec.replication}",
                "add copies with kafka-reassign-partitions.sh",
            )
        )
    return out


def _described(client: KafkaAdminClient, names: Sequence[str]) -> dict[str, TopicFacts]:
    out = {}
    for topic in client.describe_topics(list(names)) if names else []:
        partitions = topic["partitions"]
        if topic["error_code"] == 0 and partitions:
            out[topic["name"]] = TopicFacts(
                name=topic["name"],
                partitions=len(partitions),
                replication=min(len(p["replica_nodes"]) for p in partitions),
                leaderless=sum(p["leader_id"] < 0 for p in partitions),
                behind=sum(len(p["isr_nodes"]) < len(p["replica_nodes"]) for p in partitions),
                id=_identity(topic.get("topic_id")),
            )
    return {name: out[name] for name in names if name in out}


def _identity(topic_id: Any) -> str:
    """Brokers without topic identities tell none, or the UUID 0."""
    return str(topic_id) if topic_id is not None and UUID(str(topic_id)).int else ""


def _with_configs(facts: TopicFacts, settings: Mapping[str, Any] | None) -> TopicFacts:
    if settings is None:
        return facts
    configs = {name: str(setting["value"]) for name, setting in settings.items()}
    return replace(facts, configs=configs)


def _like_twin(spec: TopicSpec, existing: Mapping[str, TopicFacts]) -> TopicSpec:
    """Give a missing topic as many partitions as its twin has, or the worker would have to refuse both."""
    twin = existing.get(spec.twin) if spec.twin else None
    if twin is None or twin.partitions == spec.partitions:
        return spec
    return replace(spec, partitions=twin.partitions)


def _create(client: KafkaAdminClient, connection: AdminConnection, specs: Sequence[TopicSpec]) -> list[str]:
    """Create topics; returns what a person should know of it."""
    wanted = {
        spec.name: {
            "num_partitions": spec.partitions,
            "replication_factor": spec.replication,
            "configs": dict(spec.configs),
        }
        for spec in specs
    }
    try:
        answer = client.create_topics(wanted, raise_errors=False)
    except _NO_SUCH_REQUEST as error:
        return _ask_for(connection, specs, error)
    for topic in answer["topics"]:
        _check_created(topic, wanted[topic["name"]], client)
    client.wait_for_topics(list(wanted))
    return []


def _check_created(topic: Mapping[str, Any], wanted: Mapping[str, Any], client: KafkaAdminClient) -> None:
    error = for_code(topic["error_code"])
    # Somebody else may have created it just now: then it exists, which is what was asked.
    if topic["error_code"] == 0 or error is TopicAlreadyExistsError:
        return
    reason = topic.get("error_message") or error.__name__
    advice = "have it created by whoever administers Kafka, or grant CREATE to StreamGuard's user"
    if error is InvalidReplicationFactorError:
        brokers = len(client.describe_cluster()["brokers"])
        advice = f"set topics.replication_factor to at most {brokers} (it is {wanted['replication_factor']})"
    raise AdminError(f"cannot create topic {topic['name']}: {reason} {advice}")


def _ask_for(connection: AdminConnection, specs: Sequence[TopicSpec], cause: Exception) -> list[str]:
    """Ask for the topics' metadata: brokers that cannot create topics on request may create them when asked for."""
    producer = KafkaProducer(
        **connection.arguments(),
        bootstrap_timeout_ms=int(connection.timeout_seconds * 1000),
        max_block_ms=int(connection.timeout_seconds * 1000),
    )
    try:
        counts = {spec.name: len(producer.partitions_for(spec.name)) for spec in specs}
    except KafkaError as error:
        raise AdminError(
            "this broker does not create topics on request, and does not create them when they are asked for: "
            f"create them by its own means: {', '.join(spec.name for spec in specs)}"
        ) from (error if isinstance(cause, IncompatibleBrokerVersion) else cause)
    finally:
        producer.close(timeout=0)
    made = ", ".join(f"{name} ({count} partitions)" for name, count in counts.items())
    return [f"the broker takes no request to create topics, so it chose their shapes itself: {made}"]
