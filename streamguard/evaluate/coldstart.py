"""New hires: how often they are told of wrongly while they have no past, and whether a theft of theirs is seen."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from streamguard.evaluate.budget import false_alerts
from streamguard.evaluate.outcome import outcomes
from streamguard.evaluate.report import judged_by, threshold_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.evaluate.arrays import Flags
    from streamguard.evaluate.judge import WorldResult
    from streamguard.evaluate.scene import Scene

BUDGET: Final = 5.0
DAYS: Final = (1, 2, 4, 8)
"""Active days of a new hire that thefts are counted by."""
_NEW, _YOUNG = 5, 15


class HirePoint(msgspec.Struct, frozen=True, kw_only=True):
    """One detector on thefts by new hires: one export of a multiple of the role's median day, at the budget of 5."""

    active_day: int
    """The hire's active day on which it was, from 1, or one of those before the next of `DAYS`: a simulated hire who is
    on call at night has had more active days than days at work."""
    strength: float
    """The multiple."""
    attacks: int
    found: float
    """Share of them that was found."""


class ColdStart(msgspec.Struct, frozen=True, kw_only=True):
    """One detector on new hires, at the budget of 5.

    Attributes
    ----------
    false_alert_days_per_1000
        Per 1000 *active* clean employee-days: of new hires in their active days 1-5 and 6-15, and of everybody else.
    exports
        Thefts by new hires.
    """

    false_alert_days_per_1000: dict[str, float]
    exports: list[HirePoint]


def cold_start(worlds: Sequence[WorldResult], hires: Sequence[WorldResult]) -> dict[str, ColdStart]:
    """Return the numbers of every detector.

    Parameters
    ----------
    worlds
        In which everybody's clean days are looked at, and thresholds fitted where they are.
    hires
        In which new hires steal.
    """
    found = {}
    for trial in worlds[0].trials if worlds else ():
        threshold = threshold_of(trial.name, worlds, BUDGET)
        found[trial.name] = ColdStart(
            false_alert_days_per_1000=_false_days(trial.name, worlds, threshold),
            exports=_exports(trial.name, hires, threshold),
        )
    return found


def _ages(scene: Scene) -> dict[str, Flags]:
    """Return the clean active employee-days by how new the employee was."""
    active = scene.clean & (scene.ages > 0)
    hired = scene.hired[:, np.newaxis]
    return {
        "1-5": active & hired & (scene.ages <= _NEW),
        "6-15": active & hired & (scene.ages > _NEW) & (scene.ages <= _YOUNG),
        "established": active & ~(hired & (scene.ages <= _YOUNG)),
    }


def _false_days(name: str, worlds: Sequence[WorldResult], threshold: float) -> dict[str, float]:
    days: dict[str, int] = {}
    told: dict[str, int] = {}
    for judged in judged_by(name, worlds):
        alerts = false_alerts(judged, threshold)
        for age, where in _ages(judged.scene).items():
            days[age] = days.get(age, 0) + int(where.sum())
            told[age] = told.get(age, 0) + int(where[alerts.employees, alerts.days].sum())
    return {age: 1000.0 * told[age] / count for age, count in days.items() if count}


def _exports(name: str, hires: Sequence[WorldResult], threshold: float) -> list[HirePoint]:
    found = [each for judged in judged_by(name, hires) for each in outcomes(judged, threshold)]
    by_kind: dict[tuple[int, float], list[bool]] = {}
    for each in found:
        active_day = max(day for day in DAYS if day <= max(1.0, each.active_day))
        by_kind.setdefault((active_day, each.strength or 0.0), []).append(each.found)
    return [
        HirePoint(active_day=active_day, strength=strength, attacks=len(these), found=fmean(these))
        for (active_day, strength), these in sorted(by_kind.items())
    ]
