"""From an audit line's way out to the arrival of its finding, at three loads."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from bench.arena import ContestantError
from bench.contestants.drive import LEGS
from bench.contestants.whole import names, topics_of
from bench.figures import paired_ratio, spread
from bench.results import Result, Row, number
from bench.tables.stages import company_load, run_whole

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    from bench.arena import Arena

LOADS = (10, 50, 80)
"""Percent of the throughput."""
PERCENTILES = ("p50", "p95", "p99")
READY_SECONDS = 60


class Latency:
    """The table ``latency``.

    Parameters
    ----------
    days
        Of the simulated company whose log gives the throughput.
    seconds
        Of each measurement, after its warm-up.
    """

    name = "latency"

    def __init__(self, days: int, seconds: float) -> None:
        self._days = days
        self._seconds = seconds

    def steps(self, runs: int) -> int:
        """Return how often `measure` will say something."""
        return 1 + runs * len(LOADS)

    def measure(self, arena: Arena, runs: int, say: Callable[[str], None]) -> Result:
        """Find the throughput, unless it is known; then serve, and drive at each load, in each run."""
        say("latency: finding the throughput")
        found: dict[str, list[dict[str, Any]]] = {str(load): [] for load in LOADS}
        failure, rate = None, 0.0
        try:
            topic, count = company_load(arena, self._days)
            rate = arena.throughput or run_whole(arena, topic, count)["wall_records_per_second"]
            for round_ in range(runs):
                self._serve(arena, rate, found, lambda load, at=round_: say(f"latency, run {at + 1}: {load} % load"))
        except ContestantError as error:
            failure = str(error)
        return report(found, failure, rate)

    def _serve(
        self, arena: Arena, rate: float, found: dict[str, list[dict[str, Any]]], say: Callable[[int], None]
    ) -> None:
        prefix = arena.name("serving")
        topics, _ = names(prefix)
        audit = arena.create(f"{prefix}.audit")
        for name in topics_of(prefix):
            arena.create(name)
        with arena.started("bench.contestants.serving", audit, prefix) as worker:
            build = await_ready(worker)
            for load in LOADS:
                say(load)
                probe = arena.name("probe")
                arguments = (audit, topics.activity, topics.findings, rate * load / 100, self._seconds, probe)
                run = arena.run("bench.contestants.drive", *arguments)
                found[str(load)].append(run | {"build": build})
            if worker.poll() is not None:
                raise ContestantError("the worker ended while it served")


def await_ready(worker: subprocess.Popen[str]) -> str:
    """Wait until a worker serves; returns its build.

    Raises
    ------
    ContestantError
        If it ended or took too long.
    """
    # Reading cannot time out, but it ends when the worker does.
    clock = threading.Timer(READY_SECONDS, worker.kill)
    clock.start()
    try:
        assert worker.stdout is not None
        for line in worker.stdout:
            if line.startswith("{"):
                return json.loads(line)["build"]
    finally:
        clock.cancel()
    assert worker.stderr is not None
    said = worker.stderr.read().strip().splitlines() or ["it said nothing"]
    raise ContestantError(f"the worker did not begin to serve: {said[-1][-300:]}")


def report(found: dict[str, list[dict[str, Any]]], failure: str | None, rate: float) -> Result:
    """Say what the runs brought.

    Parameters
    ----------
    found
        Runs by load.
    failure
        Why there are not all of them.
    rate
        Records per second that are 100 %.
    """
    result = Result("latency", "an audit line out, its finding in", "p50 : p50 at 10 % load", raw={"runs": found})
    least = [run["p50_seconds"] for run in found[str(LOADS[0])]]
    for load in LOADS:
        runs = found[str(load)]
        row = Row(f"{load} % load", failure=failure or (None if runs else "did not run"))
        if row.failure is None:
            row.ratio = paired_ratio([run["p50_seconds"] for run in runs], least)
            row.cells["records/s"] = number(spread([run["sent_per_second"] for run in runs]).median)
            for name in PERCENTILES:
                seconds = spread([run[f"{name}_seconds"] for run in runs])
                row.cells[f"{name} s"] = f"{seconds.median:.3f}"
                row.cells[f"range of {name}"] = f"{seconds.lowest:.3f} to {seconds.highest:.3f}"
            for leg in LEGS:
                row.cells[leg.replace("_", " ")] = " ".join(
                    f"{spread([run[f'{leg}_{name}_seconds'] for run in runs]).median:.3f}" for name in ("p50", "p99")
                )
            row.cells["findings"] = f"{sum(run['probes'] for run in runs):,}"
            row.cells["missing"] = str(sum(run["missing"] for run in runs))
        result.rows.append(row)
    result.notes.append(f"100 % is what one worker took by the clock with the broker beside it: {rate:,.0f} records/s")
    result.notes.append(
        "on the way: to the moment its activity is written, from there to the moment its finding is, and back (p50 p99)"
    )
    return result
