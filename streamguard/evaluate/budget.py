"""False cases and what they cost: counted at a threshold, and the threshold for a number of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from streamguard.evaluate.scene import CASE_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.evaluate.ladder import Ladder
    from streamguard.evaluate.scene import Scene


class Judged(NamedTuple):
    """What one detector said of one world."""

    scene: Scene
    ladder: Ladder


def false_alerts(judged: Judged, threshold: float) -> Ladder:
    """Return the alerts on clean employee-days."""
    alerts = judged.ladder.alerts(threshold)
    return alerts.where(judged.scene.clean[alerts.employees, alerts.days])


def false_cases(judged: Judged, threshold: float) -> int:
    """Return how many cases the alerts on clean employee-days are.

    A case begins with the first alert of an employee; alerts of that employee less than 72 hours later join it.
    """
    alerts = false_alerts(judged, threshold)
    cases, employee, until_ms = 0, -1, 0
    for who, time_ms in zip(alerts.employees.tolist(), alerts.times_ms.tolist(), strict=True):
        if who != employee or time_ms >= until_ms:
            employee, until_ms = who, time_ms + CASE_MS
            cases += 1
    return cases


def false_per_1000(worlds: Sequence[Judged], threshold: float) -> float:
    """Return false cases per 1000 calendar employee-days over several worlds; 0 where no day counts."""
    days = sum(judged.scene.employee_days for judged in worlds)
    return 1000.0 * sum(false_cases(judged, threshold) for judged in worlds) / days if days else 0.0


def fit_threshold(worlds: Sequence[Judged], budget_per_1000: float) -> float:
    """Return the lowest threshold that keeps a budget on these very worlds.

    It is more than fair to a detector: nobody knows it before the worlds are over. Only values that are the largest of
    some clean day come into question, for an alert must exceed the threshold. Of days that tie, either all alert or
    none; what is left of the budget by ties is lost, as it would be in a security operations centre.

    Notes
    -----
    Cases become more as the threshold falls, with rare exceptions: an alert that comes earlier in the day can join a
    case that it would have been too late for. The search goes by halves as if there were none; the budget is kept
    whether or not.
    """
    allowed = budget_per_1000 / 1000.0 * sum(judged.scene.employee_days for judged in worlds)
    floor = max(judged.ladder.floor for judged in worlds)
    tops = np.concatenate([_clean(judged).tops() for judged in worlds])
    candidates = np.unique(np.append(tops[tops > floor], floor))[::-1]
    kept, lost = 0, len(candidates)
    while kept + 1 < lost:
        middle = (kept + lost) // 2
        if sum(false_cases(judged, candidates[middle]) for judged in worlds) <= allowed:
            kept = middle
        else:
            lost = middle
    return float(candidates[kept])


def _clean(judged: Judged) -> Ladder:
    ladder = judged.ladder
    return ladder.where(judged.scene.clean[ladder.employees, ladder.days])
