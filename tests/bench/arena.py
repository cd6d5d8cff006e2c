"""A Kafka, topics under a prefix of their own, the records in them, and processes that are started and ended here."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psutil
from brokers.choose import choose
from brokers.external import ExternalKafka
from servers.process import ServerError

from streamguard.embedded import EmbeddedBroker
from streamguard.stream import Connection
from streamguard.stream.feed import feed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from brokers.choose import Broker

TESTS = Path(__file__).parents[1]
PARTITIONS = 4
TIMEOUT_SECONDS = 300
"""Of one run. It is a limit for runs that hang, not for slow ones."""
END_SECONDS = 5


class ContestantError(Exception):
    """A contestant cannot be installed, or did not come to an end; the message says why."""


def start_kafka(which: str, bootstrap: str | None, scratch: Path) -> Broker | EmbeddedBroker:
    """Start a Kafka, or take one that runs.

    Parameters
    ----------
    which
        ``auto``, ``real`` or ``embedded``.
    bootstrap
        Address of one that runs; None: start one.
    scratch
        Directory for its files.

    Raises
    ------
    ServerError
        If there is none as it was wanted.
    """
    if bootstrap is not None:
        return ExternalKafka(bootstrap)
    if which == "embedded":
        return EmbeddedBroker().start()
    notes: list[str] = []
    found = choose(scratch, notes)
    if which == "real" and not found.real:
        raise ServerError("no real Kafka: " + "; ".join(notes))
    return found


class Arena:
    """Where contestants meet.

    Parameters
    ----------
    kafka
        Where they read and write.
    scratch
        Directory that they run in: some leave files there.
    build
        Directory that this pipeline is imported from; None: the tree this file is in.
    """

    def __init__(self, kafka: Broker | EmbeddedBroker, scratch: Path, build: Path | None = None) -> None:
        self.kafka = kafka
        self.scratch = scratch
        self.bootstrap = kafka.bootstrap
        self.connection = Connection(self.bootstrap)
        self._prefix = f"bench{uuid.uuid4().hex[:8]}"
        self._source = (build or TESTS.parent).resolve()
        self._topics: list[str] = []
        self._count = 0
        self.loads: dict[str, tuple[str, int]] = {}
        """Topic and number of records of each load that is there, by name."""
        self.throughput: float | None = None
        """Records a second that one whole worker took by the clock, once somebody has measured it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # A Kafka that was here before stays as it was; another one goes, and its topics with it.
        if isinstance(self.kafka, ExternalKafka):
            for topic in self._topics:
                self.kafka.delete_topic(topic)

    def name(self, what: str) -> str:
        """Return a name that nobody else has, for a topic or a group."""
        self._count += 1
        return f"{self._prefix}-{self._count}-{what}"

    def create(self, topic: str, config: dict[str, str] | None = None) -> str:
        """Create a topic; returns its name."""
        self.kafka.create_topic(topic, PARTITIONS, config)
        self._topics.append(topic)
        return topic

    def load(self, name: str, records: Iterable[tuple[bytes, bytes]]) -> tuple[str, int]:
        """Write (key, line) pairs to a topic, once a name; returns the topic and how many there were."""
        if name not in self.loads:
            topic = self.create(self.name(name))
            self.loads[name] = topic, asyncio.run(feed(self.connection, topic, iter(records)))
        return self.loads[name]

    def run(self, module: str, *arguments: object, python: str | None = None) -> dict[str, Any]:
        """Run a contestant to its end and return what it reports.

        Parameters
        ----------
        module
            To run.
        arguments
            Of its command line, behind the address of Kafka.
        python
            Interpreter of the contestant's own; None: this one, with this pipeline.

        Raises
        ------
        ContestantError
            If it failed or did not end.
        """
        with self.started(module, *arguments, python=python) as process:
            try:
                out, err = process.communicate(timeout=TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired as error:
                raise ContestantError(f"was not done after {TIMEOUT_SECONDS} s") from error
        found = [line for line in out.splitlines() if line.startswith("{")]
        if process.returncode != 0 or not found:
            said = (err.strip() or out.strip() or f"exit code {process.returncode}").splitlines()
            (self.scratch / f"{module}.log").write_text(out + err)
            raise ContestantError(f"did not run: {said[-1][-300:]}")
        return json.loads(found[-1])

    @contextmanager
    def started(self, module: str, *arguments: object, python: str | None = None) -> Iterator[subprocess.Popen[str]]:
        """Start a contestant; whatever happens, it is ended at the end of the block."""
        paths = [str(TESTS)] if python is not None else [str(self._source), str(TESTS)]
        process = subprocess.Popen(
            [python or sys.executable, "-m", module, self.bootstrap, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.scratch,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        )
        try:
            yield process
        finally:
            _end(process)

    def broker_cpu_seconds(self) -> float | None:
        """Return the CPU time that a Kafka started here has used so far; None where it cannot be told."""
        mine = psutil.Process().children()
        java = [child for child in mine if child.name() == "java"]
        if len(java) != 1:
            return None
        used = java[0].cpu_times()
        return used.user + used.system


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None and not stream.closed:
            stream.close()
