"""``make bench``: three contestants in turn, two works, several rounds, one broker, the same records."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import uuid
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from brokers.choose import choose
from brokers.external import ExternalKafka
from rich.console import Console
from rich.progress import Progress
from servers.process import ServerError

from bench import report, rows
from bench.ours import names
from bench.ours_rows import changelog_topic
from streamguard.cli.simulation import keyed
from streamguard.embedded import EmbeddedBroker
from streamguard.simulate import World, small_company
from streamguard.stream import Connection
from streamguard.stream.feed import feed

if TYPE_CHECKING:
    from collections.abc import Callable

    from brokers.choose import Broker

LIBRARIES = ("faust-streaming", "mode-streaming", "aiokafka", "river", "sqlglot", "orjson", "msgspec")
TIMEOUT_SECONDS = 600
WORKS = ("core", "rows")
STOCK_SHARE = 10
"""Stock Faust stops after this part of the small work's records. The others need many: what they had fetched ahead when
the meter started was fetched for nothing, and that must not show."""

console, errors = Console(), Console(stderr=True)


class Which(StrEnum):
    """Which Kafka to run on."""

    AUTO = "auto"
    REAL = "real"
    EMBEDDED = "embedded"


class BenchError(Exception):
    """The bench cannot go on; the message says why."""


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Runs of each contestant; the median counts.")] = 3,
    days: Annotated[int, typer.Option(min=8, help="Days of the simulated company: the core's records.")] = 8,
    records: Annotated[int, typer.Option(min=100_000, help="Records of the small work.")] = 120_000,
    broker: Annotated[Which, typer.Option(help="auto: the most real Kafka that this machine can start.")] = Which.AUTO,
    bootstrap: Annotated[str | None, typer.Option(help="A Kafka that runs already, instead.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all results to a file.")] = None,
) -> None:
    """Measure records per second and core of three ways to do the same work."""
    try:
        results, machine = _bench(rounds, days, records, broker, bootstrap)
        report.check_same_work(results)
    except (BenchError, ServerError, report.DifferentWorkError) as error:
        errors.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from error
    report.show(console, results, machine)
    if json_file is not None:
        json_file.write_text(json.dumps({"results": results, "machine": machine}, indent=2) + "\n")


def _bench(
    rounds: int, days: int, records: int, which: Which, bootstrap: str | None
) -> tuple[report.Results, dict[str, object]]:
    with tempfile.TemporaryDirectory() as scratch, Progress(console=errors, transient=True) as progress:
        task = progress.add_task("starting Kafka", total=1 + rounds * len(WORKS) * 3)
        kafka = _start(which, bootstrap, Path(scratch))
        arena = Arena(kafka, scratch)
        try:
            results = arena.race(rounds, days, records, lambda text: progress.update(task, advance=1, description=text))
            return results, _machine(kafka, arena.counts)
        finally:
            arena.clear()
            kafka.stop()


def _start(which: Which, bootstrap: str | None, scratch: Path) -> Broker | EmbeddedBroker:
    if bootstrap is not None:
        try:
            return ExternalKafka(bootstrap)
        except ServerError as error:
            raise BenchError(f"no Kafka answers at {bootstrap} (--bootstrap)") from error
    if which is Which.EMBEDDED:
        return EmbeddedBroker().start()
    notes: list[str] = []
    found = choose(scratch, notes)
    if which is Which.REAL and not found.real:
        raise BenchError("no real Kafka: " + "; ".join(notes))
    return found


class Arena:
    """Topics under a prefix of their own, the load in them, and the runs."""

    def __init__(self, kafka: Broker | EmbeddedBroker, scratch: str) -> None:
        self._kafka = kafka
        self._scratch = scratch
        self._prefix = f"bench{uuid.uuid4().hex[:8]}"
        self._topics: list[str] = []
        self.counts: dict[str, int] = {}

    def race(self, rounds: int, days: int, records: int, say: Callable[[str], None]) -> report.Results:
        """Run everybody in turn."""
        say("writing the records")
        self._load(days, records)
        everybody = (report.OURS, report.STOCK, report.BARE)
        results: report.Results = {work: {name: [] for name in everybody} for work in WORKS}
        for number in range(rounds):
            # In turn, so that a machine that slows down slows everybody down; another one first in each round.
            for work in WORKS:
                for place in range(len(everybody)):
                    name = everybody[(number + place) % len(everybody)]
                    say(f"round {number + 1} of {rounds}, {report.WORK_NAMES[work]}: {name}")
                    results[work][name].append(self._run(work, name, number))
        return results

    def clear(self) -> None:
        """Delete the topics, where they would stay."""
        if isinstance(self._kafka, ExternalKafka):
            for topic in self._topics:
                self._kafka.delete_topic(topic)

    def _load(self, days: int, records: int) -> None:
        lines = list(World(small_company(days=days)).lines("postgresql.jsonlog"))
        audited = [line for line in lines if rows.read(line) is not None]
        loads = {"core": keyed(iter(lines)), "rows": rows.load(audited, records)}
        for work, load in loads.items():
            topic = self._create(f"{self._prefix}.{work}")
            self.counts[work] = asyncio.run(feed(Connection(self._kafka.bootstrap), topic, load))

    def _run(self, work: str, name: str, number: int) -> dict:
        group = f"{self._prefix}-{work}-{number}-{name.split(maxsplit=1)[0]}"
        load, count = f"{self._prefix}.{work}", self.counts[work]
        if name == report.OURS and work == "core":
            topics, engine = names(group)
            for topic in (topics.activity, topics.findings, topics.deadletter, engine.changelog_topic):
                self._create(topic)
            return self._measure("bench.ours", load, group, count)
        out = self._create(f"{group}.out")
        if name == report.OURS:
            self._create(changelog_topic(group))
            return self._measure("bench.ours_rows", load, out, count, group)
        if name == report.STOCK:
            self._create(f"{group}-usual-changelog")
            return self._measure(
                "bench.stock", load, out, count // STOCK_SHARE if work == "rows" else count, group, work
            )
        return self._measure("bench.bare", load, out, count, group, work)

    def _create(self, topic: str) -> str:
        self._kafka.create_topic(topic, 4)
        self._topics.append(topic)
        return topic

    def _measure(self, module: str, *arguments: object) -> dict:
        """Run a contestant in a process of its own and return what it reports."""
        try:
            done = subprocess.run(
                [sys.executable, "-m", module, self._kafka.bootstrap, *map(str, arguments)],
                capture_output=True,
                text=True,
                timeout=TIMEOUT_SECONDS,
                # Faust leaves a data directory where it runs.
                cwd=self._scratch,
                env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise BenchError(f"{module} was not done after {TIMEOUT_SECONDS} s") from error
        found = [line for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode != 0 or not found:
            raise BenchError(f"{module} failed:\n{done.stdout[-2000:]}{done.stderr[-3000:]}")
        return json.loads(found[-1])


def _machine(kafka: Broker | EmbeddedBroker, counts: dict[str, int]) -> dict[str, object]:
    return {
        "broker": kafka.describe(),
        **{f"records of {report.WORK_NAMES[work]}:": count for work, count in counts.items()},
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "processor": _processor(),
        **{name: version(name) for name in LIBRARIES},
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    found = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return found[0] if found else platform.processor()


if __name__ == "__main__":
    typer.run(main)
