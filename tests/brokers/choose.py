"""Which Kafka a test run uses: the most real one that this machine offers.

``STREAMGUARD_TEST_KAFKA`` if set; else Docker if an engine answers; else Apache Kafka by Maven if there are
``java`` and ``mvn``; else the embedded broker. A choice that fails to start is noted, and the next one tried,
except ``STREAMGUARD_TEST_KAFKA``: who names a broker wants that one.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from brokers.apache import ApacheKafka, missing_programs
from brokers.docker import DockerKafka, engine_answers
from brokers.external import ExternalKafka
from brokers.mock_cluster import MockCluster
from servers.process import ServerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


class Broker(Protocol):
    """What every Kafka of the tests can do."""

    real: bool

    @property
    def bootstrap(self) -> str:
        """Addresses for ``bootstrap.servers``."""

    def describe(self) -> str:
        """Name and versions, for people."""

    def create_topic(self, name: str, partitions: int = 4, config: Mapping[str, str] | None = None) -> None:
        """Create a topic and wait until it can be used."""

    def delete_topic(self, name: str) -> None:
        """Delete a topic and wait until it is gone."""

    def stop(self) -> None:
        """End it, if it is ours."""


def choose(directory: Path, notes: list[str]) -> Broker:
    """Start the most real Kafka there is.

    Parameters
    ----------
    directory
        Scratch directory for a broker that keeps files.
    notes
        Gets one line for every better choice that was not possible, and why.
    """
    named = os.environ.get("STREAMGUARD_TEST_KAFKA")
    if named:
        return ExternalKafka(named)
    for broker in _real_ones(directory, notes):
        try:
            return broker.start()
        except ServerError as error:
            notes.append(f"{broker.describe()} did not start: {error}")
    return MockCluster()


def _real_ones(directory: Path, notes: list[str]) -> Iterator[ApacheKafka | DockerKafka]:
    """Yield the real brokers that this machine should be able to start, best first."""
    if engine_answers():
        yield DockerKafka()
    else:
        notes.append("no Docker engine answers")
    missing = missing_programs()
    if missing:
        notes.append(f"no Apache Kafka by Maven: {' and '.join(missing)} not installed")
        return
    yield ApacheKafka(directory)
