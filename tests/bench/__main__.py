"""``make bench``: three contestants in turn, several rounds, one broker, the same records."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from brokers.choose import Broker, choose
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.ours import names
from streamguard.cli.simulation import keyed
from streamguard.simulate import SimulateConfig, simulate
from streamguard.stream import Connection
from streamguard.stream.feed import feed

OURS, STOCK, BARE = "this pipeline", "stock Faust agent", "bare aiokafka loop"
AUDIT = "bench.audit"
LIBRARIES = ("faust-streaming", "aiokafka", "river", "sqlglot", "orjson", "msgspec")
TIMEOUT_SECONDS = 600

console, errors = Console(), Console(stderr=True)


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Runs of each contestant; the median counts.")] = 3,
    days: Annotated[int, typer.Option(min=8, help="Days of the simulated company whose log is the load.")] = 28,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all results to a file.")] = None,
) -> None:
    """Measure events per second and core of three ways to do the same work."""
    notes: list[str] = []
    with tempfile.TemporaryDirectory() as scratch, Progress(console=errors, transient=True) as progress:
        task = progress.add_task("starting Kafka", total=1 + 3 * rounds)
        broker = choose(Path(scratch), notes)
        try:
            results = _race(
                broker, rounds, days, scratch, lambda text: progress.update(task, advance=1, description=text)
            )
        finally:
            broker.stop()
    machine = _machine(broker, results)
    _print(results, machine)
    if json_file is not None:
        json_file.write_text(json.dumps({"results": results, "machine": machine}, indent=2) + "\n")


def _race(broker: Broker, rounds: int, days: int, scratch: str, say) -> dict[str, list[dict]]:
    broker.create_topic(AUDIT, 4)
    say("writing the load")
    lines = keyed(simulate(SimulateConfig(days=days)))
    records = asyncio.run(feed(Connection(broker.bootstrap), AUDIT, lines))
    results: dict[str, list[dict]] = {OURS: [], STOCK: [], BARE: []}
    for number in range(rounds):
        prefix = f"bench{number}"
        topics, engine = names(prefix)
        for name in (topics.activity, topics.findings, topics.deadletter, engine.changelog_topic, f"{prefix}.out"):
            broker.create_topic(name, 4)
        # In turn, so that a machine that slows down slows everybody down.
        for contestant, module, arguments in (
            (OURS, "bench.ours", [prefix, str(records)]),
            (STOCK, "bench.stock", [f"{prefix}.out", str(records), f"{prefix}-stock"]),
            (BARE, "bench.bare", [f"{prefix}.out", str(records), f"{prefix}-bare"]),
        ):
            say(f"round {number + 1} of {rounds}: {contestant}")
            results[contestant].append(_run(module, [broker.bootstrap, AUDIT, *arguments], scratch))
    return results


def _run(module: str, arguments: list[str], scratch: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        # Faust leaves a data directory where it runs.
        cwd=scratch,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
        check=False,
    )
    found = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not found:
        errors.print(f"{module} failed:\n{done.stdout[-2000:]}{done.stderr[-3000:]}", style="red", markup=False)
        raise typer.Exit(1)
    return json.loads(found[-1])


def _machine(broker: Broker, results: dict[str, list[dict]]) -> dict[str, object]:
    return {
        "broker": broker.describe(),
        "records per run": results[OURS][0]["records"],
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "processor": _processor(),
        **{name: version(name) for name in LIBRARIES},
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    found = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return found[0] if found else platform.processor()


def _print(results: dict[str, list[dict]], machine: dict[str, object]) -> None:
    median = {name: statistics.median(run["cpu_us_per_record"] for run in runs) for name, runs in results.items()}
    ratios = Table("", "events per second and core, ratio", title="Ratios first", title_justify="left")
    ratios.add_row(f"{OURS} : {STOCK}", f"{median[STOCK] / median[OURS]:.2f}")
    ratios.add_row(f"{OURS} : {BARE} (the limit)", f"{median[BARE] / median[OURS]:.2f}")
    absolute = Table("", "CPU us per record", "records/s and core", "min", "max", "peak MB", title_justify="left")
    for name, runs in results.items():
        values = [run["cpu_us_per_record"] for run in runs]
        absolute.add_row(
            name,
            f"{median[name]:.1f}",
            f"{1e6 / median[name]:,.0f}",
            f"{min(values):.1f}",
            f"{max(values):.1f}",
            str(max(run["rss_mb"] for run in runs)),
        )
    console.print(ratios)
    console.print(absolute)
    console.print(", ".join(f"{name} {value}" for name, value in machine.items()), highlight=False)


if __name__ == "__main__":
    typer.run(main)
