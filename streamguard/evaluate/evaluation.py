"""The whole evaluation: which worlds are judged by whom, and the numbers that come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.evaluate.coldstart import ColdStart, cold_start
from streamguard.evaluate.detectors import is_calibrated
from streamguard.evaluate.judge import BUDGETS, WorldResult
from streamguard.evaluate.poisoning import PoisonPoint, poisoning
from streamguard.evaluate.report import DetectorReport, budget_key, detector_reports
from streamguard.evaluate.run import Source, Task, run_tasks
from streamguard.exposure import ExposureConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FORMAT_VERSION: Final = 1
POISONED: Final = ("streamguard", "k_sigma")
"""Detectors whose poisoning curve is drawn, if they are compared: ours and the one that everybody has."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is evaluated.

    Attributes
    ----------
    worlds
        With attacks.
    clean
        Without; judged by the detectors that say themselves where a budget lies.
    poisoned
        With frogs and drips; judged by `POISONED` and by whatever is not built in.
    hires
        In which new hires steal; judged like the clean ones.
    detectors
        Names.
    exposure
        Of the exposure room.
    seeds, purpose
        Of the simulated worlds with attacks; what they are good for, see `streamguard.evaluate.seeds.purpose`.
    """

    worlds: tuple[Source, ...]
    clean: tuple[Source, ...] = ()
    poisoned: tuple[Source, ...] = ()
    hires: tuple[Source, ...] = ()
    detectors: tuple[str, ...]
    exposure: ExposureConfig = ExposureConfig()
    seeds: tuple[int, ...] = ()
    purpose: str = "other"


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """What came out; as JSON the output of ``streamguard evaluate --json``.

    Attributes
    ----------
    version
        Of this format.
    seeds, purpose
        Of the simulated worlds with attacks; ``report``: nothing was tuned on them, ``tuning``: the detector was, or
        ``other``.
    worlds, clean_worlds
        Their names.
    shard_size
        Employees per peer shard, at most.
    budgets
        Keys of everything that is by budget: false cases per 1000 employee-days.
    attacks
        How many, in the worlds with attacks.
    employee_days
        Clean calendar employee-days in them: the denominator of false cases.
    activities
        Statements in them that touched personal data.
    rejected
        Audit records that nobody understood, in all worlds.
    detectors, poisoning, cold_start
        By detector.
    """

    version: int
    seeds: tuple[int, ...]
    purpose: str
    worlds: tuple[str, ...]
    clean_worlds: tuple[str, ...]
    shard_size: int
    budgets: tuple[str, ...]
    attacks: int
    employee_days: int
    activities: int
    rejected: int
    detectors: dict[str, DetectorReport]
    poisoning: dict[str, list[PoisonPoint]]
    cold_start: dict[str, ColdStart]


def tasks_of(plan: Plan) -> list[Task]:
    """Return what is to be done, in the order in which `evaluate` expects the results."""
    calibrated = tuple(name for name in plan.detectors if is_calibrated(name))
    curve = tuple(name for name in plan.detectors if name in POISONED or ":" in name)
    wanted = (
        (plan.worlds, plan.detectors),
        (plan.clean, calibrated),
        (plan.poisoned, curve),
        (plan.hires, calibrated),
    )
    return [Task(source, names, plan.exposure) for sources, names in wanted if names for source in sources]


def evaluate(
    plan: Plan, processes: int = 1, progress: Callable[[int, int | None], None] = lambda _place, _records: None
) -> Evaluation:
    """Judge all worlds and return the numbers.

    Parameters
    ----------
    plan
        What is evaluated.
    processes
        How many worlds at a time.
    progress
        See `streamguard.evaluate.run.run_tasks`; places are those in `tasks_of`.
    """
    tasks = tasks_of(plan)
    results = dict(zip((task.source for task in tasks), run_tasks(tasks, processes, progress), strict=True))

    def of(sources: Sequence[Source]) -> list[WorldResult]:
        return [results[source] for source in sources if source in results]

    worlds, clean = of(plan.worlds), of(plan.clean)
    return Evaluation(
        version=FORMAT_VERSION,
        seeds=plan.seeds,
        purpose=plan.purpose,
        worlds=tuple(source.name for source in plan.worlds),
        clean_worlds=tuple(source.name for source in plan.clean),
        shard_size=plan.exposure.shard_size,
        budgets=tuple(map(budget_key, BUDGETS)),
        attacks=sum(len(world.scene.hauls) for world in worlds),
        employee_days=sum(world.scene.employee_days for world in worlds),
        activities=sum(world.trials[0].activities for world in worlds),
        rejected=sum(result.rejected for result in results.values()),
        detectors=detector_reports(worlds, clean),
        poisoning=poisoning(of(plan.poisoned)),
        cold_start=cold_start(clean or worlds, of(plan.hires)),
    )
