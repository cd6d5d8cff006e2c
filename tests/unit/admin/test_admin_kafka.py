"""The administration on the most real Kafka of this machine, and on the embedded one, which can do less."""

from __future__ import annotations

import logging
import threading
import uuid
from dataclasses import replace

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streamguard.admin import (
    AdminConnection,
    AdminError,
    DoctorConfig,
    Level,
    PlanConfig,
    UnreachableError,
    audit_spec,
    doctor,
    ensure,
    lag,
    plan,
    survey,
    topic_ids,
)
from streamguard.embedded import KAFKA_PYTHON_API_VERSION, PARTITIONS

pytestmark = pytest.mark.kafka

TOPICS = ("activity", "findings", "incidents", "deadletter", "feedback", "changelog")


@pytest.fixture
def real(kafka):
    return AdminConnection(kafka.bootstrap)


@pytest.fixture
def toy(embedded):
    return AdminConnection(embedded.bootstrap, api_version=KAFKA_PYTHON_API_VERSION)


def planned(names, **changes):
    return PlanConfig(**{topic: names(topic) for topic in TOPICS}, **changes)


async def send(bootstrap, topic, count, headers=()):
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    for number in range(count):
        await producer.send_and_wait(topic, b"x", partition=number % 2, headers=[*headers])
    await producer.stop()


def levels(checks, name):
    return [check.level for check in checks if check.name == name]


@pytest.mark.real_kafka
class TestEnsure:
    def test_creates_what_is_missing_and_finds_it_as_planned(self, real, names):
        specs = plan(planned(names, activity_partitions=3))
        report = ensure(real, specs)
        assert report.created == tuple(spec.name for spec in specs)
        assert (report.existing, report.differences, report.notes) == ((), (), ())
        again = ensure(real, specs)
        assert (again.created, again.differences) == ((), ())
        assert again.existing == report.created

    def test_reports_differences_and_changes_nothing(self, real, kafka, names):
        config = planned(names, activity_partitions=3)
        kafka.create_topic(config.changelog, 3)
        report = ensure(real, plan(config))
        assert [difference.topic for difference in report.differences] == [config.changelog]
        assert "cleanup.policy=delete" in str(report.differences[0])
        assert ensure(real, plan(config)).differences == report.differences

    def test_a_survey_creates_nothing(self, real, kafka, names):
        config = planned(names, activity_partitions=3)
        kafka.create_topic(config.activity, 3)
        for _ in range(2):
            report = survey(real, plan(config))
            assert (report.created, report.existing) == ((), (config.activity,))
            assert len(report.differences) == len(TOPICS) - 1
            assert all("does not exist" in d.sentence for d in report.differences)

    def test_gives_a_missing_topic_as_many_partitions_as_its_twin_has(self, real, kafka, names):
        config = planned(names, activity_partitions=3)
        kafka.create_topic(config.activity, 5)
        report = ensure(real, plan(config))
        assert {d.topic for d in report.differences} == {config.activity, config.changelog}
        assert all("has 5 partitions" in d.sentence for d in report.differences)

    def test_says_what_to_do_about_too_many_copies(self, real, names):
        specs = (audit_spec(names("audit"), replication=30),)
        with pytest.raises(AdminError, match=r"topics.replication_factor to at most"):
            ensure(real, specs)

    def test_topics_of_the_same_name_have_different_identities(self, real, kafka, names):
        kafka.create_topic(names("a"), 1)
        first = topic_ids(real, [names("a"), names("missing")])
        assert set(first) == {names("a")}
        assert uuid.UUID(first[names("a")]).int
        kafka.delete_topic(names("a"))
        kafka.create_topic(names("a"), 1)
        assert topic_ids(real, [names("a")]) != first


@pytest.mark.real_kafka
class TestLag:
    async def test_counts_what_a_group_has_not_read(self, real, kafka, names):
        kafka.create_topic(names("a"), 2)
        await send(kafka.bootstrap, names("a"), 7)
        places = lag(real, names("g"), [names("a"), names("missing")])
        assert [(p.partition, p.committed, p.lag_records) for p in places] == [(0, None, 4), (1, None, 3)]
        consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, group_id=names("g"), enable_auto_commit=False)
        await consumer.start()
        consumer.assign([TopicPartition(names("a"), 0)])
        await consumer.commit({TopicPartition(names("a"), 0): 3})
        await consumer.stop()
        places = lag(real, names("g"), [names("a")])
        assert [(p.committed, p.lag_records) for p in places] == [(3, 1), (None, 3)]


@pytest.mark.real_kafka
class TestDoctor:
    def config(self, names):
        config = planned(names)
        return DoctorConfig(
            specs=plan(config),
            audit=(names("audit"),),
            groups={names("g"): (names("audit"),)},
            changelog=config.changelog,
            deadletter=config.deadletter,
        )

    def test_finds_an_empty_kafka_wanting(self, real, names):
        checks = doctor(real, self.config(names))
        assert levels(checks, "broker") == [Level.OK]
        assert levels(checks, "topic") == [Level.FAIL] * len(TOPICS)
        assert levels(checks, "audit topic") == [Level.FAIL]

    async def test_sees_records_workers_and_dead_letters(self, real, kafka, names):
        config = self.config(names)
        ensure(real, (*config.specs, audit_spec(names("audit"))))
        await send(kafka.bootstrap, names("audit"), 5)
        headers = [("reason", b"not_json"), ("topic", names("audit").encode())]
        await send(kafka.bootstrap, config.deadletter, 3, headers)
        consumer = AIOKafkaConsumer(names("audit"), bootstrap_servers=kafka.bootstrap, group_id=names("g"))
        await consumer.start()
        try:
            checks = doctor(real, config)
        finally:
            await consumer.stop()
        said = {(check.name, check.level): check.sentence for check in checks}
        assert levels(checks, "topic") == [Level.OK] * len(TOPICS)
        assert "0 seconds old" in said["audit topic", Level.OK] or "1 seconds old" in said["audit topic", Level.OK]
        assert f"3 not_json from {names('audit')}" in said["dead letters", Level.WARN]
        assert "1 worker" in said["group", Level.OK]
        assert said["offsets", Level.OK].endswith("7 days")
        assert not [check for check in checks if check.level is Level.FAIL]

    async def test_says_when_no_worker_reads(self, real, kafka, names):
        kafka.create_topic(names("audit"), 2)
        await send(kafka.bootstrap, names("audit"), 4)
        (check,) = [check for check in doctor(real, self.config(names)) if check.name == "group"]
        assert (check.level, check.sentence) == (Level.WARN, f"{names('g')}: no worker reads, 4 records behind")


class TestEmbedded:
    def test_topics_appear_when_they_are_asked_for(self, toy, names):
        report = ensure(toy, plan(planned(names, activity_partitions=8)))
        assert len(report.created) == len(TOPICS)
        assert f"{names('findings')} ({PARTITIONS} partitions)" in report.notes[0]
        assert {d.topic for d in report.differences} == {names("activity"), names("changelog")}

    async def test_lag_is_told(self, toy, embedded, names):
        embedded.create_topic(names("a"))
        await send(embedded.bootstrap, names("a"), 6)
        assert sum(place.lag_records for place in lag(toy, names("g"), [names("a")])) == 6

    def test_there_are_no_identities(self, toy, embedded, names):
        embedded.create_topic(names("a"))
        assert topic_ids(toy, [names("a")]) == {}

    def test_the_doctor_says_what_it_cannot_tell(self, toy, embedded, names):
        config = replace(TestDoctor().config(names), specs=plan(planned(names, activity_partitions=PARTITIONS)))
        ensure(toy, config.specs)
        embedded.create_topic(names("audit"))
        checks = doctor(toy, config)
        assert levels(checks, "topic") == [Level.OK] * len(TOPICS)
        assert levels(checks, "changelog") == [Level.WARN]
        assert levels(checks, "offsets") == [Level.WARN]


class TestUnreachable:
    CONNECTION = AdminConnection("127.0.0.1:1", timeout_seconds=0.3)

    def test_the_error_says_where_why_and_what_to_do(self):
        with pytest.raises(UnreachableError, match=r"at 127.0.0.1:1: .*REFUSED; is it running.*bootstrap_servers"):
            ensure(self.CONNECTION, plan(PlanConfig()))

    def test_the_reason_is_told_where_logs_are_silent(self, capsys):
        root = logging.getLogger()
        level = root.level
        root.setLevel("CRITICAL")
        try:
            with pytest.raises(UnreachableError, match=r"REFUSED"):
                lag(self.CONNECTION, "g", ["t"])
        finally:
            root.setLevel(level)
        assert not capsys.readouterr().err

    def test_no_thread_is_left_behind(self):
        before = set(threading.enumerate())
        with pytest.raises(UnreachableError):
            lag(self.CONNECTION, "g", ["t"])
        assert set(threading.enumerate()) <= before

    def test_the_doctor_reports_it_as_a_finding(self):
        (check,) = doctor(self.CONNECTION, DoctorConfig(specs=(), audit=(), groups={}, changelog="c", deadletter="d"))
        assert (check.name, check.level) == ("broker", Level.FAIL)

    @pytest.mark.parametrize("address", ["nonsense:port", "no.such.host.invalid:9092"])
    def test_a_bad_address_is_unreachable(self, address):
        with pytest.raises(UnreachableError, match=r"is kafka.bootstrap_servers right"):
            lag(replace(self.CONNECTION, bootstrap=address), "g", ["t"])

    def test_wrong_security_is_named(self, real):
        security = {
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "PLAIN",
            "sasl_plain_username": "a",
            "sasl_plain_password": "hunter2",
        }
        with pytest.raises(UnreachableError, match=r"Sasl.*; is it running") as caught:
            lag(replace(real, security=security, timeout_seconds=1.0), "g", ["t"])
        assert "hunter2" not in str(caught.value)
