"""A real Apache Kafka without Docker: jars by Maven, one KRaft node, loopback only, small.

The jars are collected once into ``~/.cache/streamguard/kafka/<version>`` (or below
``STREAMGUARD_KAFKA_CACHE``), outside the tree. The version is the one in ``tests/kafka/pom.xml``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
import xml.etree.ElementTree as ET
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Self

from brokers import admin
from servers.process import ServerError, ServerProcess, answers, free_port

if TYPE_CHECKING:
    from collections.abc import Mapping

POM = Path(__file__).parent.parent / "kafka" / "pom.xml"
HEAP_MB = 512

# Settings of a single small node that starts fast; the reasons stand beside them.
SMALL_NODE = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    # One node: everything has one copy.
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    # 50 partitions of each internal topic cost a second of start.
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.num.partitions": "1",
    # Tests create their topics; a typing error in a name should fail.
    "auto.create.topics.enable": "false",
    "num.partitions": "4",
    # Groups form at once, and tests may use short sessions.
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    # Deleted topics and compaction within seconds; 128 MB of the heap are not for the cleaner.
    "log.cleaner.backoff.ms": "1000",
    "log.cleaner.dedupe.buffer.size": "16777216",
    "log.segment.delete.delay.ms": "1000",
    # A killed broker may register again once its session is over: by default 9 seconds later.
    "broker.heartbeat.interval.ms": "500",
    "broker.session.timeout.ms": "3000",
    "num.network.threads": "2",
    "num.io.threads": "4",
}


def kafka_version() -> str:
    """Return the version of Kafka that the pom names."""
    found = ET.parse(POM).getroot().findtext("{*}properties/{*}kafka.version")
    if not found:
        raise ServerError(f"{POM.name} names no kafka.version")
    return found


def missing_programs() -> list[str]:
    """Return the programs that this machine lacks to run Apache Kafka."""
    return [program for program in ("java", "mvn") if shutil.which(program) is None]


def jars(timeout_seconds: float = 600.0) -> Path:
    """Return the directory with Kafka's jars, fetching them the first time."""
    default = Path.home() / ".cache" / "streamguard" / "kafka"
    cache = Path(os.environ.get("STREAMGUARD_KAFKA_CACHE") or default)
    target = cache / kafka_version()
    if target.is_dir():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        fetched = Path(scratch) / "jars"
        command = ["mvn", "-B", "-q", "-f", str(POM), "dependency:copy-dependencies"]
        command.append(f"-DoutputDirectory={fetched}")
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout_seconds, check=False, stdin=subprocess.DEVNULL
        )
        if done.returncode != 0:
            raise ServerError(f"Maven could not fetch Kafka:\n{(done.stdout + done.stderr)[-3000:]}")
        # A rename is all or nothing: a broken download never looks like a cache.
        if not target.exists():
            fetched.rename(target)
    return target


class ApacheKafka:
    """One Apache Kafka node with a data directory of its own.

    Parameters
    ----------
    directory
        Scratch directory for data, settings and the log (``kafka.log``).
    settings
        Server settings that differ from the small node's, by their Kafka names.
    """

    real = True

    def __init__(self, directory: Path, settings: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self.version = kafka_version()
        self._port = free_port()
        self._controller_port = free_port()
        self._settings = dict(settings or {})
        self._jars = jars()
        self._server: ServerProcess | None = None

    @property
    def bootstrap(self) -> str:
        """Address of the broker; the same after a restart."""
        return f"127.0.0.1:{self._port}"

    @property
    def log(self) -> Path:
        """The file with the server's log."""
        return self.directory / "kafka.log"

    def describe(self) -> str:
        """Return the broker's name and version."""
        return f"Apache Kafka {self.version}"

    def start(self) -> Self:
        """Format the data directory the first time, start the server and wait until it answers."""
        if self._server is None:
            self._write_files()
            self._format()
            command = self._java("kafka.Kafka", str(self._properties))
            self._server = ServerProcess("Apache Kafka", command, self.log)
        self._server.start(self.answers, timeout_seconds=90)
        return self

    def answers(self) -> bool:
        """Tell whether the broker answers requests right now."""
        return answers(self._port) and admin.answers_kafka(self.bootstrap)

    def stop(self) -> None:
        """Stop the server in an orderly way; its data stay."""
        if self._server is not None:
            self._server.stop()

    def restart(self) -> None:
        """Stop and start again: same port, same data."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """End the server at once (SIGKILL); `start` brings it back with what it had written."""
        self._running.kill()

    def freeze(self) -> None:
        """Stop the server where it stands (SIGSTOP)."""
        self._running.freeze()

    def thaw(self) -> None:
        """Let a frozen server go on."""
        self._running.thaw()

    def create_topic(self, name: str, partitions: int = 4, config: Mapping[str, str] | None = None) -> None:
        """Create a topic and wait until it can be used."""
        admin.create_topic(self.bootstrap, name, partitions, config)

    def delete_topic(self, name: str) -> None:
        """Delete a topic and wait until it is gone."""
        admin.delete_topic(self.bootstrap, name)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _running(self) -> ServerProcess:
        if self._server is None:
            raise ServerError("Apache Kafka is not started")
        return self._server

    @property
    def _properties(self) -> Path:
        return self.directory / "server.properties"

    def _write_files(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        listeners = f"PLAINTEXT://{self.bootstrap},CONTROLLER://127.0.0.1:{self._controller_port}"
        settings = SMALL_NODE | {
            "listeners": listeners,
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "controller.quorum.voters": f"1@127.0.0.1:{self._controller_port}",
            "log.dirs": str(self.directory / "data"),
        }
        settings |= self._settings
        self._properties.write_text("".join(f"{key}={value}\n" for key, value in sorted(settings.items())))
        (self.directory / "log4j2.properties").write_text(
            "appender.console.type=Console\nappender.console.name=out\n"
            "appender.console.layout.type=PatternLayout\n"
            "appender.console.layout.pattern=%d %p %m (%c)%n\n"
            "rootLogger.level=INFO\nrootLogger.appenderRef.out.ref=out\n"
        )

    def _format(self) -> None:
        """Give the data directory the identity that KRaft asks for."""
        identity = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # Kafka's command line would take a leading hyphen for an option.
        identity = identity.replace("-", "A")
        command = self._java(
            "kafka.tools.StorageTool", "format", "-t", identity, "-c", str(self._properties), "--ignore-formatted"
        )
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL
        )
        if done.returncode != 0:
            raise ServerError(f"Kafka's StorageTool failed:\n{(done.stdout + done.stderr)[-3000:]}")

    def _java(self, main: str, *arguments: str) -> list[str]:
        """Compose a Java command: a small heap, a collector and a compiler that start fast."""
        options = [f"-Xmx{HEAP_MB}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true"]
        configuration = f"-Dlog4j2.configurationFile={self.directory / 'log4j2.properties'}"
        return ["java", *options, configuration, "-cp", str(self._jars / "*"), main, *arguments]
