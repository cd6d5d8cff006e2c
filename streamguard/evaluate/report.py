"""From what detectors made of worlds to the numbers that are compared."""

from __future__ import annotations

from statistics import fmean, median
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from streamguard.detect.clock import HOUR_MS
from streamguard.evaluate.budget import Judged, false_per_1000, fit_threshold
from streamguard.evaluate.judge import BUDGETS
from streamguard.evaluate.outcome import Outcome, outcomes
from streamguard.evaluate.spread import Estimate, estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamguard.evaluate.judge import WorldResult
    from streamguard.evaluate.trial import TrialResult


class ScenarioReport(msgspec.Struct, frozen=True, kw_only=True):
    """One detector on all attacks of one kind; everything by budget but the totals.

    Attributes
    ----------
    attacks
        How many.
    recall
        Share of them that was found.
    records_before_alert, people_before_alert
        Median of what was taken up to and including the alerting statement; of an attack that was not found: all.
        Budgets are missing where nobody knows the people.
    delay_hours
        Median over those found, in event time since the first statement; budgets at which none was found are missing.
    records, people
        Median of everything taken.
    """

    attacks: int
    recall: dict[str, float]
    records_before_alert: dict[str, float]
    people_before_alert: dict[str, float]
    delay_hours: dict[str, float]
    records: float
    people: float | None


class RuleReport(msgspec.Struct, frozen=True, kw_only=True):
    """A published rule at its own threshold."""

    threshold: float
    recall: Estimate | None
    share_of_haul: Estimate | None
    false_cases_per_1000: float


class StateReport(msgspec.Struct, frozen=True, kw_only=True):
    """Encoded bytes of one employee's state at the end of a world."""

    mean: float
    p99: float
    largest: int


class DetectorReport(msgspec.Struct, frozen=True, kw_only=True):
    """One detector over all worlds; what is by budget has the keys of `budget_key`.

    Attributes
    ----------
    judged
        ``nominal``: at the thresholds that the detector itself says are the budget. ``fitted``: at the lowest ones that
        keep the budget on these very worlds, which nobody could know before.
    thresholds
        Those, exceeded by alerts.
    recall, share_of_haul
        Of all attacks: share found, and mean share of the records taken up to and including the alerting statement,
        where an attack that was not found counts as 1.
    false_cases_per_1000
        Real false cases on the clean employee-days of these worlds.
    false_cases_on_clean_streams
        The same thresholds on worlds without attacks; empty without such worlds.
    scenarios
        By kind of attack.
    published
        At thresholds of its own, by their names.
    cpu_us_per_activity
        Process time per activity that touched personal data.
    bytes_per_employee
        None where the detector cannot say.
    """

    judged: str
    thresholds: dict[str, float]
    recall: dict[str, Estimate]
    share_of_haul: dict[str, Estimate]
    false_cases_per_1000: dict[str, float]
    false_cases_on_clean_streams: dict[str, Estimate]
    scenarios: dict[str, ScenarioReport]
    published: dict[str, RuleReport]
    cpu_us_per_activity: float
    bytes_per_employee: StateReport | None


def budget_key(budget_per_1000: float) -> str:
    """Return how a budget is written: without needless zeros."""
    return f"{budget_per_1000:g}"


def detector_reports(
    worlds: Sequence[WorldResult], clean: Sequence[WorldResult] = (), budgets: Sequence[float] = BUDGETS
) -> dict[str, DetectorReport]:
    """Return a report per detector, in the order of the detectors.

    Parameters
    ----------
    worlds
        With attacks; at least one.
    clean
        Without.
    budgets
        False cases per 1000 employee-days.
    """
    return {trial.name: _report(trial.name, worlds, clean, budgets) for trial in worlds[0].trials}


def judged_by(name: str, worlds: Sequence[WorldResult]) -> list[Judged]:
    """Return what a detector said of each world, of those it was asked about."""
    return [judged for world in worlds if (judged := world.judged(name)) is not None]


def threshold_of(name: str, worlds: Sequence[WorldResult], budget_per_1000: float) -> float:
    """Return where a detector is judged: where it says itself, else where it keeps the budget on these worlds."""
    levels = _trials(name, worlds)[0].levels
    return levels[budget_per_1000] if levels else fit_threshold(judged_by(name, worlds), budget_per_1000)


def _trials(name: str, worlds: Sequence[WorldResult]) -> list[TrialResult]:
    return [trial for world in worlds for trial in world.trials if trial.name == name]


def _report(
    name: str, worlds: Sequence[WorldResult], clean: Sequence[WorldResult], budgets: Sequence[float]
) -> DetectorReport:
    trials, judged, quiet = _trials(name, worlds), judged_by(name, worlds), judged_by(name, clean)
    thresholds = {budget_key(budget): threshold_of(name, worlds, budget) for budget in budgets}
    found = {key: [outcomes(one, threshold) for one in judged] for key, threshold in thresholds.items()}
    attacked = {key: [each for each in by_world if each] for key, by_world in found.items()}
    return DetectorReport(
        judged="nominal" if trials[0].levels else "fitted",
        thresholds=thresholds,
        recall=_estimates(attacked, lambda each: float(each.found)),
        share_of_haul=_estimates(attacked, lambda each: each.share),
        false_cases_per_1000={key: false_per_1000(judged, threshold) for key, threshold in thresholds.items()},
        false_cases_on_clean_streams={
            key: spread
            for key, threshold in thresholds.items()
            if (spread := estimate([false_per_1000([one], threshold) for one in quiet])) is not None
        },
        scenarios=_scenarios({key: [each for one in by_world for each in one] for key, by_world in found.items()}),
        published={rule: _rule(threshold, judged) for rule, threshold in trials[0].thresholds.items()},
        cpu_us_per_activity=sum(t.cpu_ns for t in trials) / 1000.0 / max(1, sum(t.activities for t in trials)),
        bytes_per_employee=_state(trials),
    )


def _estimates(found: dict[str, list[list[Outcome]]], value: Callable[[Outcome], float]) -> dict[str, Estimate]:
    spreads = {key: estimate([fmean(map(value, one)) for one in by_world]) for key, by_world in found.items()}
    return {key: spread for key, spread in spreads.items() if spread is not None}


def _rule(threshold: float, judged: Sequence[Judged]) -> RuleReport:
    found = [each for one in judged if (each := outcomes(one, threshold))]
    return RuleReport(
        threshold=threshold,
        recall=estimate([fmean(one.found for one in world) for world in found]),
        share_of_haul=estimate([fmean(one.share for one in world) for world in found]),
        false_cases_per_1000=false_per_1000(judged, threshold),
    )


def _scenarios(found: dict[str, list[Outcome]]) -> dict[str, ScenarioReport]:
    names = sorted({each.scenario for by_budget in found.values() for each in by_budget})
    return {
        name: _scenario({key: [each for each in one if each.scenario == name] for key, one in found.items()})
        for name in names
    }


def _scenario(found: dict[str, list[Outcome]]) -> ScenarioReport:
    attacks = next(iter(found.values()))
    people = [each.all_people for each in attacks if each.all_people is not None]
    taken = {key: [each.people for each in one if each.people is not None] for key, one in found.items()}
    delays = {key: [each.delay_ms for each in one if each.delay_ms is not None] for key, one in found.items()}
    return ScenarioReport(
        attacks=len(attacks),
        recall={key: fmean(each.found for each in one) for key, one in found.items()},
        records_before_alert={key: median(each.rows for each in one) for key, one in found.items()},
        people_before_alert={key: median(one) for key, one in taken.items() if one},
        delay_hours={key: median(one) / HOUR_MS for key, one in delays.items() if one},
        records=median(each.all_rows for each in attacks),
        people=median(people) if people else None,
    )


def _state(trials: Sequence[TrialResult]) -> StateReport | None:
    sizes = [size for trial in trials for size in trial.employee_bytes or ()]
    if not sizes:
        return None
    return StateReport(mean=fmean(sizes), p99=float(np.quantile(sizes, 0.99)), largest=max(sizes))
