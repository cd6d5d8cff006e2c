"""One worker and two, over the same log on the same broker."""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import psutil

from bench.arena import PARTITIONS, ContestantError
from bench.contestants.whole import topics_of
from bench.figures import paired_ratio, spread
from bench.results import Result, Row, number, range_of
from streamguard.cli.simulation import keyed
from streamguard.simulate import Headcount, World, WorldConfig

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Sequence

    from bench.arena import Arena

COUNTS = (1, 2)
PEOPLE = 1_000
"""Accounts of the company that is simulated: with few, the busiest of them decide how evenly the work can be shared."""
RECORDS_A_DAY = 77_000
"""Of that company, about, weekends included."""
BUSIER = ("busier_share", "busier_share_of_activities")
_LOOK_SECONDS = 0.02
_LIMIT_SECONDS = 240


class Workers:
    """The table ``workers``.

    Parameters
    ----------
    records
        Of the log, about.
    """

    name = "workers"

    def __init__(self, records: int) -> None:
        self._days = max(1, round(records / RECORDS_A_DAY))

    def steps(self, runs: int) -> int:
        """Return how often `measure` will say something."""
        return 1 + runs * len(COUNTS)

    def measure(self, arena: Arena, runs: int, say: Callable[[str], None]) -> Result:
        """Let one worker and two work off the log, in turn."""
        say("workers: writing records")
        people = Headcount().scaled(PEOPLE)
        world = World(WorldConfig(days=self._days, headcount=people, plots=(), role_changes=0.0))
        (arena.scratch / "identities.yaml").write_text(world.identities_yaml(), encoding="utf-8")
        (arena.scratch / "catalogue.yaml").write_text(world.catalogue_yaml("postgresql.jsonlog"), encoding="utf-8")
        topic, count = arena.load("large", keyed(world.lines("postgresql.jsonlog")))
        found: dict[int, list[dict[str, Any]]] = {workers: [] for workers in COUNTS}
        failure = None
        try:
            for round_ in range(runs):
                for workers in COUNTS if round_ % 2 == 0 else COUNTS[::-1]:
                    say(f"workers, round {round_ + 1} of {runs}: {workers}")
                    found[workers].append(_work(arena, topic, count, workers))
        except ContestantError as error:
            failure = str(error)
        return report(found, failure, count)


class _Voice:
    """A worker's process and what it said last."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.last: dict[str, Any] | None = None
        threading.Thread(target=self._listen, daemon=True).start()

    def begin(self) -> None:
        """Let the worker begin."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        try:
            for line in self.process.stdout:
                if line.startswith("{"):
                    self.last = json.loads(line)
        except ValueError:
            # The pipe was closed: nobody wants to know any more.
            return


def _work(arena: Arena, topic: str, count: int, workers: int) -> dict[str, Any]:
    prefix = arena.name("sharing")
    for name in topics_of(prefix):
        arena.create(name)
    with ExitStack() as stack:
        arguments = ("bench.contestants.sharing", topic, prefix, arena.scratch)
        voices = [_Voice(stack.enter_context(arena.started(*arguments))) for _ in range(workers)]
        _wait(voices, _are_shared_out)
        before, broker, idle = [voice.last or {} for voice in voices], arena.broker_cpu_seconds(), _idle_seconds()
        begin = time.monotonic()
        for voice in voices:
            voice.begin()
        _wait(voices, lambda said: sum(one["read"] for one in said) >= count and all(one["is_idle"] for one in said))
        seconds, after = time.monotonic() - begin, [voice.last or {} for voice in voices]
        used, idle = arena.broker_cpu_seconds(), _idle_seconds() - idle
    cpu = [one["cpu_seconds"] - earlier["cpu_seconds"] for one, earlier in zip(after, before, strict=True)]
    judged = [one["judged"] for one in after]
    return {
        "records_per_second": count / seconds,
        "cpu_us_per_record": sum(cpu) / count * 1e6,
        "worker_cores": sum(cpu) / seconds,
        "broker_cores": None if broker is None or used is None else (used - broker) / seconds,
        "idle_cores": idle / seconds,
        "busier_share": max(cpu) / sum(cpu),
        "busier_share_of_activities": max(judged) / sum(judged),
        "build": after[0]["build"],
    }


def _are_shared_out(said: Sequence[dict[str, Any]]) -> bool:
    """Tell whether every worker has partitions of every kind, and all of them are somebody's."""
    shares = [one["partitions"] for one in said]
    return all(map(all, shares)) and all(sum(kind) == PARTITIONS for kind in zip(*shares, strict=True))


def _idle_seconds() -> float:
    """Return for how long the machine's cores have done nothing, summed up."""
    times = psutil.cpu_times()
    return float(times.idle + getattr(times, "iowait", 0.0))


def _wait(voices: Sequence[_Voice], is_reached: Callable[[list[dict[str, Any]]], bool]) -> None:
    deadline = time.monotonic() + _LIMIT_SECONDS
    while True:
        said = [voice.last for voice in voices if voice.last is not None]
        if len(said) == len(voices) and is_reached(said):
            return
        for voice in voices:
            if voice.process.poll() is not None:
                assert voice.process.stderr is not None
                last = voice.process.stderr.read().strip().splitlines() or ["it said nothing"]
                raise ContestantError(f"a worker ended: {last[-1][-300:]}")
        if time.monotonic() > deadline:
            raise ContestantError(f"the workers were not done after {_LIMIT_SECONDS} s")
        time.sleep(_LOOK_SECONDS)


def report(found: dict[int, list[dict[str, Any]]], failure: str | None, records: int) -> Result:
    """Say what the runs brought.

    Parameters
    ----------
    found
        Runs by number of workers, round by round.
    failure
        Why there are not all of them.
    records
        Of the log.
    """
    result = Result(
        "workers",
        f"raw pgaudit jsonlog in, findings out, {records:,} records",
        "records a second by the clock : one worker's",
        raw={"runs": {str(workers): runs for workers, runs in found.items()}},
    )
    one = [run["records_per_second"] for run in found[1]]
    for workers, runs in found.items():
        row = Row(f"{workers} worker{'s' if workers > 1 else ''}", failure=failure or (None if runs else "did not run"))
        if row.failure is None:
            rates = [run["records_per_second"] for run in runs]
            row.ratio = paired_ratio(rates, one)
            row.cells = {"records/s": number(spread(rates).median), "range": range_of(spread(rates))}
            row.cells["CPU us/record"] = number(spread([run["cpu_us_per_record"] for run in runs]).median)
            row.cells["cores, workers"] = f"{spread([run['worker_cores'] for run in runs]).median:.2f}"
            broker = [run["broker_cores"] for run in runs if run["broker_cores"] is not None]
            row.cells["cores, broker"] = f"{spread(broker).median:.2f}" if broker else "not known"
            row.cells["cores, idle"] = f"{spread([run['idle_cores'] for run in runs]).median:.2f}"
            shares = [f"{spread([run[of] for run in runs]).median:.0%}" for of in BUSIER]
            row.cells["busier worker's share of CPU, activities"] = ", ".join(shares)
        result.rows.append(row)
    if failure is None and found[2]:
        if all(run["broker_cores"] is not None for run in found[2]):
            result.notes.append(_bound(found))
        result.notes.append(_parts(found))
    return result


def _bound(found: dict[int, list[dict[str, Any]]]) -> str:
    """Say what two workers can reach beside the broker, which runs on the same cores."""
    cores = os.cpu_count() or 1
    left = cores - spread([run["broker_cores"] for run in found[2]]).median
    most = min(2.0, left / spread([run["worker_cores"] for run in found[1]]).median)
    share = 1 - left / cores
    return (
        f"the broker took {share:.0%} of the {cores} cores while two workers ran: the {left:.2f} that it left are "
        f"at most {most:.2f} times what one worker used, and the clock cannot show more than that"
    )


def _parts(found: dict[int, list[dict[str, Any]]]) -> str:
    """Take the ratio apart: what two workers had of the cores, and what a record cost them."""
    cores, cost = (
        paired_ratio([run[of] for run in found[2]], [run[of] for run in found[1]])
        for of in ("worker_cores", "cpu_us_per_record")
    )
    return (
        f"two workers had {cores.median:.2f} times the cores that one had, and a record took {cost.median:.2f} "
        f"({cost.lowest:.2f} to {cost.highest:.2f}) times the CPU: all above 1 is what it costs to share the machine, a "
        "range around 1 is a machine whose speed changes"
    )
