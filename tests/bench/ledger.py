"""``make bench-ledger``: what the ledger costs the pipeline and the disk, and how long questions to a large one take."""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import duckdb
import pyarrow as pa
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

import streamguard
from bench.ledger_store import FIRST_DAY, write_store
from streamguard.activity import RawRecord
from streamguard.cli.simulation import keyed
from streamguard.exposure import Catalogue, Directory, Exposer
from streamguard.ledger import By, Held, LedgerStore, LedgerWriter, Pseudonyms, Span, decode, totals
from streamguard.ledger.rows import DAY_MS
from streamguard.pipeline import OriginReader, OriginTools
from streamguard.simulate import World, small_company
from streamguard.sources import Decoder, DecoderConfig
from streamguard.stream import wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from streamguard.activity import Exposure

COMPANY = Path(streamguard.__file__).parent / "simulate" / "company_files"
BUDGET_US, BUDGET_BYTES, BUDGET_SECONDS = 1.5, 60.0, 5.0
TAKE_EVERY = 500
TIME_MS = 1_900_000_000_000
COMMITS = 4

console, errors = Console(), Console(stderr=True)


def main(
    exposures: Annotated[int, typer.Option(min=100_000, help="In the large store.")] = 10_000_000,
    employees: Annotated[int, typer.Option(min=1_000, help="In the large store.")] = 100_000,
    days: Annotated[int, typer.Option(min=1, help="Of the large store.")] = 30,
    rounds: Annotated[int, typer.Option(min=1, help="Runs of each measurement.")] = 7,
    directory: Annotated[Path | None, typer.Option(help="Make the large store here, and keep it.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all results to a file.")] = None,
) -> None:
    """Measure the ledger: CPU time of this process, sizes of files, time of answers."""
    records = _simulated()
    sample = [one for record in records for one in wire.decode(record).exposures]
    personal = [one for one in sample if one.is_personal]
    found: dict[str, Any] = {
        "activities": len(sample),
        "personal": len(personal),
        "feed": _cost(records, len(sample), rounds, None),
        "feed under a key": _cost(records, len(sample), rounds, b"a key for the bench only"),
    }
    with tempfile.TemporaryDirectory() as scratch:
        found |= _sizes(records, Path(scratch) / "small")
        large = directory or Path(scratch) / "large"
        if not (large / "manifest.json").exists():
            _make(large, personal, exposures, employees, days)
        found["large"] = _questions(large, days, rounds)
    _show(found)
    if json_file is not None:
        json_file.write_text(json.dumps(found, indent=2) + "\n")


def _simulated() -> list[bytes]:
    """Return a simulated company's records of the activity topic."""
    reader, found = OriginReader(_tools()), []
    for offset, (_, line) in enumerate(keyed(World(small_company(days=10)).lines("postgresql.jsonlog"))):
        reader.read(RawRecord("bench", 0, 0, offset, TIME_MS, line))
        if offset % TAKE_EVERY == 0:
            found += reader.take().exposures
    reader.announce_cut()
    reader.cut()
    found += reader.take().exposures
    return [value for _, value in wire.batches(found)]


def _tools() -> OriginTools:
    """Return the simulated company's tools, with customers hashed: hashes are most of what the disk takes."""
    catalogue = Catalogue.load(COMPANY / "catalogue.yaml")
    config = DecoderConfig(
        identifying_columns=catalogue.identifying_columns,
        neutral_columns=catalogue.region_columns,
        subject_key=b"a key for the bench only",
    )
    return OriginTools(Decoder(config), Exposer(Directory.load(COMPANY / "identities.yaml"), catalogue))


def _cost(records: Sequence[bytes], activities: int, rounds: int, key: bytes | None) -> dict[str, float]:
    """Return the CPU microseconds an activity of holding exposures and making blocks of them.

    Each record is decoded first, so that its exposures are in the processor's caches, as they are in the agent. Of each
    record the least of all rounds counts: whatever else the machine does only adds. The median of the rounds says how
    much it did.
    """
    costs = [[spent for spent, _ in _fed(records, key)] for _ in range(rounds)]
    least = sum(map(min, zip(*costs, strict=True)))
    return {"least": least / activities, "median": statistics.median(map(sum, costs)) / activities}


def _fed(records: Sequence[bytes], key: bytes | None) -> Iterator[tuple[float, list[bytes]]]:
    """Yield for each record of the activity topic what the feed spends on it, in CPU microseconds, and its blocks."""
    held = Held(10.0, Pseudonyms(key))
    for offset, record in enumerate(records):
        batch = wire.decode(record)
        start = time.process_time_ns()
        held.take(offset, batch.exposures, 0.0)
        is_due = held.is_due(0.0) or offset == len(records) - 1
        blocks = list(held.release()) if is_due else []
        yield (time.process_time_ns() - start) / 1_000, blocks


def _sizes(records: Sequence[bytes], directory: Path) -> dict[str, Any]:
    """Return the bytes an exposure takes on the topic and in a store, and what building that cost."""
    blocks = [block for _, some in _fed(records, None) for block in some]
    start = time.process_time()
    with LedgerWriter(directory) as store:
        for number, block in enumerate(blocks):
            store.take(0, number + 1, decode(block))
            if number % max(1, len(blocks) // COMMITS) == 0:
                store.commit()
        store.commit(caught_up=True)
        done = store.commit()
        files = sum(path.stat().st_size for path in directory.glob("*.parquet"))
    return {
        "topic bytes": sum(map(len, blocks)) / done.rows,
        "small store bytes": files / done.rows,
        "store us": (time.process_time() - start) * 1e6 / done.rows,
    }


def _make(directory: Path, sample: Sequence[Exposure], exposures: int, employees: int, days: int) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task("making a large ledger", total=exposures)
        write_store(
            directory,
            sample,
            exposures=exposures,
            days=days,
            employees=employees,
            said=lambda count: progress.update(task, completed=count),
        )


def _questions(directory: Path, days: int, rounds: int) -> dict[str, Any]:
    store = LedgerStore(directory, threads=2)
    told = store.manifest()
    segments = [segment for some in told.days.values() for segment in some]
    rows = sum(segment.rows for segment in segments)
    everything = Span(FIRST_DAY * DAY_MS, (FIRST_DAY + days) * DAY_MS)
    asked: dict[str, Callable[[], object]] = {
        f"by {', '.join(by)}": lambda by=by: totals(store, everything, by, limit=1_000)
        for by in ([By.CATEGORY], [By.REGION], [By.DAY, By.CATEGORY], [By.EMPLOYEE], [By.EMPLOYEE, By.CATEGORY])
    }
    asked["one employee by day"] = lambda: totals(store, everything, [By.DAY], ["e-004711"])
    asked["every exposure of one employee"] = lambda: list(store.exposures(everything, ["e-004711"]))
    return {
        "exposures": rows,
        "bytes": sum(path.stat().st_size for path in directory.glob("*.parquet")) / rows,
        "gigabytes": sum(segment.size_bytes for segment in segments) / 1e9,
        "seconds": {name: statistics.median(_wall(ask) for _ in range(rounds)) for name, ask in asked.items()},
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _wall(work: Callable[[], object]) -> float:
    start = time.monotonic()
    work()
    return time.monotonic() - start


def _show(found: dict[str, Any]) -> None:
    large = found["large"]
    table = Table(
        "what",
        "measured",
        "budget",
        title=f"The ledger, {found['activities']:,} simulated activities",
        title_justify="left",
    )
    for name in ("feed", "feed under a key"):
        cost, budget = found[name], f"{BUDGET_US}" if name == "feed" else ""
        spread = f"{cost['least']:.2f} us ({cost['median']:.2f} with all else that ran)"
        table.add_row(f"CPU an activity added to the pipeline, {name}", spread, budget)
    table.add_row("bytes an exposure, on the topic", f"{found['topic bytes']:.1f}", "")
    table.add_row("bytes an exposure, small store", f"{found['small store bytes']:.1f}", f"{BUDGET_BYTES:.0f}")
    table.add_row("bytes an exposure, large store", f"{large['bytes']:.1f}", f"{BUDGET_BYTES:.0f}")
    table.add_row("CPU an exposure to build the store", f"{found['store us']:.1f} us", "")
    console.print(table)
    questions = Table(
        "question",
        "seconds",
        "budget",
        title=f"{large['exposures']:,} exposures, {large['gigabytes']:.1f} GB, 2 threads",
        title_justify="left",
    )
    for name, seconds in large["seconds"].items():
        questions.add_row(name, f"{seconds:.2f}", f"{BUDGET_SECONDS:.0f}")
    console.print(questions)
    share = found["personal"] / found["activities"]
    console.print(
        f"personal: {share:.0%} of the activities; peak {large['peak_mb']:.0f} MB; {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}, Arrow {pa.__version__}",
        highlight=False,
    )


if __name__ == "__main__":
    typer.run(main)
