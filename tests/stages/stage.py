"""One run of the product on a broker: topics, settings, a stream of audit records, workers that can be hurt."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from dataclasses import dataclass, field, replace
from importlib.resources import as_file
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from ruamel.yaml import YAML
from servers.process import ServerProcess
from stages.ledger import Verdict, audit

from streamguard.cli.company import COMPANY_FILES, company_file
from streamguard.cli.wiring import load_all, worker_config
from streamguard.simulate import World, small_company
from streamguard.stream.writer import Outgoing, Writer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from streamguard.ledger import Pseudonyms
    from streamguard.stream import WorkerConfig

SESSION_SECONDS = 3.0
CHUNK_LINES = 150


class Kafka(Protocol):
    """What a run needs of a broker."""

    bootstrap: str
    real: bool

    def create_topic(self, name: str, partitions: int = 4, config: Mapping[str, str] | None = None) -> None: ...


@dataclass
class Stage:
    """A run with names and files of its own.

    Attributes
    ----------
    workers
        The worker processes alive, oldest first.
    ended
        Exit codes of workers that ended by themselves.
    """

    kafka: Kafka
    prefix: str
    directory: Path
    partitions: int = 4
    workers: list[ServerProcess] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    fed: int = 0
    _count: int = 0

    def __post_init__(self) -> None:
        for name in COMPANY_FILES[:2]:
            with as_file(company_file(name)) as path:
                (self.directory / name).write_bytes(path.read_bytes())
        self.config = self.directory / "streamguard.yaml"
        with self.config.open("w") as file:
            YAML(typ="safe").dump(self._settings(), file)
        self.settings, self.tools = load_all(self.config)
        self.worker_config = worker_config(self.settings)
        self._create_topics()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.kill()

    def _settings(self) -> dict[str, object]:
        names = ("activity", "findings", "deadletter", "incidents", "feedback", "ledger")
        return {
            # The mock cluster speaks no protocol that kafka-python negotiates by itself, and knows no identities.
            "kafka": {"bootstrap_servers": self.kafka.bootstrap, "topic_identities": self.kafka.real},
            "topics": {
                "audit": [{"name": f"{self.prefix}.audit", "format": "postgresql.jsonlog"}],
                "activity_partitions": self.partitions,
                **{name: f"{self.prefix}.{name}" for name in names},
            },
            "group": self.prefix,
            "identities": "identities.yaml",
            "catalogue": "catalogue.yaml",
            "engine": {
                "session_timeout_seconds": SESSION_SECONDS,
                "heartbeat_seconds": 0.5,
                "commit_seconds": 0.5,
                # Longer than any pause of the feeder: a cut inside a statement would change what is expected.
                "idle_cut_seconds": 1.5,
            },
            # Long enough that a kill finds something held.
            "ledger": {"directory": "ledger", "hold_seconds": 2.0},
            "web": {"port": 0},
        }

    def configured(self, *, ledger: str | None = None, pseudonyms: Pseudonyms | None = None) -> WorkerConfig:
        """Return the worker's configuration with another ledger."""
        config = self.worker_config
        topics = config.topics if ledger is None else replace(config.topics, ledger=ledger)
        told = config.ledger if pseudonyms is None else replace(config.ledger, pseudonyms=pseudonyms)
        return replace(config, topics=topics, ledger=told)

    def _create_topics(self) -> None:
        topics = self.worker_config.topics
        for name in topics.audit:
            # Companies whose statements are long raise Kafka's limit.
            self.kafka.create_topic(name, self.partitions, {"max.message.bytes": "20000000"})
        for name in (topics.activity, topics.findings, topics.deadletter, topics.feedback, topics.ledger):
            self.kafka.create_topic(name, self.partitions)
        # Compaction as eager as Kafka can: the guarantees must not lean on records that it removes.
        eager = {"cleanup.policy": "compact", "segment.ms": "2000", "min.cleanable.dirty.ratio": "0.01"}
        self.kafka.create_topic(self.worker_config.engine.changelog_topic, self.partitions, eager)
        self.kafka.create_topic(topics.incidents, self.partitions, eager | {"min.compaction.lag.ms": "600000"})

    # -- audit records

    async def feed(self, lines_per_second: float, stop: asyncio.Event, seed: int = 1, days: int = 28) -> None:
        """Write the simulated company's log at a steady rate until told to stop or until it ends."""
        topic = f"{self.prefix}.audit"
        writer = Writer(self.worker_config.connection.aiokafka(), "gzip")
        await writer.start()
        try:
            for chunk in _chunks(World(small_company(seed=seed, days=days)).lines("postgresql.jsonlog")):
                outgoing: dict[tuple[str, int], list[Outgoing]] = {}
                for session, line in chunk:
                    partition = await writer.partition_for(topic, session)
                    outgoing.setdefault((topic, partition), []).append(Outgoing(session, line))
                await writer.write_all(outgoing)
                self.fed += len(chunk)
                if stop.is_set():
                    return
                await asyncio.sleep(len(chunk) / lines_per_second)
        finally:
            await writer.stop()

    # -- workers

    def start_worker(self, *options: str) -> ServerProcess:
        """Start one more worker, as a user would."""
        self._count += 1
        command = [sys.executable, "-m", "streamguard", "run", "--config", str(self.config), "--no-create-topics"]
        command += options
        worker = ServerProcess(f"worker {self._count}", command, self.directory / f"worker{self._count}.log")
        worker.start(lambda: True)
        self.workers.append(worker)
        return worker

    def reap(self) -> None:
        """Note workers that ended by themselves; a fenced one may, and is started again like by any supervisor."""
        for worker in [w for w in self.workers if not w.running]:
            self.workers.remove(worker)
            self.ended.append(f"{worker.name} ended by itself: {worker.log.read_text()[-1500:]}")

    def end_workers(self) -> None:
        """Stop all workers in an orderly way."""
        for worker in self.workers:
            worker.stop()
        self.workers.clear()

    # -- the end

    async def settle(self, timeout_seconds: float = 90.0, only: str | None = None) -> bool:
        """Wait until the groups, or that of one agent, have committed everything there is; tells whether they did."""
        engine, topics = self.worker_config.engine, self.worker_config.topics
        steering = [name for name in (topics.feedback, topics.identities) if name is not None]
        read = {
            "ingest": [(engine.ingest_group, name) for name in (*topics.audit, *steering)],
            "detect": [(engine.detect_group, topics.activity)],
            "incidents": [(engine.incidents_group, name) for name in (topics.findings, *steering[:1])],
        }
        pairs = [pair for role, some in read.items() if only in {None, role} for pair in some]
        options = () if only is None else ("--only", only)
        deadline = time.monotonic() + timeout_seconds
        quiet = 0
        while time.monotonic() < deadline:
            self.reap()
            if not self.workers:
                self.start_worker(*options)
            lag = sum([await self._lag(group, topic) for group, topic in pairs])
            quiet = 0 if lag else quiet + 1
            # Twice: what ingest commits last becomes new records for detect.
            if quiet >= 2:
                return True
            await asyncio.sleep(1.0)
        return False

    async def _lag(self, group: str, topic: str) -> int:
        consumer = AIOKafkaConsumer(
            **self.worker_config.connection.aiokafka(), group_id=group, enable_auto_commit=False
        )
        await consumer.start()
        try:
            known = await consumer._client._wait_on_metadata(topic)
            tps = [TopicPartition(topic, partition) for partition in known]
            committed = {tp: await consumer.committed(tp) or 0 for tp in tps}
            # The ends after that: what is committed may have written more of it.
            ends = await consumer.end_offsets(tps)
            return sum(ends[tp] - committed[tp] for tp in tps)
        finally:
            await consumer.stop()

    async def audit(self) -> Verdict:
        """Compare what is on Kafka with what should be."""
        return await audit(self.worker_config, self.tools)


def _chunks(lines: Iterator[bytes]) -> Iterator[list[tuple[bytes, bytes]]]:
    """Cut a log into chunks at changes of session, so that no statement is torn apart by a pause."""
    chunk: list[tuple[bytes, bytes]] = []
    for line in lines:
        _, _, rest = line.partition(b'"session_id":"')
        session = rest[: rest.find(b'"')]
        if len(chunk) >= CHUNK_LINES and chunk[-1][0] != session:
            yield chunk
            chunk = []
        chunk.append((session, line))
    yield chunk


def seeded(seed: int) -> random.Random:
    """Return the moments of one fault run: random, and the same again for the same seed."""
    return random.Random(seed)
