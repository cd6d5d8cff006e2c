"""This pipeline whole, against stock Faust that does nothing, and where its time goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.arena import ContestantError
from bench.contestants.whole import topics_of
from bench.figures import paired_ratio, spread
from bench.results import Result, Row, number, range_of
from streamguard.cli.simulation import keyed
from streamguard.simulate import World, small_company

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.arena import Arena

WHOLE, STOCK, IDLE, SINGLE = "this pipeline, whole", "stock Faust, doing nothing", "delivery through Faust", "stages"
STOCK_RECORDS = 20_000
STAGES = {
    "reading": "reading: JSON, pgaudit's fields",
    "analysis": "analysis of the statement",
    "assembly": "assembly of a statement's lines",
    "exposure": "exposure: who, which personal data",
    "encoding": "activity batches, encoded",
    "decoding": "activity batches, decoded",
    "detection": "full detector, findings",
    "state": "state entries, encoded",
    "producing": "producing: activities, findings, changelog",
}
REST = "the rest: second topic, metrics, commits"


class Stages:
    """The table ``stages``.

    Parameters
    ----------
    days
        Of the simulated company.
    """

    name = "stages"

    def __init__(self, days: int) -> None:
        self._days = days

    def steps(self, runs: int) -> int:
        """Return how often `measure` will say something."""
        return 1 + runs * 4

    def measure(self, arena: Arena, runs: int, say: Callable[[str], None]) -> Result:
        """Run the whole, stock Faust, delivery alone, and the stages, in turn."""
        say("stages: writing records")
        topic, count = company_load(arena, self._days)
        programs = {
            WHOLE: lambda: run_whole(arena, topic, count),
            STOCK: lambda: _run_stock(arena, topic, min(count, STOCK_RECORDS)),
            IDLE: lambda: arena.run("bench.contestants.idle", topic, arena.name("idle"), count),
            SINGLE: lambda: arena.run("bench.contestants.stages", arena.create(arena.name("out")), self._days),
        }
        found: dict[str, list[dict[str, Any]]] = {name: [] for name in programs}
        failures: dict[str, str] = {}
        order = list(programs)
        for round_ in range(runs):
            for place in range(len(order)):
                name = order[(round_ + place) % len(order)]
                say(f"stages, round {round_ + 1} of {runs}: {name}")
                if name not in failures:
                    try:
                        found[name].append(programs[name]())
                    except ContestantError as error:
                        failures[name] = str(error)
        if found[WHOLE]:
            arena.throughput = spread([run["wall_records_per_second"] for run in found[WHOLE]]).median
        return report(found, failures, count)


def company_load(arena: Arena, days: int) -> tuple[str, int]:
    """Write the lines of a simulated company; returns topic and count."""
    return arena.load(f"company{days}", keyed(World(small_company(days=days)).lines("postgresql.jsonlog")))


def run_whole(arena: Arena, topic: str, count: int) -> dict[str, Any]:
    """Run one worker over the load, with topics of its own."""
    prefix = arena.name("whole")
    for name in topics_of(prefix):
        arena.create(name)
    return arena.run("bench.contestants.whole", topic, prefix, count)


def _run_stock(arena: Arena, topic: str, count: int) -> dict[str, Any]:
    group = arena.name("stock")
    return arena.run("bench.contestants.stock", topic, arena.create(f"{group}-out"), count, group, "nothing")


def report(found: dict[str, list[dict[str, Any]]], failures: dict[str, str], records: int) -> Result:
    """Say what the runs brought.

    Parameters
    ----------
    found
        Runs by program, round by round.
    failures
        Why a program did not run.
    records
        Of the load.
    """
    result = Result(
        "stages",
        f"raw pgaudit jsonlog in, findings out, {records:,} records",
        "CPU of a record : the whole pipeline's",
        raw={"runs": found, "failures": failures},
    )
    costs = {name: [run["cpu_us_per_record"] for run in found[name]] for name in (WHOLE, STOCK, IDLE)}
    stages = [run["cpu_us_per_record"] for run in found[SINGLE]]
    whole = [] if WHOLE in failures else costs[WHOLE]
    for name in (WHOLE, STOCK, IDLE):
        result.rows.append(_row(name, costs[name], whole, failures.get(name)))
    parts = {label: [run[stage] for run in stages] for stage, label in STAGES.items()}
    for label, values in parts.items():
        result.rows.append(_row(label, values, whole, failures.get(SINGLE)))
    if not failures:
        sums = [idle + sum(run.values()) for idle, run in zip(costs[IDLE], stages, strict=True)]
        rest = [all_ - some for all_, some in zip(whole, sums, strict=True)]
        result.rows.append(_row(REST, rest, whole, None))
    if whole:
        wall = spread([run["wall_records_per_second"] for run in found[WHOLE]])
        first = found[WHOLE][0]
        result.notes += [
            f"the whole took {number(wall.median)} records a second by the clock, with the broker beside it",
            f"{first['done']:,} statements were judged; build of this pipeline: {first['build']}",
        ]
    return result


def _row(label: str, costs: Sequence[float], whole: Sequence[float], failure: str | None) -> Row:
    if failure is not None or not costs:
        return Row(label, failure=failure or "did not run")
    cost = spread(costs)
    cells = {"CPU us/record": number(cost.median), "range": range_of(cost)}
    if label in {WHOLE, STOCK, IDLE}:
        cells["records/s/core"] = number(1e6 / cost.median)
    return Row(label, paired_ratio(costs, whole) if len(costs) == len(whole) else None, cells)
