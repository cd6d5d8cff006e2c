"""A Kafka that somebody else runs: the addresses in ``STREAMGUARD_TEST_KAFKA``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brokers import admin
from servers.process import ServerError

if TYPE_CHECKING:
    from collections.abc import Mapping


class ExternalKafka:
    """A running Kafka that the tests may create topics on, and never stop."""

    real = True

    def __init__(self, bootstrap: str) -> None:
        if not admin.answers_kafka(bootstrap, timeout_ms=10_000):
            raise ServerError(f"no Kafka answers at STREAMGUARD_TEST_KAFKA={bootstrap}")
        self.bootstrap = bootstrap

    def describe(self) -> str:
        """Return where the broker is; Kafka's protocol does not tell a release, only its metadata level."""
        with admin.admin(self.bootstrap) as client:
            cluster = client.describe_cluster()
        return f"the Kafka of STREAMGUARD_TEST_KAFKA ({self.bootstrap}, {len(cluster['brokers'])} brokers)"

    def create_topic(self, name: str, partitions: int = 4, config: Mapping[str, str] | None = None) -> None:
        """Create a topic and wait until it can be used."""
        admin.create_topic(self.bootstrap, name, partitions, config, replicas=-1)

    def delete_topic(self, name: str) -> None:
        """Delete a topic and wait until it is gone."""
        admin.delete_topic(self.bootstrap, name)

    def stop(self) -> None:
        """Leave it running: it is not ours."""
