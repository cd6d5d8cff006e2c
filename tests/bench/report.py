"""What the runs say: the same work done by all, ratios first, absolute numbers second."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, NamedTuple

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import Console

OURS, STOCK, BARE = "this pipeline", "stock Faust agent", "bare aiokafka loop"
WORK_NAMES = {"core": "the product's core", "rows": "a small work per record"}
TOLERANCE = 0.01
"""Statements still open when a contestant's log ends are closed by this pipeline only."""

Runs = list[dict]
Results = dict[str, dict[str, Runs]]
"""Runs by work, by contestant."""


class DifferentWorkError(Exception):
    """The contestants did not judge the same number of statements: their times cannot be compared."""


class Ratio(NamedTuple):
    """How many times more records per second and core this pipeline takes than another contestant."""

    work: str
    other: str
    median: float
    lowest: float
    highest: float


def check_same_work(results: Results) -> None:
    """Raise `DifferentWorkError` unless all contestants judged the same, but for `TOLERANCE`."""
    for work, contestants in results.items():
        done = {name: min(run["done"] / run["read"] for run in runs) for name, runs in contestants.items()}
        if min(done.values()) < (1 - TOLERANCE) * max(done.values()) or not all(done.values()):
            raise DifferentWorkError(
                f"{WORK_NAMES[work]}: the contestants did not judge the same, nothing to compare. Statements judged "
                "per record read: " + ", ".join(f"{name} {share:.4f}" for name, share in done.items())
            )


def ratios(results: Results) -> Iterator[Ratio]:
    """Yield this pipeline against the others: of the medians, and of each round for itself."""
    for work, contestants in results.items():
        ours = _costs(contestants[OURS])
        for other in (STOCK, BARE):
            theirs = _costs(contestants[other])
            rounds = [their / our for their, our in zip(theirs, ours, strict=True)]
            yield Ratio(work, other, statistics.median(theirs) / statistics.median(ours), min(rounds), max(rounds))


def show(console: Console, results: Results, machine: Mapping[str, object]) -> None:
    """Print everything."""
    first = Table("records per second and core", "same work", "ratio", "by round", title="Ratios", title_justify="left")
    for work, other, median, lowest, highest in ratios(results):
        limit = " (the limit)" if other == BARE else ""
        first.add_row(f"{OURS} : {other}{limit}", WORK_NAMES[work], f"{median:.2f}", f"{lowest:.2f} to {highest:.2f}")
    console.print(first)
    second = Table(
        "", "CPU us/record", "min", "max", "records/s/core", "wall records/s", "peak MB", title_justify="left"
    )
    for work, contestants in results.items():
        second.add_section()
        second.add_row(WORK_NAMES[work], style="bold")
        for name, runs in contestants.items():
            second.add_row(name, *_absolute(runs))
    console.print(second)
    console.print(", ".join(f"{name} {value}" for name, value in machine.items()), highlight=False)


def _absolute(runs: Runs) -> Sequence[str]:
    costs = _costs(runs)
    wall = statistics.median(run["wall_records_per_second"] for run in runs)
    median = statistics.median(costs)
    return (
        f"{median:.1f}",
        f"{min(costs):.1f}",
        f"{max(costs):.1f}",
        f"{1e6 / median:,.0f}",
        f"{wall:,.0f}",
        str(max(run["peak_mb"] for run in runs)),
    )


def _costs(runs: Runs) -> list[float]:
    return [run["cpu_us_per_record"] for run in runs]
