"""From a thousand employees to a million: what an event costs, what an employee weighs, how long recovery takes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bench import population
from bench.arena import ContestantError
from bench.figures import paired_ratio, spread
from bench.results import Result, Row, number, range_of
from streamguard.stream import EngineConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.arena import Arena

SIZES = (1_000, 10_000, 100_000, 1_000_000)
RECOVERIES = 3
"""Of each size, at most: a million employees take long to read."""


class Growth:
    """The table ``growth``.

    Parameters
    ----------
    most
        Employees of the largest size.
    """

    name = "growth"

    def __init__(self, most: int) -> None:
        self._sizes = [size for size in SIZES if size <= most]

    def steps(self, runs: int) -> int:
        """Return how often `measure` will say something."""
        return 1 + len(self._sizes) * (2 + min(runs, RECOVERIES))

    def measure(self, arena: Arena, runs: int, say: Callable[[str], None]) -> Result:
        """Let one peer group live, then measure each size."""
        say("growth: a peer group lives through ten days")
        path = arena.scratch / "group.msgpack"
        group = population.train(path)
        found: dict[str, dict[str, Any]] = {}
        for size in self._sizes:
            found[str(size)] = one = {"events": [], "recoveries": [], "failure": None}
            try:
                say(f"growth, {size:,} employees: judging")
                one["events"] = arena.run("bench.contestants.growing", path, size, runs)["runs"]
                say(f"growth, {size:,} employees: writing their state to Kafka")
                config = EngineConfig(group=arena.name("recovering"))
                activity = arena.create(f"{config.group}.activity")
                topic = arena.create(config.changelog_topic)
                one["entries"] = asyncio.run(population.fill(arena.connection, topic, group, size))
                for round_ in range(min(runs, RECOVERIES)):
                    say(f"growth, {size:,} employees: recovery {round_ + 1}")
                    one["recoveries"].append(arena.run("bench.contestants.recovering", activity, config.group))
            except ContestantError as error:
                one["failure"] = str(error)
        return report(found)


def report(found: dict[str, dict[str, Any]]) -> Result:
    """Say what the sizes brought; ``found`` is by size."""
    result = Result("growth", "more employees", "CPU of an event : at 1,000 employees", raw={"sizes": found})
    smallest = next(iter(found.values()))
    for size, one in found.items():
        label = f"{int(size):,} employees"
        if one["failure"] is not None:
            result.rows.append(Row(label, failure=one["failure"]))
            continue
        base = [run["base"]["cpu_us_per_event"] for run in one["events"]]
        for load in ("whole", "spread"):
            runs = [run[load] for run in one["events"] if run[load] is not None]
            if not runs:
                continue
            costs = [run["cpu_us_per_event"] for run in runs]
            name = label if load == "whole" else f"{label}, few of each group at work"
            row = Row(name, paired_ratio(costs, base), {"CPU us/event": number(spread(costs).median)})
            row.cells["range"] = range_of(spread(costs))
            changelog = spread([run["changelog_bytes_per_event"] for run in runs]).median
            packed = spread([run["packed_bytes_per_event"] for run in runs]).median
            row.cells["changelog bytes/event"] = f"{number(changelog)} ({number(packed)} gzipped)"
            if load == "whole":
                row.cells |= _recovery(int(size), one, smallest)
            result.rows.append(row)
    result.notes += [
        "an event: the detector, its state entries and their encoding, without Kafka and Faust; the same work at every size",
        "recovery: the worker's detect agent, with Faust, from the first state entry read to the end of the changelog",
        "bytes per idle employee: what the worker's memory grew by from the smallest size on, after recovery",
    ]
    return result


def _recovery(size: int, one: dict[str, Any], smallest: dict[str, Any]) -> dict[str, str]:
    runs = one["recoveries"]
    wall = spread([run["recovery_seconds"] for run in runs])
    cells = {"recovery s": f"{wall.median:.2f}", "range of recovery": f"{wall.lowest:.2f} to {wall.highest:.2f}"}
    cpu = spread([run["cpu_seconds"] for run in runs]).median
    if cpu > 0:
        cells["employees/s/core"] = number(size / cpu)
    grown = one["entries"] - smallest["entries"]
    if grown:
        least = spread([run["rss_bytes"] for run in smallest["recoveries"]]).median
        bytes_ = spread([run["rss_bytes"] for run in runs]).median - least
        cells["bytes/idle employee"] = number(bytes_ / (size - SIZES[0]))
    return cells
