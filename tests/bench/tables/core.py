"""The same small work per record, by everybody: what an engine costs, and what one gets for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from bench import rows, venvs
from bench.arena import ContestantError
from bench.contestants.engine import changelog_topic
from bench.figures import paired_ratio, spread
from bench.results import Result, Row, number, range_of
from streamguard.simulate import World, small_company

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.arena import Arena

STOCK_RECORDS = 12_000
"""Stock Faust stops after so many. The others need more: what they had fetched ahead when the meter started was fetched
for nothing, and that must not show."""
LEAST_SHARE = 0.99
"""Who judged less of what it read than this share of what the others did, did not do the same work."""
DAYS = 8


class Contestant(NamedTuple):
    """Who takes part.

    ``package`` is what is installed for it, beside this pipeline if None; ``promise`` what becomes of state and alerts
    when the process is killed, as its documentation says it and, for stock Faust, as the fault tests show it.
    """

    label: str
    module: str
    promise: str
    package: str | None = None


OURS = Contestant("this pipeline's engine", "engine", "state exactly once, alerts at least once")
CONTESTANTS = (
    OURS,
    Contestant("stock Faust, Table", "stock", "meant at least once; counts twice after a kill"),
    Contestant("Quix Streams, stateful", "quix", "at least once, state with it", "quixstreams"),
    Contestant("Bytewax, stateful_map", "dataflow", "state exactly once, on this disk", "bytewax"),
    Contestant("bare aiokafka loop (the limit)", "bare", "none: state is lost"),
)


class Core:
    """The table ``core``.

    Parameters
    ----------
    records
        Of the load.
    """

    name = "core"

    def __init__(self, records: int) -> None:
        self._records = records

    def steps(self, runs: int) -> int:
        """Return how often `measure` will say something."""
        return 2 + runs * len(CONTESTANTS)

    def measure(self, arena: Arena, runs: int, say: Callable[[str], None]) -> Result:
        """Run everybody in turn, another one first in each round."""
        say("core: writing records")
        lines = [line for line in World(small_company(days=DAYS)).lines("postgresql.jsonlog") if rows.read(line)]
        topic, count = arena.load("small", rows.load(lines, self._records))
        say("core: installing contestants")
        failures: dict[str, str] = {}
        pythons = {one.label: _interpreter(one, failures) for one in CONTESTANTS}
        found: dict[str, list[dict[str, Any]]] = {one.label: [] for one in CONTESTANTS}
        for number_ in range(runs):
            for place in range(len(CONTESTANTS)):
                one = CONTESTANTS[(number_ + place) % len(CONTESTANTS)]
                say(f"core, round {number_ + 1} of {runs}: {one.label}")
                if one.label in failures:
                    continue
                try:
                    found[one.label].append(_run(arena, one, pythons[one.label], topic, count))
                except ContestantError as error:
                    failures[one.label] = str(error)
        return report(found, failures, count)


def _interpreter(one: Contestant, failures: dict[str, str]) -> str | None:
    try:
        return None if one.package is None else venvs.python_with(one.package)
    except ContestantError as error:
        failures[one.label] = str(error)
        return None


def _run(arena: Arena, one: Contestant, python: str | None, topic: str, count: int) -> dict[str, Any]:
    group = arena.name(one.module)
    out = arena.create(f"{group}-out")
    arguments: list[object] = [topic, out, count, group]
    if one.module == "engine":
        arena.create(changelog_topic(group))
    elif one.module == "stock":
        arena.create(f"{group}-usual-changelog")
        arguments = [topic, out, min(count, STOCK_RECORDS), group, "rows"]
    return arena.run(f"bench.contestants.{one.module}", *arguments, python=python)


def report(found: dict[str, list[dict[str, Any]]], failures: dict[str, str], records: int) -> Result:
    """Say what the runs brought.

    Parameters
    ----------
    found
        Runs by contestant, round by round.
    failures
        Why somebody did not run, by contestant.
    records
        Of the load.
    """
    result = Result(
        "core",
        f"the same small work per record, {records:,} records, state of each employee kept",
        "CPU of a record : this pipeline's",
        raw={"runs": found, "failures": failures},
    )
    failures = failures | different_work({name: runs for name, runs in found.items() if name not in failures})
    ours = [] if OURS.label in failures else costs(found[OURS.label])
    for one in CONTESTANTS:
        row = Row(one.label, failure=failures.get(one.label))
        if row.failure is None:
            row.ratio = paired_ratio(costs(found[one.label]), ours) if ours else None
            row.cells = _cells(one, found[one.label])
        result.rows.append(row)
    builds = {run["build"] for run in found[OURS.label]}
    result.notes.append(f"build of this pipeline: {', '.join(sorted(builds)) or 'did not run'}")
    return result


def costs(runs: Sequence[dict[str, Any]]) -> list[float]:
    """Return the CPU microseconds per record of runs."""
    return [run["cpu_us_per_record"] for run in runs]


def different_work(found: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    """Return who judged less of what it read than the others did, with how much: their times say nothing."""
    shares = {name: min(run["done"] / run["read"] for run in runs) for name, runs in found.items() if runs}
    most = max(shares.values(), default=0.0)
    return {
        name: f"did not do the same work: judged {share:.1%} of what it read, others {most:.1%}"
        for name, share in shares.items()
        if share < LEAST_SHARE * most or not share
    }


def _cells(one: Contestant, runs: Sequence[dict[str, Any]]) -> dict[str, str]:
    cost = spread(costs(runs))
    return {
        "CPU us/record": number(cost.median),
        "range": range_of(cost),
        "records/s/core": number(1e6 / cost.median),
        "peak MB": str(max(run["peak_mb"] for run in runs)),
        "version": runs[0]["name"],
        "when it is killed": one.promise,
    }
