"""What the doctor makes of facts, without a broker: each trouble alone must be seen, and a sound Kafka must be well."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streamguard.admin import DoctorConfig, LetterCount, Level, PartitionLag, PlanConfig, TopicFacts, plan
from streamguard.admin.checks import judge
from streamguard.admin.facts import Facts, GroupFacts

NOW_MS = 1_800_000_000_000
HOUR_MS = 3_600_000
SPECS = plan(PlanConfig(changelog="changelog", activity="activity", deadletter="letters", replication=3))
CONFIG = DoctorConfig(
    specs=SPECS, audit=("audit",), groups={"g": ("audit",)}, changelog="changelog", deadletter="letters"
)


def topic(name, partitions, **configs):
    return TopicFacts(name, partitions, replication=3, configs={"max.message.bytes": "1048588"} | configs)


SOUND = Facts(
    now_ms=NOW_MS,
    brokers=3,
    version=(4, 3),
    broker_configs={"offsets.retention.minutes": "10080", "offset.metadata.max.bytes": "4096"},
    topics={spec.name: topic(spec.name, spec.partitions, **spec.configs) for spec in SPECS}
    | {"audit": topic("audit", 4)},
    newest_ms={"audit": NOW_MS - HOUR_MS},
    groups=(GroupFacts("g", "Stable", 2, (PartitionLag("audit", 0, 0, 50, 40),)),),
)


def troubles(facts):
    return {(check.name, check.level) for check in judge(CONFIG, facts) if check.level is not Level.OK}


def with_topic(name, **changes):
    return replace(SOUND, topics={**SOUND.topics, name: replace(SOUND.topics[name], **changes)})


def with_config(name, **configs):
    return with_topic(name, configs={**SOUND.topics[name].configs, **configs})


def without(name):
    return replace(SOUND, topics={key: value for key, value in SOUND.topics.items() if key != name})


def with_group(**changes):
    return replace(SOUND, groups=(replace(SOUND.groups[0], **changes),))


def test_a_sound_kafka_is_well_in_every_respect():
    checks = judge(CONFIG, SOUND)
    assert {check.level for check in checks} == {Level.OK}
    assert {check.name for check in checks} == {
        "broker",
        "topic",
        "audit topic",
        "group",
        "dead letters",
        "clock",
        "offsets",
    }


@pytest.mark.parametrize(
    ("facts", "name", "level"),
    [
        (without("activity"), "topic", Level.FAIL),
        (without("audit"), "audit topic", Level.FAIL),
        (with_config("changelog", **{"cleanup.policy": "delete"}), "topic", Level.FAIL),
        (with_config("changelog", **{"cleanup.policy": "compact,delete"}), "topic", Level.FAIL),
        (with_topic("changelog", configs=None), "changelog", Level.WARN),
        (with_topic("changelog", partitions=9), "changelog", Level.FAIL),
        (with_topic("letters", replication=2), "topic", Level.FAIL),
        (with_topic("letters", leaderless=1), "topic", Level.FAIL),
        (with_topic("letters", behind=1), "topic", Level.WARN),
        (with_topic("audit", leaderless=1), "topic", Level.FAIL),
        (with_topic("audit", replication=1), "replication", Level.WARN),
        (with_config("activity", **{"max.message.bytes": "100000"}), "message size", Level.FAIL),
        (with_config("audit", **{"max.message.bytes": "99999999"}), "message size", Level.WARN),
        (replace(SOUND, newest_ms={"audit": None}), "audit topic", Level.WARN),
        (replace(SOUND, newest_ms={}), "audit topic", Level.WARN),
        (replace(SOUND, newest_ms={"audit": NOW_MS - 25 * HOUR_MS}), "audit topic", Level.WARN),
        (replace(SOUND, newest_ms={"audit": NOW_MS + 60_000}), "clock", Level.WARN),
        (with_group(state="Empty", members=0), "group", Level.WARN),
        (with_group(lags=(PartitionLag("audit", 0, 0, 100_001, None),)), "group", Level.WARN),
        (with_group(lags=(PartitionLag("audit", 0, 0, 10, 11),)), "group", Level.WARN),
        (with_group(lags=(PartitionLag("audit", 0, 5, 10, 4),)), "group", Level.WARN),
        (replace(SOUND, letters=None), "dead letters", Level.WARN),
        (replace(SOUND, letters=(LetterCount("not_json", "audit", 3, NOW_MS - 1),)), "dead letters", Level.WARN),
        (replace(SOUND, broker_configs=None), "offsets", Level.WARN),
        (replace(SOUND, broker_configs={"offsets.retention.minutes": "1440"}), "offsets", Level.WARN),
        (replace(SOUND, broker_configs={"offset.metadata.max.bytes": "100"}), "offsets", Level.FAIL),
    ],
)
def test_each_trouble_is_seen(facts, name, level):
    assert (name, level) in troubles(facts)


def test_every_trouble_says_what_to_do():
    broken = replace(SOUND, topics={}, groups=with_group(members=0).groups, letters=None, newest_ms={"audit": None})
    found = [check for check in judge(CONFIG, broken) if check.level is not Level.OK]
    assert len(found) == len(SPECS) + 3
    assert all(check.advice and check.sentence for check in found)


def test_old_dead_letters_are_no_news():
    letters = (LetterCount("not_json", "audit", 3, NOW_MS - 25 * HOUR_MS),)
    assert not troubles(replace(SOUND, letters=letters))


def test_a_broker_that_tells_no_group_state_does_not_make_the_group_idle():
    assert not troubles(with_group(state=None, members=0))


@pytest.mark.parametrize(
    ("place", "lag", "broken"),
    [
        (PartitionLag("t", 0, 5, 20, None), 15, False),
        (PartitionLag("t", 0, 5, 20, 20), 0, False),
        (PartitionLag("t", 0, 5, 20, 5), 15, False),
        (PartitionLag("t", 0, 5, 20, 3), 15, True),
        (PartitionLag("t", 0, 5, 20, 21), 0, True),
    ],
)
def test_lag_counts_what_the_log_still_holds(place, lag, broken):
    assert (place.lag_records, place.is_broken) == (lag, broken)
