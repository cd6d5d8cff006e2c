"""The brokers that all other tests stand on: the embedded one, its fault-injecting sibling, and the real one."""

from __future__ import annotations

import sys

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import MessageSizeTooLargeError
from brokers import admin
from brokers.docker import DockerKafka
from brokers.mock_cluster import Api, MockCluster, MockClusterError

from streamguard.embedded import KAFKA_PYTHON_API_VERSION, EmbeddedBroker, EmbeddedBrokerError


async def _round_trip(bootstrap, topic, records):
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        for number in range(records):
            await producer.send_and_wait(topic, b"%d" % number, partition=number % 4)
    finally:
        await producer.stop()
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(4)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        got = []
        while len(got) < records:
            batches = await consumer.getmany(timeout_ms=5000)
            assert batches, "nothing came within 5 s"
            got += [int(record.value) for batch in batches.values() for record in batch]
        return sorted(got), [ends[partition] for partition in partitions]
    finally:
        await consumer.stop()


class TestEmbeddedBroker:
    async def test_keeps_what_was_produced_and_tells_the_right_end_offsets(self, embedded, names):
        embedded.create_topic(names("a"))
        assert await _round_trip(embedded.bootstrap, names("a"), 10) == (list(range(10)), [3, 3, 2, 2])

    def test_listens_on_loopback_only_with_as_many_brokers_as_asked_for(self):
        with EmbeddedBroker(brokers=3) as broker:
            addresses = broker.bootstrap.split(",")
        assert len(addresses) == 3
        assert all(address.startswith("127.0.0.1:") for address in addresses)

    def test_names_its_versions(self, embedded):
        assert embedded.describe().startswith("embedded (confluent-kafka 2.")
        assert "librdkafka 2." in embedded.describe()

    def test_refuses_a_number_of_partitions_that_it_cannot_give(self, embedded, names):
        with pytest.raises(EmbeddedBrokerError, match="4 partitions"):
            embedded.create_topic(names("a"), partitions=8)

    def test_refuses_to_be_used_before_it_started_and_after_it_stopped(self):
        broker = EmbeddedBroker()
        with pytest.raises(EmbeddedBrokerError, match="not started"):
            _ = broker.bootstrap
        broker.start().stop()
        with pytest.raises(EmbeddedBrokerError, match="not started"):
            broker.create_topic("a")

    def test_refuses_an_empty_cluster(self):
        with pytest.raises(ValueError, match="at least one broker"):
            EmbeddedBroker(brokers=0)

    def test_names_the_extra_when_confluent_kafka_is_missing(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "confluent_kafka", None)
        with pytest.raises(EmbeddedBrokerError, match=r"streamguard\[demo\]"):
            EmbeddedBroker().start()


class TestMockCluster:
    async def test_gives_topics_as_many_partitions_as_asked_for_and_deletes_them(self):
        with MockCluster() as cluster:
            cluster.create_topic("a", partitions=7)
            assert admin.partitions_of(cluster.bootstrap, "a", KAFKA_PYTHON_API_VERSION) == 7
            cluster.delete_topic("a")
            cluster.create_topic("a", partitions=2)
            assert admin.partitions_of(cluster.bootstrap, "a", KAFKA_PYTHON_API_VERSION) == 2

    def test_says_which_call_failed(self):
        with MockCluster() as cluster, pytest.raises(MockClusterError, match="broker_set_down"):
            cluster.down(9)

    async def test_fails_exactly_as_many_requests_as_told(self):
        with MockCluster() as cluster:
            cluster.create_topic("a")
            producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap)
            await producer.start()
            try:
                cluster.fail(Api.PRODUCE, MessageSizeTooLargeError.errno)
                with pytest.raises(MessageSizeTooLargeError):
                    await producer.send_and_wait("a", b"1", partition=0)
                cluster.fail(Api.PRODUCE, MessageSizeTooLargeError.errno)
                cluster.heal(Api.PRODUCE)
                assert (await producer.send_and_wait("a", b"2", partition=0)).offset == 0
            finally:
                await producer.stop()


class TestKafkaOfThisRun:
    @pytest.mark.kafka
    async def test_keeps_what_was_produced_and_tells_the_right_end_offsets(self, kafka, names):
        kafka.create_topic(names("a"), partitions=4)
        assert await _round_trip(kafka.bootstrap, names("a"), 10) == (list(range(10)), [3, 3, 2, 2])

    @pytest.mark.kafka
    def test_creates_and_deletes_topics(self, kafka, names):
        kafka.create_topic(names("a"), partitions=3)
        version = None if kafka.real else KAFKA_PYTHON_API_VERSION
        assert admin.partitions_of(kafka.bootstrap, names("a"), version) == 3
        kafka.delete_topic(names("a"))
        kafka.create_topic(names("a"), partitions=1)
        assert admin.partitions_of(kafka.bootstrap, names("a"), version) == 1

    def test_names_of_tests_do_not_meet(self, names):
        assert names("a") == f"{names.prefix}.a"
        assert names.prefix != type(names)().prefix

    def test_container_is_published_on_loopback_only(self):
        node = DockerKafka()
        arguments = node.command()
        assert arguments[arguments.index("--publish") + 1] == f"{node.bootstrap}:9092"
        assert f"KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://{node.bootstrap}" in arguments


@pytest.mark.real_kafka
class TestApacheKafka:
    async def test_survives_being_stopped_killed_and_frozen_with_its_data(self, own_kafka, names):
        own_kafka.create_topic(names("a"), partitions=4)
        address = own_kafka.bootstrap
        own_kafka.restart()
        own_kafka.kill()
        assert not own_kafka.answers()
        own_kafka.start()
        assert own_kafka.bootstrap == address
        own_kafka.freeze()
        assert not own_kafka.answers()
        own_kafka.thaw()
        assert await _round_trip(address, names("a"), 4) == (list(range(4)), [1, 1, 1, 1])
