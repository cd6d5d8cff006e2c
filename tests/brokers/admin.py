"""Topics on a real Kafka, for tests: a thin shell over kafka-python's administration client."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@contextmanager
def admin(bootstrap: str, timeout_ms: int = 30_000, api_version: tuple[int, ...] | None = None) -> Iterator[Any]:
    """Open an administration client for a moment; None negotiates the version, which the mock cluster cannot."""
    from kafka import KafkaAdminClient

    client = KafkaAdminClient(
        bootstrap_servers=bootstrap.split(","),
        client_id="streamguard-tests",
        bootstrap_timeout_ms=timeout_ms,
        request_timeout_ms=timeout_ms,
        api_version=api_version,
    )
    try:
        yield client
    finally:
        client.close()


def answers_kafka(bootstrap: str, timeout_ms: int = 2_000) -> bool:
    """Tell whether a Kafka broker answers at these addresses within the time-out."""
    from kafka.errors import KafkaError

    try:
        with admin(bootstrap, timeout_ms) as client:
            return bool(client.describe_cluster()["brokers"])
    except (KafkaError, OSError):
        return False


def create_topic(
    bootstrap: str, name: str, partitions: int, config: Mapping[str, str] | None, replicas: int = 1
) -> None:
    """Create a topic and wait until every partition of it has a leader."""
    options = {"num_partitions": partitions, "replication_factor": replicas, "configs": dict(config or {})}
    with admin(bootstrap) as client:
        client.create_topics({name: options}, wait_for_metadata=True)


def delete_topic(bootstrap: str, name: str, timeout_seconds: float = 15.0) -> None:
    """Delete a topic and wait until it is gone, so that the name can be used again."""
    with admin(bootstrap) as client:
        client.delete_topics([name])
        deadline = time.monotonic() + timeout_seconds
        while name in set(client.list_topics()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"topic {name} is still there {timeout_seconds:g} s after its deletion")
            time.sleep(0.05)


def partitions_of(bootstrap: str, name: str, api_version: tuple[int, ...] | None = None) -> int:
    """Return the number of partitions of a topic."""
    with admin(bootstrap, api_version=api_version) as client:
        (topic,) = client.describe_topics([name])
        return len(topic["partitions"])
