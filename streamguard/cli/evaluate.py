"""``streamguard evaluate``: detectors against worlds whose attacks are known."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import orjson
import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from streamguard.cli.evaluation_tables import show
from streamguard.cli.output import console, errors, fail
from streamguard.cli.wiring import refuse
from streamguard.cli.worlds import RecordedWorld, SimulatedWorld
from streamguard.evaluate import (
    ALL,
    REPORT_CLEAN_SEEDS,
    REPORT_SEEDS,
    Plan,
    UnknownDetectorError,
    evaluate,
    parse_seeds,
    purpose,
    resolve,
    tasks_of,
)
from streamguard.exposure import ExposureConfig
from streamguard.located import ConfigurationError
from streamguard.simulate import Scenario, WorldConfig, clean, cold_start, poisoned

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamguard.evaluate import Evaluation

FROGS = (1.05, 1.1, 1.2, 1.5, 2.0)
DRIPS = (0.5, 1.0, 2.0, 4.0)
ATTACKERS = 12
"""Who poisons at a time: few enough that their peers stay what they are."""
POISON_WORLDS = 3
HIRE_STRENGTHS = (10.0, 50.0)
HIRE_DAYS = (2, 4, 8)


def evaluation(
    seeds: Annotated[str | None, typer.Option(help="Simulated worlds, such as 1-12.")] = None,
    clean_seeds: Annotated[str | None, typer.Option(help="Simulated worlds without attacks.")] = None,
    world: Annotated[list[Path] | None, typer.Option(help="A recorded world; repeat it.")] = None,
    detector: Annotated[
        list[str] | None, typer.Option(help="Name, module:Class, or all; repeat it.", show_default="all")
    ] = None,
    poisoning: Annotated[bool, typer.Option("--poisoning", help="Also frogs and drips of several strengths.")] = False,
    cold: Annotated[bool, typer.Option("--cold-start", help="Also thefts by new hires.")] = False,
    directory: Annotated[bool, typer.Option(help="Tell the detectors who is who.")] = True,
    shard_size: Annotated[int, typer.Option(min=1, help="Employees per peer shard, at most.")] = 500,
    days: Annotated[int, typer.Option(min=22, help="Days of a simulated world.")] = 60,
    people: Annotated[int | None, typer.Option(min=7, help="About so many accounts in a simulated world.")] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Worlds at a time.")] = 1,
    plots: Annotated[Path | None, typer.Option(help="Directory for plots, PNG and SVG.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Everything as one JSON object.")] = False,
) -> None:
    """Compare detectors at the same budget of false cases: what they find, and what is gone by then.

    Without --seeds and --world: the seeds for reporting, which nothing was tuned on.
    """
    config = WorldConfig(days=days)
    if people is not None:
        config = msgspec.structs.replace(config, headcount=config.headcount.scaled(people))
    plan = _plan(config, seeds, clean_seeds, world or [], detector or [ALL], directory=directory)
    plan = msgspec.structs.replace(
        plan,
        poisoned=_poisoned(config, plan, directory=directory) if poisoning else (),
        hires=_hires(config, plan, directory=directory) if cold else (),
        exposure=ExposureConfig(shard_size=shard_size),
    )
    draw = _plotter() if plots is not None else None
    try:
        found = _run(plan, jobs)
    except ConfigurationError as error:
        refuse(error)
    if json:
        sys.stdout.buffer.write(orjson.dumps(msgspec.to_builtins(found), option=orjson.OPT_APPEND_NEWLINE))
    else:
        show(found, console)
    if draw is not None and plots is not None:
        for path in draw(found, plots):
            errors.print(f"{path} written", highlight=False, markup=False)


def _plan(
    config: WorldConfig,
    seeds: str | None,
    clean_seeds: str | None,
    directories: list[Path],
    detectors: list[str],
    *,
    directory: bool,
) -> Plan:
    """Return what the command line means, or end the command."""
    is_default = seeds is None and not directories
    try:
        with_attacks = REPORT_SEEDS if is_default else parse_seeds(seeds) if seeds is not None else ()
        without = REPORT_CLEAN_SEEDS if is_default else ()
        if clean_seeds is not None:
            without = parse_seeds(clean_seeds)
        names = resolve(detectors)
    except (ValueError, UnknownDetectorError) as error:
        fail(str(error))
    recorded = [RecordedWorld(path, directory) for path in directories]
    simulated = [_simulated(config, seed, "", directory=directory) for seed in with_attacks]
    return Plan(
        worlds=(*recorded, *simulated),
        clean=tuple(_simulated(clean(config), seed, " without attacks", directory=directory) for seed in without),
        seeds=with_attacks,
        purpose=purpose((*with_attacks, *without)),
        detectors=names,
    )


def _simulated(config: WorldConfig, seed: int, what: str, *, directory: bool) -> SimulatedWorld:
    return SimulatedWorld(f"seed {seed}{what}", msgspec.structs.replace(config, seed=seed), directory)


def _poisoned(config: WorldConfig, plan: Plan, *, directory: bool) -> tuple[SimulatedWorld, ...]:
    kinds = [(Scenario.BOILING_FROG, strength) for strength in FROGS]
    kinds += [(Scenario.DRIP, strength) for strength in DRIPS]
    return tuple(
        _simulated(poisoned(config, kind, strength, ATTACKERS), seed, f" {kind} x{strength:g}", directory=directory)
        for kind, strength in kinds
        for seed in plan.seeds[:POISON_WORLDS]
    )


def _hires(config: WorldConfig, plan: Plan, *, directory: bool) -> tuple[SimulatedWorld, ...]:
    return tuple(
        _simulated(cold_start(config, strength, day), seed, f" new hires x{strength:g} day {day}", directory=directory)
        for strength in HIRE_STRENGTHS
        for day in HIRE_DAYS
        for seed in plan.seeds[:POISON_WORLDS]
    )


def _run(plan: Plan, jobs: int) -> Evaluation:
    tasks = tasks_of(plan)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[records]}"))
    times = (TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, *times, console=errors, transient=True) as progress:
        bar = progress.add_task("worlds", total=len(tasks), records="")
        return evaluate(plan, jobs, _watch(progress, bar, [task.source.name for task in tasks]))


def _watch(progress: Progress, bar: TaskID, names: list[str]) -> Callable[[int, int | None], None]:
    total = [0] * len(names)
    done = 0

    def told(place: int, records: int | None) -> None:
        nonlocal done
        if records is None:
            done += 1
        else:
            total[place] = records
        progress.update(bar, completed=done, description=names[place], records=f"{sum(total):,} records")

    return told


def _plotter() -> Callable[[Evaluation, Path], list[Path]]:
    """Return what draws, before hours are spent on what cannot be drawn."""
    try:
        from streamguard.evaluate.plots import draw  # noqa: PLC0415 - an extra
    except ImportError:
        fail("plots need matplotlib: pip install 'streamguard[plots]'")
    return draw
