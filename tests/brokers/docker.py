"""Apache Kafka in a container, where a Docker engine answers: the same small node, by the docker program."""

from __future__ import annotations

import shutil
import subprocess
import time
from typing import TYPE_CHECKING, Self

from brokers import admin
from brokers.apache import SMALL_NODE, kafka_version
from servers.process import ServerError, free_port

if TYPE_CHECKING:
    from collections.abc import Mapping


def engine_answers() -> bool:
    """Tell whether there is a docker program and an engine behind it."""
    if shutil.which("docker") is None:
        return False
    return _docker("version", "--format", "{{.Server.Version}}", timeout_seconds=10).returncode == 0


class DockerKafka:
    """One Apache Kafka node in a container that is removed when it stops."""

    real = True

    def __init__(self) -> None:
        self.image = f"apache/kafka:{kafka_version()}"
        self._port = free_port()
        self._container = ""

    @property
    def bootstrap(self) -> str:
        """Address of the broker on this machine."""
        return f"127.0.0.1:{self._port}"

    def describe(self) -> str:
        """Return the broker's name and version."""
        return f"Apache Kafka {kafka_version()} (Docker image {self.image})"

    def command(self) -> list[str]:
        """Compose the arguments of ``docker`` that start the node, published on loopback only."""
        settings = SMALL_NODE | {
            "listeners": "PLAINTEXT://0.0.0.0:9092,CONTROLLER://127.0.0.1:9093",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "controller.quorum.voters": "1@127.0.0.1:9093",
        }
        arguments = ["run", "--detach", "--rm", "--publish", f"127.0.0.1:{self._port}:9092"]
        for key, value in sorted(settings.items()):
            arguments += ["--env", f"KAFKA_{key.upper().replace('.', '_')}={value}"]
        return [*arguments, "--env", "KAFKA_HEAP_OPTS=-Xmx512m", self.image]

    def start(self, timeout_seconds: float = 300.0) -> Self:
        """Pull the image if need be, start the container and wait until the broker answers."""
        started = _docker(*self.command(), timeout_seconds=timeout_seconds)
        if started.returncode != 0:
            raise ServerError(f"docker could not start {self.image}: {started.stderr.strip()[-500:]}")
        self._container = started.stdout.strip()
        deadline = time.monotonic() + 60
        while not admin.answers_kafka(self.bootstrap):
            if time.monotonic() > deadline:
                self.stop()
                raise ServerError(f"{self.image} did not answer within 60 s")
            time.sleep(0.2)
        return self

    def stop(self) -> None:
        """Remove the container; its data are gone."""
        if self._container:
            _docker("rm", "--force", self._container, timeout_seconds=60)
        self._container = ""

    def create_topic(self, name: str, partitions: int = 4, config: Mapping[str, str] | None = None) -> None:
        """Create a topic and wait until it can be used."""
        admin.create_topic(self.bootstrap, name, partitions, config)

    def delete_topic(self, name: str) -> None:
        """Delete a topic and wait until it is gone."""
        admin.delete_topic(self.bootstrap, name)


def _docker(*arguments: str, timeout_seconds: float) -> subprocess.CompletedProcess[str]:
    command = ["docker", *arguments]
    try:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_seconds,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no answer within {timeout_seconds:g} s")
