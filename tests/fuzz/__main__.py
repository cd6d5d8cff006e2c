"""``make fuzz``: both targets side by side; what breaks a promise is kept for the regression tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from fuzz.check import CHECKS
from fuzz.seeds import write_seeds

HERE = Path(__file__).parent
console = Console()


def main(
    seconds: Annotated[int, typer.Option(min=1, help="How long each target runs.")] = 600,
    target: Annotated[list[str] | None, typer.Option(help=f"Which: {', '.join(CHECKS)}; both if not given.")] = None,
) -> None:
    """Look for bytes that break a promise of the sources room."""
    with tempfile.TemporaryDirectory() as scratch:
        runs = {name: _start(name, seconds, Path(scratch)) for name in target or CHECKS}
        console.print(f"fuzzing {', '.join(runs)} for {seconds} s ...")
        results = {name: (run.communicate()[0], run.returncode) for name, run in runs.items()}
    table = Table("target", "inputs tried", "code reached (edges)", "inputs kept", "result")
    for name, (log, code) in results.items():
        table.add_row(name, *_summary(log), "no promise broken" if code == 0 else f"FAILED ({code})")
    console.print(table)
    if any(code for _, code in results.values()):
        for log, code in results.values():
            if code:
                console.print(log[-4000:], markup=False, highlight=False)
        console.print(f"the inputs are in {HERE / 'corpus'}: mend the code, keep them", style="red")
        raise typer.Exit(1)


def _start(target: str, seconds: int, scratch: Path) -> subprocess.Popen[str]:
    corpus = scratch / target
    corpus.mkdir()
    console.print(f"{target}: {write_seeds(target, corpus)} seeds")
    kept = HERE / "corpus" / target
    kept.mkdir(parents=True, exist_ok=True)
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "fuzz.target", target, str(corpus), str(kept)),
            *(f"-max_total_time={seconds}", f"-artifact_prefix={kept}/", "-rss_limit_mb=3000", "-timeout=30"),
            "-print_final_stats=1",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=os.environ | {"PYTHONPATH": str(HERE.parent)},
    )


def _summary(log: str) -> tuple[str, str, str]:
    tried = re.search(r"number_of_executed_units: (\d+)", log)
    states = re.findall(r"cov: (\d+) ft: \d+ corp: (\d+)", log)
    cover, kept = states[-1] if states else ("?", "?")
    return (f"{int(tried[1]):,}" if tried else "?", cover, kept)


typer.run(main)
