"""``make bench-sources``: what reading a record costs, format by format, and pgaudit from bytes to exposure."""

from __future__ import annotations

import gc
import json
import platform
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

import streamguard
from streamguard.activity import Activity, RawRecord
from streamguard.cli.simulation import keyed
from streamguard.exposure import Catalogue, Directory, Exposer
from streamguard.pipeline import OriginReader, OriginTools
from streamguard.simulate import World, small_company
from streamguard.sources import Decoder, DecoderConfig, read_records

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SAMPLES = Path(__file__).parents[1] / "samples"
COMPANY = Path(streamguard.__file__).parent / "simulate" / "company_files"
LEAST_RECORDS = 2_000
"""A file with fewer records is read several times a round."""
TAKE_EVERY = 500
TIME_MS = 1_900_000_000_000
"""Kafka's time of every record: after all of them."""

console, errors = Console(), Console(stderr=True)


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Runs of each measurement; the median counts.")] = 5,
    days: Annotated[int, typer.Option(min=8, help="Days of the simulated company.")] = 8,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all results to a file.")] = None,
) -> None:
    """Measure the reading of audit records: CPU time of this process, warm caches."""
    files = [path for path in sorted(SAMPLES.rglob("*.*")) if path.suffix != ".md"]
    formats = [_file(path, rounds) for path in track(files, "formats", console=errors, transient=True)]
    way = _pgaudit(rounds, days)
    _show(formats, way)
    if json_file is not None:
        json_file.write_text(json.dumps({"formats": formats, "pgaudit": way}, indent=2) + "\n")


def _file(path: Path, rounds: int) -> dict:
    values = list(read_records(path))
    values *= -(-LEAST_RECORDS // len(values))
    raws = [RawRecord("bench", 0, 0, offset, TIME_MS, value) for offset, value in enumerate(values)]
    decoder = Decoder()
    outcomes = [outcome for raw in raws for outcome in decoder.decode(raw)]
    costs = [_cpu_us(lambda: _each(decoder.decode, raws)) / len(outcomes) for _ in range(rounds)]
    return {
        "file": str(path.relative_to(SAMPLES)),
        "formats": sorted({outcome.source for outcome in outcomes if isinstance(outcome, Activity)}),
        "bytes per record": round(sum(map(len, values)) / len(outcomes)),
        "cpu us per record": _spread(costs),
    }


def _pgaudit(rounds: int, days: int) -> dict:
    """Measure jsonlog lines of a simulated company, from bytes to exposure."""
    catalogue = Catalogue.load(COMPANY / "catalogue.yaml")
    directory = Directory.load(COMPANY / "identities.yaml")
    lines = [value for _, value in keyed(World(small_company(days=days)).lines("postgresql.jsonlog"))]
    half = len(lines) // 2
    known, fresh = lines[:half], lines[half:]
    found: dict = {"bytes per line": round(sum(map(len, fresh)) / len(fresh))}
    for hashed in (False, True):
        config = DecoderConfig(
            identifying_columns=catalogue.identifying_columns,
            neutral_columns=catalogue.region_columns,
            subject_key=b"a key for the bench only" if hashed else None,
        )
        for name, part in (("all lines", fresh), ("pgaudit lines", [line for line in fresh if b"AUDIT: " in line])):
            tools = OriginTools(Decoder(config), Exposer(directory, catalogue))
            _read(tools, known)
            found[f"{name}{', customers hashed' if hashed else ''}"] = _race(tools, part, rounds)
    return found


def _race(tools: OriginTools, lines: list[bytes], rounds: int) -> dict:
    """Read lines in pieces, one a round: first with texts that were never seen, of known shape, then again.

    Each run is compared with a run of ``orjson.loads`` over the same lines right after it, so that a machine that
    slows down for a while slows both.
    """
    pieces = [lines[at::rounds] for at in range(rounds)]
    before = tools.decoder.cache_use
    new = [_pair(tools, piece) for piece in pieces]
    after = tools.decoder.cache_use
    known = [_pair(tools, piece) for piece in pieces]
    looked_up = after.lookups - before.lookups
    return {
        "lines": len(lines),
        "texts seen before": (after.known_texts - before.known_texts) / looked_up,
        "analyses seen before": 1 - (after.parsed - before.parsed) / looked_up,
        "orjson.loads": _spread([loads for _, loads in new + known]),
        "new texts": _spread([ours for ours, _ in new]),
        "known texts": _spread([ours for ours, _ in known]),
        "new texts : orjson.loads": _spread([ours / loads for ours, loads in new]),
        "known texts : orjson.loads": _spread([ours / loads for ours, loads in known]),
    }


def _pair(tools: OriginTools, lines: list[bytes]) -> tuple[float, float]:
    """Return the CPU microseconds a line of reading, and of parsing alone."""
    ours = _cpu_us(lambda: _read(tools, lines)) / len(lines)
    return ours, _cpu_us(lambda: _each(orjson.loads, lines)) / len(lines)


def _read(tools: OriginTools, lines: list[bytes]) -> None:
    reader = OriginReader(tools)
    for offset, line in enumerate(lines):
        reader.read(RawRecord("bench", 0, 0, offset, TIME_MS, line))
        if offset % TAKE_EVERY == 0:
            reader.take()


def _each(work: Callable[[Any], object], items: Sequence[Any]) -> None:
    # What is kept costs memory and the garbage collector's time, which is not what is measured.
    for item in items:
        work(item)


def _cpu_us(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1e6


def _spread(costs: Sequence[float]) -> dict[str, float]:
    return {"median": statistics.median(costs), "min": min(costs), "max": max(costs)}


def _show(formats: list[dict], way: dict) -> None:
    first = Table(
        "bytes to exposure", "lines", "x orjson.loads", "min - max", "CPU us", "orjson us",
        title=f"PostgreSQL jsonlog of a simulated company, {way['bytes per line']} bytes a line", title_justify="left",
    )  # fmt: skip
    for name, found in way.items():
        for kind in () if name == "bytes per line" else ("new texts", "known texts"):
            ratio, cost = found[f"{kind} : orjson.loads"], found[kind]["median"]
            spread = f"{ratio['min']:.1f} - {ratio['max']:.1f}"
            cells = (f"{ratio['median']:.1f}", spread, f"{cost:.1f}", f"{found['orjson.loads']['median']:.2f}")
            first.add_row(f"{name}, {kind}", f"{found['lines']:,}", *cells)
    console.print(first)
    shares = way["pgaudit lines"]
    console.print(
        f"statements of the new pgaudit lines: {shares['analyses seen before']:.2%} needed no parser, "
        f"{shares['texts seen before']:.1%} were known letter for letter"
    )
    second = Table("sample file", "bytes", "CPU us", "min - max", "formats", title="Reading alone, a record")
    for entry in formats:
        cost = entry["cpu us per record"]
        cells = (f"{cost['median']:.1f}", f"{cost['min']:.1f} - {cost['max']:.1f}", ", ".join(entry["formats"]))
        second.add_row(entry["file"], str(entry["bytes per record"]), *cells)
    console.print(second)
    console.print(f"Python {platform.python_version()}, orjson {orjson.__version__}", highlight=False)


if __name__ == "__main__":
    typer.run(main)
