"""The embedded broker with faults: librdkafka's mock cluster through its C interface, for tests only.

It is the cluster of `streamguard.embedded`, plus what only C offers: topics with any number of partitions,
deletion, brokers that go down, slow or fail requests, leaders and coordinators that move.
The interface is experimental in librdkafka; `tests/unit/test_brokers.py` fails when it changes.
"""

from __future__ import annotations

import ctypes
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

_PRODUCER = 0
_POINTER = ctypes.c_void_p
_INT = ctypes.c_int
_INT32 = ctypes.c_int32
_TEXT = ctypes.c_char_p
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "rd_kafka_conf_new": (_POINTER, []),
    "rd_kafka_conf_set": (_INT, [_POINTER, _TEXT, _TEXT, _TEXT, ctypes.c_size_t]),
    "rd_kafka_new": (_POINTER, [_INT, _POINTER, _TEXT, ctypes.c_size_t]),
    "rd_kafka_destroy": (None, [_POINTER]),
    "rd_kafka_mock_cluster_new": (_POINTER, [_POINTER, _INT]),
    "rd_kafka_mock_cluster_destroy": (None, [_POINTER]),
    "rd_kafka_mock_cluster_bootstraps": (_TEXT, [_POINTER]),
    "rd_kafka_mock_topic_create": (_INT, [_POINTER, _TEXT, _INT, _INT]),
    "rd_kafka_mock_topic_delete": (_INT, [_POINTER, _TEXT]),
    "rd_kafka_mock_broker_set_down": (_INT, [_POINTER, _INT32]),
    "rd_kafka_mock_broker_set_up": (_INT, [_POINTER, _INT32]),
    "rd_kafka_mock_broker_set_rtt": (_INT, [_POINTER, _INT32, _INT]),
    "rd_kafka_mock_partition_set_leader": (_INT, [_POINTER, _TEXT, _INT32, _INT32]),
    "rd_kafka_mock_coordinator_set": (_INT, [_POINTER, _TEXT, _TEXT, _INT32]),
    "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, [_POINTER, _INT32]),
    "rd_kafka_mock_push_request_errors_array": (
        None,
        [_POINTER, ctypes.c_int16, ctypes.c_size_t, ctypes.POINTER(_INT)],
    ),
    "rd_kafka_mock_clear_request_errors": (None, [_POINTER, ctypes.c_int16]),
}


class Api(IntEnum):
    """Kafka request types whose answers can be made to fail."""

    PRODUCE = 0
    FETCH = 1
    LIST_OFFSETS = 2
    METADATA = 3
    OFFSET_COMMIT = 8
    OFFSET_FETCH = 9
    FIND_COORDINATOR = 10
    JOIN_GROUP = 11
    HEARTBEAT = 12
    LEAVE_GROUP = 13
    SYNC_GROUP = 14
    INIT_PRODUCER_ID = 22


class MockClusterError(RuntimeError):
    """A call into the mock cluster failed."""


class MockCluster:
    """A Kafka-protocol cluster inside this process, with faults at the tests' command.

    Parameters
    ----------
    brokers
        How many brokers; they are numbered from 1.
    rebalance_delay_ms
        How long a new group waits for its second member. librdkafka's own default is 3,000 ms.
    """

    real = False

    def __init__(self, brokers: int = 1, rebalance_delay_ms: int = 0) -> None:
        self.brokers = brokers
        self._library = _load_library()
        self._client = _new_client(self._library)
        self._cluster = self._library.rd_kafka_mock_cluster_new(self._client, brokers)
        if not self._cluster:
            raise MockClusterError("librdkafka could not make a mock cluster")
        self._library.rd_kafka_mock_group_initial_rebalance_delay_ms(self._cluster, rebalance_delay_ms)
        self.bootstrap: str = self._library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()

    def describe(self) -> str:
        """Return the broker's name and versions."""
        import confluent_kafka

        versions = f"confluent-kafka {confluent_kafka.__version__}, librdkafka {confluent_kafka.libversion()[0]}"
        return f"embedded ({versions})"

    def create_topic(
        self, name: str, partitions: int = 4, config: Mapping[str, str] | None = None, replicas: int = 1
    ) -> None:
        """Create a topic. ``config`` is ignored: the cluster knows no topic settings."""
        del config
        self._call("rd_kafka_mock_topic_create", name.encode(), partitions, replicas)

    def delete_topic(self, name: str) -> None:
        """Delete a topic; created again under the same name, its offsets start at 0."""
        self._call("rd_kafka_mock_topic_delete", name.encode())

    def fail(self, api: Api, *codes: int) -> None:
        """Answer the next requests of one type with these Kafka error codes, one each, in order."""
        array = (_INT * len(codes))(*codes)
        self._library.rd_kafka_mock_push_request_errors_array(self._cluster, int(api), len(codes), array)

    def heal(self, api: Api) -> None:
        """Forget the failures of one request type that have not happened yet."""
        self._library.rd_kafka_mock_clear_request_errors(self._cluster, int(api))

    def down(self, broker: int) -> None:
        """Cut a broker off: its connections close and new ones are refused."""
        self._call("rd_kafka_mock_broker_set_down", broker)

    def up(self, broker: int) -> None:
        """Let a broker answer again."""
        self._call("rd_kafka_mock_broker_set_up", broker)

    def delay(self, broker: int, rtt_ms: int) -> None:
        """Add a round-trip time to every answer of a broker; 0 takes it away."""
        self._call("rd_kafka_mock_broker_set_rtt", broker, rtt_ms)

    def lead(self, topic: str, partition: int, broker: int) -> None:
        """Move the leadership of a partition to a broker."""
        self._call("rd_kafka_mock_partition_set_leader", topic.encode(), partition, broker)

    def coordinate(self, group: str, broker: int) -> None:
        """Move the coordinator of a consumer group to a broker."""
        self._call("rd_kafka_mock_coordinator_set", b"group", group.encode(), broker)

    def stop(self) -> None:
        """Stop the cluster; everything in it is gone. A second call does nothing."""
        if self._cluster:
            self._library.rd_kafka_mock_cluster_destroy(self._cluster)
            self._library.rd_kafka_destroy(self._client)
        self._cluster = self._client = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _call(self, name: str, *arguments: Any) -> None:
        code = getattr(self._library, name)(self._cluster, *arguments)
        if code != 0:
            raise MockClusterError(f"{name}{arguments} failed with Kafka error code {code}")


def _load_library() -> ctypes.CDLL:
    """Load the librdkafka that confluent-kafka's wheel brings along, with typed functions."""
    import confluent_kafka

    package = Path(confluent_kafka.__file__).parent
    found = sorted(package.parent.glob("confluent_kafka.libs/librdkafka*")) + sorted(
        package.glob(".dylibs/librdkafka*")
    )
    if not found:
        raise MockClusterError("confluent-kafka is installed without its own librdkafka: use its wheel")
    library = ctypes.CDLL(str(found[0]))
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    return library


def _new_client(library: ctypes.CDLL) -> Any:
    """Make the librdkafka client that every mock cluster hangs on."""
    message = ctypes.create_string_buffer(512)
    configuration = library.rd_kafka_conf_new()
    library.rd_kafka_conf_set(configuration, b"log_level", b"3", message, len(message))
    client = library.rd_kafka_new(_PRODUCER, configuration, message, len(message))
    if not client:
        raise MockClusterError(message.value.decode(errors="replace"))
    return client
