"""``make fuzz``: the targets side by side; what breaks a promise is kept for the regression tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from rich.console import Console
from rich.table import Table

import streamguard
from fuzz.check import CHECKS
from fuzz.seeds import write_seeds
from fuzz.words import write_dictionary

HERE = Path(__file__).parent
MOST_MEGABYTES = 1_000
"""Of one process, coverage counters and the fuzzer's own corpus included."""
console = Console()


class Run(NamedTuple):
    """One target's run."""

    target: str
    log: str
    code: int
    slowest: str
    """Of one input: milliseconds and size."""


def main(
    seconds: Annotated[int, typer.Option(min=1, help="How long each target runs.")] = 600,
    target: Annotated[
        list[str] | None,
        typer.Option(help=f"Which: {', '.join(CHECKS)} (all if not given); NAME.plain mutates bytes only."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Targets that run at the same time.")] = 2,
    slowest: Annotated[Path | None, typer.Option(help="Where to leave each target's slowest input.")] = None,
) -> None:
    """Look for bytes that break a promise of the sources room."""
    names = target or list(CHECKS)
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(jobs) as pool:
        console.print(f"fuzzing {', '.join(names)} for {seconds} s each, {jobs} at a time ...")
        runs = list(pool.map(lambda name: _run(name, seconds, Path(scratch), slowest), names))
    table = Table("target", "inputs tried", "edges", "kept", "slowest input", "peak memory", "result")
    for run in runs:
        result = "no promise broken" if run.code == 0 else f"FAILED ({run.code})"
        table.add_row(run.target, *_summary(run.log), run.slowest, _memory(run.log), result)
    console.print(table)
    if any(run.code for run in runs):
        for run in runs:
            if run.code:
                console.print(run.log[-4000:], markup=False, highlight=False)
        console.print(f"the inputs are in {HERE / 'corpus'}: mend the code, keep them", style="red")
        raise typer.Exit(1)


def _run(target: str, seconds: int, scratch: Path, leave: Path | None) -> Run:
    name = target.partition(".")[0]
    corpus = scratch / target
    corpus.mkdir()
    console.print(f"{target}: {write_seeds(name, corpus)} seeds")
    dictionary = scratch / f"{target}.words"
    write_dictionary(Path(streamguard.__file__).parent / "sources", dictionary)
    kept = HERE / "corpus" / name
    kept.mkdir(parents=True, exist_ok=True)
    slowest = (leave or scratch) / f"{target}.slowest"
    slowest.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "fuzz.target", target, str(slowest), str(corpus), str(kept)),
            *(f"-max_total_time={seconds}", f"-artifact_prefix={kept}/", f"-rss_limit_mb={MOST_MEGABYTES}"),
            *("-timeout=30", f"-dict={dictionary}", "-print_final_stats=1"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=os.environ | {"PYTHONPATH": str(HERE.parent)},
        check=False,
    )
    times = slowest.with_suffix(".seconds")
    took = f"{float(times.read_text()) * 1000:,.0f} ms, {slowest.stat().st_size:,} B" if times.exists() else "?"
    log = "\n".join(line for line in done.stdout.splitlines() if "INFO: Instrumenting" not in line)
    return Run(target, log, done.returncode, took)


def _summary(log: str) -> tuple[str, str, str]:
    tried = re.search(r"number_of_executed_units: (\d+)", log)
    states = re.findall(r"cov: (\d+) ft: \d+ corp: (\d+)", log)
    cover, kept = states[-1] if states else ("?", "?")
    return (f"{int(tried[1]):,}" if tried else "?", cover, kept)


def _memory(log: str) -> str:
    peak = re.search(r"peak_rss_mb: +(\d+)", log)
    return f"{peak[1]} MB" if peak else "?"


typer.run(main)
