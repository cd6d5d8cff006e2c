"""What the doctor makes of the facts: each check one sentence, and what to do unless it is well. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.admin.check import Check, Level
from streamguard.admin.topics import differences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.admin.check import DoctorConfig
    from streamguard.admin.facts import Facts, GroupFacts
    from streamguard.admin.topics import TopicFacts

KAFKA_DEFAULT_MAX_MESSAGE_BYTES = 1_048_588
_SECOND_MS = 1_000
_HOUR_MS = 60 * 60 * _SECOND_MS
_DAY_MINUTES = 24 * 60
_UNITS_SECONDS = (("days", 86_400), ("hours", 3_600), ("minutes", 60))


def judge(config: DoctorConfig, facts: Facts) -> list[Check]:
    """Return every check, in the order in which people should read them."""
    return [
        _broker(facts),
        *_topics(config, facts),
        *_changelog(config, facts),
        *_audit(config, facts),
        *_sizes(config, facts),
        *(_group(config, group) for group in facts.groups),
        _letters(config, facts),
        _clock(config, facts),
        *_offsets(config, facts),
    ]


def _broker(facts: Facts) -> Check:
    spoken = ".".join(map(str, facts.version)) or "an unknown version"
    return Check("broker", Level.OK, f"{_count(facts.brokers, 'broker')} reachable, speaking the protocol of {spoken}")


def _topics(config: DoctorConfig, facts: Facts) -> Iterator[Check]:
    for spec in config.specs:
        topic = facts.topics.get(spec.name)
        found = differences(spec, topic)
        yield from (Check("topic", Level.FAIL, d.sentence, d.advice) for d in found)
        if topic is not None:
            yield from _replicas(topic)
            if not found:
                sentence = f"{spec.name}: {_count(topic.partitions, 'partition')}, {spec.cleanup_policy}"
                yield Check("topic", Level.OK, sentence)
    copies = [topic.replication for topic in facts.topics.values()]
    if copies and min(copies) == 1:
        single = sum(count == 1 for count in copies)
        yield Check(
            "replication",
            Level.WARN,
            f"{_count(single, 'topic')} with a single copy: one lost disk loses it",
            "set topics.replication_factor to 3 before the first start, where there are three brokers",
        )


def _replicas(topic: TopicFacts) -> Iterator[Check]:
    if topic.leaderless:
        sentence = (
            f"{topic.name}: {_count(topic.leaderless, 'partition')} without a leader: nobody can read or write them"
        )
        yield Check("topic", Level.FAIL, sentence, "start the brokers that hold them")
    elif topic.behind:
        sentence = f"{topic.name}: {_count(topic.behind, 'partition')} with copies that are behind"
        yield Check("topic", Level.WARN, sentence, "see to the brokers that hold them")


def _changelog(config: DoctorConfig, facts: Facts) -> Iterator[Check]:
    topic = facts.topics.get(config.changelog)
    twins = [spec for spec in config.specs if spec.name == config.changelog and spec.twin in facts.topics]
    if topic is None or not twins or twins[0].twin is None:
        return
    activity = facts.topics[twins[0].twin]
    if activity.partitions != topic.partitions:
        yield Check(
            "changelog",
            Level.FAIL,
            f"{activity.name} has {activity.partitions} partitions and its state in {topic.name} has "
            f"{topic.partitions}: employees and what is usual for them would not meet",
            "give both the same number, or choose new names for both and start afresh",
        )
    if topic.config("cleanup.policy") is None:
        yield Check(
            "changelog",
            Level.WARN,
            f"the broker does not tell whether {topic.name} is compacted",
            "it must be: with retention instead, what is usual would be forgotten",
        )


def _audit(config: DoctorConfig, facts: Facts) -> Iterator[Check]:
    for name in config.audit:
        topic = facts.topics.get(name)
        if topic is None:
            yield Check(
                "audit topic",
                Level.FAIL,
                f"{name} does not exist",
                "create it for the log shipper, or name another in topics.audit",
            )
            continue
        yield from _replicas(topic)
        yield _age(config, facts, name)


def _age(config: DoctorConfig, facts: Facts, name: str) -> Check:
    if name not in facts.newest_ms:
        return Check("audit topic", Level.WARN, f"the broker does not tell how old the newest record of {name} is")
    newest_ms = facts.newest_ms[name]
    advice = "does the log shipper run, and does the database log?"
    if newest_ms is None:
        return Check("audit topic", Level.WARN, f"{name} has no records", advice)
    age_ms = max(0, facts.now_ms - newest_ms)
    sentence = f"the newest record of {name} is {_duration(age_ms / _SECOND_MS)} old"
    if age_ms > config.quiet_hours * _HOUR_MS:
        return Check("audit topic", Level.WARN, sentence, advice)
    return Check("audit topic", Level.OK, sentence)


def _sizes(config: DoctorConfig, facts: Facts) -> Iterator[Check]:
    for name in config.audit:
        limit = _max_bytes(facts, name)
        if limit is not None and limit > config.max_record_bytes:
            yield Check(
                "message size",
                Level.WARN,
                f"{name} takes messages of up to {limit:,} bytes, and StreamGuard reads up to "
                f"{config.max_record_bytes:,}",
                "larger ones become dead letters; have the log shipper send fewer records in one message",
            )
    small = [
        (spec.name, limit)
        for spec in config.specs
        if (limit := _max_bytes(facts, spec.name)) is not None and limit < config.written_bytes
    ]
    for name, limit in small:
        yield Check(
            "message size",
            Level.FAIL,
            f"{name} takes messages of up to {limit:,} bytes, and StreamGuard writes up to {config.written_bytes:,}",
            f"set max.message.bytes of {name} to Kafka's default of {KAFKA_DEFAULT_MAX_MESSAGE_BYTES} or more",
        )


def _group(config: DoctorConfig, group: GroupFacts) -> Check:
    lag = f"{_count(group.lag_records, 'record')} behind"
    broken = [place for place in group.lags if place.is_broken]
    if broken:
        where = ", ".join(f"{place.topic}[{place.partition}]" for place in broken[:3])
        return Check(
            "group",
            Level.WARN,
            f"{group.name}: the log is not the one it has read: {where}",
            "the topic was created anew, or retention was shorter than the pause: find out why (docs/engine.md)",
        )
    if group.state is not None and not group.members:
        advice = "start a worker: streamguard run"
        return Check("group", Level.WARN, f"{group.name}: no worker reads, {lag}", advice)
    state = "of unknown state" if group.state is None else f"{group.state}, {_count(group.members, 'worker')}"
    if group.lag_records > config.lag_records:
        advice = "start more workers, up to one a partition, or look at their logs"
        return Check("group", Level.WARN, f"{group.name}: {state}, {lag}", advice)
    return Check("group", Level.OK, f"{group.name}: {state}, {lag}")


def _letters(config: DoctorConfig, facts: Facts) -> Check:
    if facts.letters is None:
        return Check("dead letters", Level.WARN, f"{config.deadletter} could not be read", "grant READ on it")
    since_ms = facts.now_ms - config.letters_hours * _HOUR_MS
    recent = [kind for kind in facts.letters if kind.newest_ms >= since_ms]
    if not recent:
        return Check("dead letters", Level.OK, f"none in the last {config.letters_hours:g} hours")
    kinds = ", ".join(f"{kind.count} {kind.reason} from {kind.topic}" for kind in recent[:5])
    return Check(
        "dead letters",
        Level.WARN,
        f"among the newest letters: {kinds}",
        "these records were not understood, so nothing is known of them: see their reasons in the manual",
    )


def _clock(config: DoctorConfig, facts: Facts) -> Check:
    known = [newest_ms for newest_ms in facts.newest_ms.values() if newest_ms is not None]
    if not known:
        return Check("clock", Level.OK, "no records to compare this machine's clock with")
    ahead_seconds = (max(known) - facts.now_ms) / _SECOND_MS
    if ahead_seconds > config.clock_seconds:
        return Check(
            "clock",
            Level.WARN,
            f"the newest audit record is {_duration(ahead_seconds)} ahead of this machine's clock",
            "synchronise the clocks of this machine, the brokers and the log shippers: latencies are wrong until then",
        )
    return Check("clock", Level.OK, "no audit record is ahead of this machine's clock")


def _offsets(config: DoctorConfig, facts: Facts) -> Iterator[Check]:
    configs = facts.broker_configs
    if configs is None:
        yield Check("offsets", Level.WARN, "the broker does not tell its settings, so these were not checked")
        return
    kept_minutes = int(configs.get("offsets.retention.minutes", 7 * _DAY_MINUTES))
    kept = _duration(kept_minutes * 60)
    if kept_minutes < 7 * _DAY_MINUTES:
        yield Check(
            "offsets",
            Level.WARN,
            f"Kafka forgets where a group stood {kept} after its last worker stopped",
            "set offsets.retention.minutes to 10080 or more; workers stopped for longer read everything again",
        )
    else:
        yield Check("offsets", Level.OK, f"Kafka remembers where a stopped group stood for {kept}")
    metadata_bytes = int(configs.get("offset.metadata.max.bytes", 4096))
    if metadata_bytes < config.metadata_bytes:
        yield Check(
            "offsets",
            Level.FAIL,
            f"Kafka takes {metadata_bytes:,} bytes of metadata with an offset, and StreamGuard writes up to "
            f"{config.metadata_bytes:,}",
            "set offset.metadata.max.bytes of the brokers to Kafka's default of 4096 or more",
        )


def _max_bytes(facts: Facts, name: str) -> int | None:
    topic = facts.topics.get(name)
    limit = topic.config("max.message.bytes") if topic is not None else None
    return None if limit is None else int(limit)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _duration(seconds: float) -> str:
    for unit, size in _UNITS_SECONDS:
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
