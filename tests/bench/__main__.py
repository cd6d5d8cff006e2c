"""``make bench``: five tables, or those that are named."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from servers.process import ServerError

from bench import results
from bench.arena import Arena, start_kafka
from bench.machine import machine
from bench.tables.core import Core
from bench.tables.growth import Growth
from bench.tables.latency import Latency
from bench.tables.stages import Stages
from bench.tables.workers import Workers
from streamguard.embedded import EmbeddedBrokerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.results import Result
    from bench.tables import Table

console = Console(width=None if sys.stdout.isatty() else 170)
errors = Console(stderr=True)


class Which(StrEnum):
    """Which Kafka to run on."""

    AUTO = "auto"
    REAL = "real"
    EMBEDDED = "embedded"


def main(
    core: Annotated[bool, typer.Option("--core", help="This table alone: the same small work by everybody.")] = False,
    stages: Annotated[bool, typer.Option("--stages", help="This one: the whole, and where its time goes.")] = False,
    latency: Annotated[bool, typer.Option("--latency", help="This one: from an audit line to its finding.")] = False,
    growth: Annotated[bool, typer.Option("--growth", help="This one: from 1,000 employees to 1,000,000.")] = False,
    workers: Annotated[bool, typer.Option("--workers", help="This one: one worker and two.")] = False,
    runs: Annotated[int, typer.Option(min=1, help="Runs of each measurement; the median counts.")] = 5,
    records: Annotated[int, typer.Option(min=50_000, help="Records of the small work.")] = 300_000,
    days: Annotated[int, typer.Option(min=8, help="Days of the simulated company: records of the whole.")] = 56,
    seconds: Annotated[float, typer.Option(min=1, help="Of each measurement of latency.")] = 8.0,
    employees: Annotated[int, typer.Option(min=1_000, help="Of the largest size of growth.")] = 1_000_000,
    log: Annotated[int, typer.Option(min=10_000, help="Records that the workers share, about.")] = 1_000_000,
    build: Annotated[
        Path | None, typer.Option(help="Directory to import this pipeline from, such as an unpacked compiled wheel.")
    ] = None,
    broker: Annotated[Which, typer.Option(help="auto: the most real Kafka that this machine can start.")] = Which.AUTO,
    bootstrap: Annotated[str | None, typer.Option(help="A Kafka that runs already, instead.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all results, with every run.")] = None,
    plots: Annotated[Path | None, typer.Option(help="Directory for pictures of the tables, PNG and SVG.")] = None,
) -> None:
    """Measure what a record costs."""
    # Whoever ends this ends what it has started, as with Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    flags = {"core": core, "stages": stages, "latency": latency, "growth": growth, "workers": workers}
    tables: dict[str, Table] = {
        "core": Core(records),
        "stages": Stages(days),
        "latency": Latency(days, seconds),
        "growth": Growth(employees),
        "workers": Workers(log),
    }
    asked = [tables[name] for name, wanted in flags.items() if wanted] or list(tables.values())
    try:
        found, facts = _measure(asked, runs, build, broker, bootstrap)
    except (ServerError, EmbeddedBrokerError) as error:
        errors.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from error
    results.show(console, found, facts)
    if json_file is not None:
        written = {"tables": {one.name: one.as_json() for one in found}, "machine": facts}
        json_file.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    if plots is not None:
        # An extra: who wants no pictures needs no matplotlib.
        from bench.plots import draw

        draw(found, plots)


def _measure(
    tables: Sequence[Table], runs: int, build: Path | None, which: Which, bootstrap: str | None
) -> tuple[list[Result], dict[str, object]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with tempfile.TemporaryDirectory() as scratch, Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task("starting Kafka", total=sum(table.steps(runs) for table in tables))

        def say(text: str) -> None:
            progress.update(task, advance=1, description=text)

        kafka = start_kafka(which, bootstrap, Path(scratch))
        try:
            with Arena(kafka, Path(scratch), build) as arena:
                return [table.measure(arena, runs, say) for table in tables], machine(kafka.describe())
        finally:
            kafka.stop()


if __name__ == "__main__":
    typer.run(main)
