"""What `streamguard.stream` uses of Faust and aiokafka and is not public: it must be what it was when it was read.

A failure here after a raised pin means: read the named code again, see that `streamguard/stream/consumer.py` and
`table.py` still do what they say, run ``make faults ARGS="--fault-seconds 600"``, and only then note the new hash
(``python tests/contracts/test_faust_internals.py`` prints them all).
"""

from __future__ import annotations

import hashlib
import inspect
import textwrap
import tomllib
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import aiokafka
import faust
import pytest
from aiokafka.consumer.fetcher import READ_UNCOMMITTED, Fetcher, FetchResult, PartitionRecords
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.serializers.schemas import Schema
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.transport import consumer as transport
from faust.transport.drivers import aiokafka as driver
from faust.transport.utils import DefaultSchedulingStrategy
from faust.types import TP

from streamguard.stream.consumer import ExactConsumer, ExactThread, ExactTransport, GuardApp, _spare_copies
from streamguard.stream.delivery import RunScheduler, RunSchema
from streamguard.stream.table import StateTable

PINS = {"faust-streaming": "0.15.3", "mode-streaming": "0.7.1", "aiokafka": "0.14.0"}

OVERRIDES = {
    ExactConsumer: {
        "_add_gap",
        "_commit",
        "_filter_tps_with_pending_acks",
        "_new_consumer_thread",
        "_new_offset",
        "_should_commit",
        "on_buffer_full",
        "on_partitions_revoked",
        "perform_seek",
        "resume_partitions",
    },
    ExactThread: {"_create_worker_consumer", "_fetch_records"},
    GuardApp: {"_new_transport", "crash"},
    StateTable: {"apply_changelog_batch", "on_changelog_event", "on_rebalance"},
    RunScheduler: {"iterate"},
    RunSchema: {"loads_key", "loads_value"},
}

READ = {
    # What commits, and when: our declared offsets must be the only ones.
    transport.Consumer._commit_tps: "b83d551c32787010",
    transport.Consumer._commit_offsets: "86b3e9b0aec773ac",
    transport.Consumer._filter_committable_offsets: "4fb75ba687d078b9",
    transport.Consumer._filter_tps_with_pending_acks: "cccdca32d241b14c",
    transport.Consumer.commit_and_end_transactions: "cdc86f2fe3634db6",
    transport.Consumer.force_commit: "464b62ae917215ab",
    transport.ThreadDelegateConsumer._commit: "91c201528438395b",
    # What delivers, and what a seek does to it.
    transport.Consumer._drain_messages: "8f35dd7a11144daa",
    transport.Consumer._wait_next_records: "ba40cd3671328d3b",
    transport.Consumer.getmany: "e486c434b7928ee8",
    transport.Consumer.resume_partitions: "fc6392136c275c6c",
    transport.Consumer.perform_seek: "2b4ceebd23deb7ee",
    transport.Consumer.stop_flow: "aa77389dc23a1981",
    transport.Consumer.resume_flow: "192f20bc377f5fec",
    transport.Consumer.on_partitions_revoked: "652177e770ee66d6",
    transport.Consumer._is_changelog_tp: "0032e40d702f957e",
    # The thread that owns aiokafka's consumer.
    driver.AIOKafkaConsumerThread._create_worker_consumer: "c179c0bdb9755c3a",
    driver.AIOKafkaConsumerThread._fetch_records: "9e7369fc572de4d0",
    driver.AIOKafkaConsumerThread._ensure_consumer: "a2c77687801ca0e7",
    driver.AIOKafkaConsumerThread.highwater: "745f6cb718454330",
    # How state comes back.
    Recovery.revoke: "b22e61ecd04cc078",
    Recovery.on_rebalance: "31030bc1807f4cd3",
    Recovery._resume_streams: "fbe0f747b84c0b27",
    Recovery._restart_recovery.fun: "f93138b040ef1bc2",
    Recovery.on_recovery_completed: "895e7c415a4d1379",
    Recovery._slurp_changelogs.fun: "7e3120dad754763d",
    TableManager.on_rebalance: "fc9b70e03994df5c",
    faust.Table.on_rebalance: "5d760812d911ece1",
    # What is asked of aiokafka behind its public interface.
    GroupCoordinator.fetch_committed_offsets: "c83e0cafbf1e78a4",
    Fetcher.fetched_records: "e20ce0c8117f12d2",
    FetchResult.getall: "b638929de3431c67",
    PartitionRecords._unpack_records: "047f7fc3f005c220",
    PartitionRecords._consumer_record: "56c3ee13f914a9d2",
    aiokafka.AIOKafkaConsumer.start: "5ba1baa38f6246a0",
}


def digest(function):
    source = textwrap.dedent(inspect.getsource(function))
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def place(function):
    return f"{function.__module__}.{function.__qualname__}"


def parameters(function):
    return [(p.name, p.kind) for p in inspect.signature(function).parameters.values()]


@pytest.mark.parametrize(("package", "pinned"), PINS.items())
def test_the_versions_that_were_read_are_installed_and_pinned(package, pinned):
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert version(package) == pinned
    assert f"{package}=={pinned}" in project["dependencies"]


@pytest.mark.parametrize("function", READ, ids=place)
def test_what_was_read_is_unchanged(function):
    assert digest(function) == READ[function], f"{place(function)} changed: read it again before raising the pin"


@pytest.mark.parametrize("own", OVERRIDES, ids=lambda own: own.__name__)
def test_what_is_overridden_exists_and_takes_the_same_arguments(own):
    base = own.__mro__[1]
    both = {name for name, ours in vars(own).items() if callable(ours) and callable(getattr(base, name, None))}
    assert both - {"__init__"} == OVERRIDES[own]
    for name in OVERRIDES[own]:
        theirs, ours = parameters(getattr(base, name)), parameters(getattr(own, name))
        variadic = [p for p in ours if p[1] in {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}]
        assert variadic or [p[0] for p in ours] == [p[0] for p in theirs], name


@pytest.mark.parametrize("function", [Recovery._resume_streams, Recovery.on_recovery_completed], ids=place)
def test_recovery_resumes_partitions_then_seeks_then_resumes_the_flow(function):
    """Why `resume_partitions` stops the flow, and why `perform_seek` leaves that to its caller."""
    source = inspect.getsource(function)
    places = [source.index(call) for call in ("resume_partitions(", "perform_seek(", "resume_flow()")]
    assert places == sorted(places)


def test_the_fetch_wait_is_still_hard_coded_and_read_at_the_start():
    assert "fetch_max_wait_ms=1500" in inspect.getsource(driver.AIOKafkaConsumerThread._create_worker_consumer)
    assert "fetch_max_wait_ms=self._fetch_max_wait_ms" in inspect.getsource(aiokafka.AIOKafkaConsumer.start)
    assert "fetch_max_wait_ms" in inspect.signature(Fetcher.__init__).parameters


async def test_the_app_builds_our_consumer_our_thread_and_our_fetch_wait():
    app = GuardApp("contract", broker="kafka://127.0.0.1:1", web_enabled=False, topic_disable_leader=True)
    app.fetch_max_wait_ms = 37
    made = app._new_transport()
    assert type(made) is ExactTransport
    consumer = app.consumer
    assert type(consumer) is ExactConsumer
    assert type(consumer._thread) is ExactThread
    worker = consumer._thread._create_worker_consumer(made)
    try:
        assert worker._fetch_max_wait_ms == 37
    finally:
        await worker.stop()
    assert callable(consumer._thread.call_thread)
    consumer._read_offset[TopicPartition("t", 0)] = 5
    assert consumer._read_offset[TopicPartition("t", 0)] is None


async def test_a_full_buffer_leaves_no_partition_out():
    """Where it leaves all of them out, Faust sleeps a second; the queue is bounded without that."""
    assert "await self.sleep(1)" in inspect.getsource(transport.Consumer._wait_next_records)
    app = GuardApp("contract", broker="kafka://127.0.0.1:1", web_enabled=False, topic_disable_leader=True)
    app._new_transport()
    consumer, place = app.consumer, TP("t", 0)
    consumer._set_active_tps({place})
    consumer.on_buffer_full(place)
    assert consumer._get_active_partitions() == {place}
    transport.Consumer.on_buffer_full(consumer, place)
    assert consumer._get_active_partitions() == set()


def test_records_that_are_not_copied_have_what_a_copy_has():
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 10_000)
    for offset, key, value in ((0, b"k", b"v"), (1, None, None)):
        assert builder.append(offset, 1_700_000_000_000 + offset, key, value, [("h", b"x")])
    batch, place = bytes(builder.build()), TopicPartition("t", 0)
    copied, plain = (
        PartitionRecords(place, MemoryRecords(batch), None, 0, None, None, True, READ_UNCOMMITTED) for _ in range(2)
    )
    _spare_copies(FetchResult(place, assignment=None, partition_records=plain, backoff=0))
    both = list(zip(copied, plain, strict=True))
    assert len(both) == 2
    for copy, record in both:
        assert type(record) is not type(copy)
        for field in ("offset", "timestamp", "timestamp_type", "key", "value"):
            assert getattr(record, field) == getattr(copy, field)
        assert tuple(record.headers) == copy.headers
    assert plain.next_fetch_offset == copied.next_fetch_offset == 2


def test_records_that_are_not_copied_are_handed_out_in_pieces_as_large_as_asked():
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 10_000)
    for offset in range(5):
        builder.append(offset, 1_700_000_000_000 + offset, None, b"v", [])
    place, state = TopicPartition("t", 0), SimpleNamespace(paused=False, position=0)
    state.consumed_to = lambda position: setattr(state, "position", position)
    assignment = SimpleNamespace(active=True, state_value=lambda _: state)
    records = PartitionRecords(
        place, MemoryRecords(bytes(builder.build())), None, 0, None, None, True, READ_UNCOMMITTED
    )
    fetched = FetchResult(place, assignment=assignment, partition_records=records, backoff=0)
    pieces = []
    while fetched.has_more():
        _spare_copies(fetched)
        pieces.append([record.offset for record in fetched.getall(2)])
    assert pieces == [[0, 1], [2, 3], [4]]
    assert state.position == 5


def test_schemas_are_asked_for_key_and_value_with_the_message():
    for name in ("loads_key", "loads_value"):
        assert [p[0] for p in parameters(getattr(Schema, name))] == ["self", "app", "message", "loads", "serializer"]


def test_a_scheduler_yields_whatever_it_wants_to_be_a_record():
    source = inspect.getsource(transport.Consumer.getmany)
    assert "self.scheduler.iterate(" in source
    assert "yield tp, to_message(tp, record)" in source
    assert [p[0] for p in parameters(DefaultSchedulingStrategy.iterate)] == ["self", "records"]


@pytest.mark.kafka
async def test_commits_carry_metadata_and_give_it_back(kafka, names):
    kafka.create_topic(names("a"), 1)
    place = TopicPartition(names("a"), 0)
    consumer = aiokafka.AIOKafkaConsumer(
        bootstrap_servers=kafka.bootstrap, group_id=names("g"), enable_auto_commit=False
    )
    await consumer.start()
    try:
        consumer.assign([place])
        assert (await consumer._coordinator.fetch_committed_offsets([place])).get(place) is None
        await consumer.commit({place: OffsetAndMetadata(7, "[3,[7]]")})
        found = (await consumer._coordinator.fetch_committed_offsets([place]))[place]
        assert (found.offset, found.metadata) == (7, "[3,[7]]")
    finally:
        await consumer.stop()


if __name__ == "__main__":
    for one in READ:
        print(f"{place(one)}: {digest(one)}")
