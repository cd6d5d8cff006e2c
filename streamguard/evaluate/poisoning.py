"""How slowly can a baseline be walked upwards: frogs and drips of several strengths, found or not."""

from __future__ import annotations

from statistics import fmean, median
from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.evaluate.outcome import outcomes
from streamguard.evaluate.report import judged_by, threshold_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.evaluate.judge import WorldResult

BUDGET: Final = 5.0


class PoisonPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One detector against one strength of poisoning, at the budget of 5.

    Attributes
    ----------
    scenario, strength
        ``boiling_frog`` and the factor a day, or ``drip`` and the multiple of the own median day.
    attacks
        How many.
    found
        Share of them that was found.
    own_days_taken, own_days
        Median of what was taken up to and including the alert, and in all, in own median days of the attacker.
    """

    scenario: str
    strength: float
    attacks: int
    found: float
    own_days_taken: float
    own_days: float


def poisoning(worlds: Sequence[WorldResult]) -> dict[str, list[PoisonPoint]]:
    """Return the points of every detector's curve, by scenario and strength.

    Parameters
    ----------
    worlds
        Each with attacks of one or several strengths; fitted thresholds are fitted on all of them together.
    """
    return {trial.name: _curve(trial.name, worlds) for trial in worlds[0].trials} if worlds else {}


def _curve(name: str, worlds: Sequence[WorldResult]) -> list[PoisonPoint]:
    threshold = threshold_of(name, worlds, BUDGET)
    found = [each for judged in judged_by(name, worlds) for each in outcomes(judged, threshold)]
    points = []
    for scenario, strength in sorted({(each.scenario, each.strength or 0.0) for each in found}):
        these = [each for each in found if (each.scenario, each.strength or 0.0) == (scenario, strength)]
        points.append(
            PoisonPoint(
                scenario=scenario,
                strength=strength,
                attacks=len(these),
                found=fmean(each.found for each in these),
                own_days_taken=median(each.own_days for each in these),
                own_days=median(each.all_own_days for each in these),
            )
        )
    return points
