"""The topics that StreamGuard owns, with their shapes: written down once, for creating and for checking."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FEW_PARTITIONS = 4
"""Of topics that carry little: findings, incidents, dead letters, verdicts."""

_DAY_MS = 24 * 60 * 60 * 1000
_READABLE = {"compression.type": "gzip"}
"""Of topics that other programs read, some of which have no other codec; the broker sees to it, and they are small."""
_SAFE_REPLICATION = 3


@dataclass(frozen=True)
class PlanConfig:
    """What the plan depends on: names, and how much of it there shall be.

    Attributes
    ----------
    activity, findings, incidents, deadletter, feedback, changelog
        Names of topics.
    identities
        Name of the topic of changes to the directory of employees; None: there is none.
    ledger
        Name of the topic of every exposure of personal data; None: there is none.
    activity_partitions
        Of the activity topic, of its changelog and of the ledger, which must have the same number.
    replication
        Copies of every topic; 3 in production.
    activity_days, findings_days, deadletter_days, ledger_days
        Retention. Dead letters hold original records, personal data included, so they do not stay for ever.
    """

    activity: str = "streamguard.activity"
    findings: str = "streamguard.findings"
    incidents: str = "streamguard.incidents"
    deadletter: str = "streamguard.deadletter"
    feedback: str = "streamguard.feedback"
    changelog: str = "streamguard-detect-state-changelog"
    identities: str | None = None
    ledger: str | None = None
    activity_partitions: int = 8
    replication: int = 1
    activity_days: int = 7
    findings_days: int = 400
    deadletter_days: int = 30
    ledger_days: int = 400


@dataclass(frozen=True)
class TopicSpec:
    """What a topic should be.

    Attributes
    ----------
    name, partitions, replication
        As in Kafka.
    configs
        Kafka's topic settings by name.
    purpose
        What it holds, in a few words for people.
    twin
        A topic that must have the same number of partitions.
    """

    name: str
    partitions: int
    replication: int
    configs: Mapping[str, str] = field(default_factory=dict)
    purpose: str = ""
    twin: str | None = None

    @property
    def cleanup_policy(self) -> str:
        """``delete`` or ``compact``."""
        return self.configs.get("cleanup.policy", "delete")


def plan(config: PlanConfig) -> tuple[TopicSpec, ...]:
    """Return the topics that StreamGuard owns. Audit topics are the customer's: see `audit_spec`."""
    many, copies = config.activity_partitions, config.replication
    directory = () if config.identities is None else (identities_spec(config.identities, copies),)
    ledger = () if config.ledger is None else (ledger_spec(config, config.ledger),)
    return (
        TopicSpec(
            config.activity, many, copies, _deleted(config.activity_days, copies), "activities", twin=config.changelog
        ),
        TopicSpec(config.changelog, many, copies, _changelog(copies), "what is usual for whom", twin=config.activity),
        TopicSpec(
            config.findings, FEW_PARTITIONS, copies, {**_deleted(config.findings_days, copies), **_READABLE}, "findings"
        ),
        TopicSpec(config.incidents, FEW_PARTITIONS, copies, _incidents(copies), "incidents"),
        TopicSpec(
            config.deadletter,
            FEW_PARTITIONS,
            copies,
            {**_deleted(config.deadletter_days, copies), **_READABLE},
            "dead letters",
        ),
        TopicSpec(config.feedback, FEW_PARTITIONS, copies, _feedback(copies), "what people say"),
        *directory,
        *ledger,
    )


def ledger_spec(config: PlanConfig, name: str) -> TopicSpec:
    """Return the topic of every exposure of personal data: what an activity partition exposed is in its twin."""
    retention = _deleted(config.ledger_days, config.replication)
    return TopicSpec(
        name, config.activity_partitions, config.replication, retention, "every exposure", twin=config.activity
    )


def identities_spec(name: str, replication: int = 1) -> TopicSpec:
    """Return the topic of changes to the directory of employees.

    One partition: changes count in their order. The broker's times, so that nobody can change the past. What is
    younger than a week stays: audit records that are read again must find the directory of their own time.
    """
    return TopicSpec(
        name,
        1,
        replication,
        {
            **_compacted(replication),
            "message.timestamp.type": "LogAppendTime",
            "min.compaction.lag.ms": str(7 * _DAY_MS),
        },
        "changes of the directory",
    )


def audit_spec(name: str, partitions: int = FEW_PARTITIONS, replication: int = 1, days: int = 7) -> TopicSpec:
    """Return an audit topic for whoever has none yet: demonstrations, simulators, first steps."""
    return TopicSpec(name, partitions, replication, _deleted(days, replication), "audit records")


def _deleted(days: int, replication: int) -> dict[str, str]:
    return {"cleanup.policy": "delete", "retention.ms": str(days * _DAY_MS), **_durable(replication)}


def _compacted(replication: int) -> dict[str, str]:
    return {"cleanup.policy": "compact", **_durable(replication)}


def _feedback(replication: int) -> dict[str, str]:
    """Keep the last word on each finding and each approval, at the broker's times: nobody can change the past."""
    return {**_compacted(replication), "message.timestamp.type": "LogAppendTime"}


def _incidents(replication: int) -> dict[str, str]:
    """Keep everything for ten minutes: of two workers that wrote the same incident, both records count.

    Each worker reads what the other wrote and writes down both; until it has, compaction must not keep only one.
    """
    return {**_compacted(replication), **_READABLE, "min.compaction.lag.ms": str(10 * 60 * 1000)}


def _changelog(replication: int) -> dict[str, str]:
    """Small segments, compacted early: a worker that takes a partition over reads all of it.

    Not too early: what a worker wrote that was no longer in charge is void, but it may hide the good entry from
    compaction until the one in charge has repaired it (`streamguard.stream.changelog`).
    """
    return {
        **_compacted(replication),
        "segment.bytes": str(64 * 1024 * 1024),
        "segment.ms": str(60 * 60 * 1000),
        "min.cleanable.dirty.ratio": "0.2",
        "min.compaction.lag.ms": str(10 * 60 * 1000),
    }


def _durable(replication: int) -> dict[str, str]:
    """With one copy acknowledged, ``acks=all`` promises nothing when that broker dies."""
    return {"min.insync.replicas": "2"} if replication >= _SAFE_REPLICATION else {}
