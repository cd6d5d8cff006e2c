"""The embedded broker: a Kafka-protocol cluster inside this process, for the demo and the fast tests.

It is the mock cluster of librdkafka, reached through confluent-kafka's public configuration
(``test.mock.num.brokers``): no Java, no Docker, nothing on disk, gone with the process.

What it cannot do, measured with librdkafka 2.16.0:

* **Retention.** A partition keeps the newest 5 MiB of record batches, as they were sent: about 10,000 records
  of 500 bytes, 290,000 of 10 bytes. Older ones vanish without notice, also for a consumer that has not read
  them yet, so producers should compress, and should not run far ahead. Nothing expires by age, nothing is
  compacted, and ``cleanup.policy`` means nothing here.
* **Topics.** There is no CreateTopics request: a topic appears with 4 partitions when somebody first asks
  for it, and it cannot be deleted. The only other public setting is ``test.mock.broker.rtt``.
* **kafka-python.** Its version negotiation fails here with time-outs; give it ``api_version=KAFKA_PYTHON_API_VERSION``.
  Topics, offsets and producing work then; listing groups does not.
* **Groups.** The first member of a group waits about 3 seconds for others before it is assigned anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

PARTITIONS: Final = 4
"""Partitions of every topic of the embedded broker; its public configuration cannot change that."""

RETAINED_BYTES: Final = 5 * 1024 * 1024
"""Bytes of record batches, as sent, that a partition keeps."""

KAFKA_PYTHON_API_VERSION: Final = (2, 3)
"""The newest protocol that kafka-python 3.0 and the embedded broker share, for its ``api_version`` setting."""

_START_TIMEOUT_SECONDS: Final = 10.0


class EmbeddedBrokerError(RuntimeError):
    """The embedded broker cannot be used, or cannot do what was asked; the message says what to do."""


class EmbeddedBroker:
    """A Kafka-protocol cluster inside this process, on loopback ports that the system chooses.

    It lives from `start` to `stop`, and stops when used as a context manager.

    Parameters
    ----------
    brokers
        How many brokers the cluster has.

    Examples
    --------
    >>> with EmbeddedBroker() as broker:
    ...     broker.bootstrap.startswith("127.0.0.1:")
    True
    """

    def __init__(self, brokers: int = 1) -> None:
        if brokers < 1:
            raise ValueError(f"a cluster needs at least one broker, not {brokers}")
        self._brokers = brokers
        # confluent-kafka is an optional extra, so its classes cannot be named here.
        self._owner: Any = None
        self._bootstrap = ""

    def start(self) -> Self:
        """Start the cluster; a second call does nothing.

        Raises
        ------
        EmbeddedBrokerError
            When confluent-kafka is not installed, or its cluster does not answer.
        """
        if self._owner is not None:
            return self
        owner = _confluent_kafka().Producer(
            {
                # Ignored as soon as the mock cluster is on, but librdkafka insists on one.
                "bootstrap.servers": "ignored:1",
                "test.mock.num.brokers": self._brokers,
                # Errors only: it announces the mock cluster as a warning on standard error.
                "log_level": 3,
            }
        )
        found = owner.list_topics(timeout=_START_TIMEOUT_SECONDS).brokers
        if len(found) != self._brokers:
            raise EmbeddedBrokerError(f"the embedded cluster shows {len(found)} of {self._brokers} brokers")
        self._owner = owner
        self._bootstrap = ",".join(f"{found[node].host}:{found[node].port}" for node in sorted(found))
        return self

    def stop(self) -> None:
        """Stop the cluster; everything in it is gone. A second call does nothing."""
        if self._owner is not None:
            self._owner.close()
        self._owner = None
        self._bootstrap = ""

    @property
    def bootstrap(self) -> str:
        """The addresses for ``bootstrap.servers``, separated by commas.

        Raises
        ------
        EmbeddedBrokerError
            When the cluster is not started.
        """
        if self._owner is None:
            raise EmbeddedBrokerError("the embedded broker is not started: use it in a `with` statement")
        return self._bootstrap

    def create_topic(self, name: str, partitions: int = PARTITIONS, config: Mapping[str, str] | None = None) -> None:
        """Make a topic exist, with the 4 partitions that the embedded broker gives to every topic.

        Parameters
        ----------
        name
            Name of the topic; one that exists stays as it is.
        partitions
            Must be 4: a wish that cannot be granted is an error, not a surprise later.
        config
            Ignored: the embedded broker knows no topic settings.

        Raises
        ------
        EmbeddedBrokerError
            When ``partitions`` is not 4, or the cluster is not started.
        """
        del config
        if partitions != PARTITIONS:
            raise EmbeddedBrokerError(
                f"the embedded broker gives every topic {PARTITIONS} partitions, so {name} cannot have {partitions}"
            )
        if self._owner is None:
            raise EmbeddedBrokerError("the embedded broker is not started: use it in a `with` statement")
        # Asking for a topic's metadata creates it.
        self._owner.list_topics(topic=name, timeout=_START_TIMEOUT_SECONDS)

    @staticmethod
    def describe() -> str:
        """Return the broker's name and versions, such as ``embedded (confluent-kafka 2.16.1, librdkafka 2.16.0)``.

        Raises
        ------
        EmbeddedBrokerError
            When confluent-kafka is not installed.
        """
        module = _confluent_kafka()
        return f"embedded (confluent-kafka {module.__version__}, librdkafka {module.libversion()[0]})"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _confluent_kafka() -> Any:
    """Import confluent-kafka, which only the embedded broker needs."""
    try:
        import confluent_kafka  # noqa: PLC0415 - an optional extra, needed only when a cluster starts
    except ImportError as error:
        raise EmbeddedBrokerError(
            "the embedded broker needs confluent-kafka: pip install 'streamguard[demo]', "
            "or name a Kafka of your own with --bootstrap-servers"
        ) from error
    return confluent_kafka
