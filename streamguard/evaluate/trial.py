"""One detector on one world: its scores, its time, its size."""

from __future__ import annotations

import gc
from math import inf, nextafter
from time import process_time_ns
from typing import TYPE_CHECKING

import msgspec

from streamguard.detect.scorer import Calibrated, Published, Weighed
from streamguard.evaluate.budget import Judged, fit_threshold
from streamguard.evaluate.ladder import Ladder, LadderBuilder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamguard.detect.scorer import Scorer
    from streamguard.evaluate.exposures import Chunk
    from streamguard.evaluate.scene import Scene, SceneBuilder

MOST_PER_1000 = 50.0
"""Nobody asks for a threshold that lets more false cases through."""


class TrialResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one detector made of one world.

    Attributes
    ----------
    name
        Of the detector.
    ladder
        Its scores.
    levels
        Budget -> threshold, of a detector that says itself where they lie; empty of others.
    thresholds
        Published thresholds by name.
    activities
        How many it judged.
    cpu_ns
        Process time that it took for them: of itself alone.
    employee_bytes
        Encoded state of every employee at the end; None where it cannot say.
    """

    name: str
    ladder: Ladder
    levels: dict[float, float]
    thresholds: dict[str, float]
    activities: int
    cpu_ns: int
    employee_bytes: tuple[int, ...] | None


class Trial:
    """A detector while a world goes by.

    Parameters
    ----------
    scorer
        The detector, new.
    scene
        Takes in each chunk before the detector does.
    from_day
        First day whose scores count.
    budgets
        Those that will be asked for, cases per 1000 employee-days.
    """

    def __init__(self, scorer: Scorer, scene: SceneBuilder, from_day: int, budgets: tuple[float, ...]) -> None:
        self._scorer = scorer
        self._ladder = LadderBuilder(scene, from_day)
        self._budgets = budgets
        self._activities = 0
        self._cpu_ns = 0

    def take(self, chunk: Chunk) -> None:
        """Judge the next exposures."""
        observe = self._scorer.observe
        exposures = chunk.exposures
        # The garbage collector walks through the objects of all detectors at once: its time is nobody's.
        gc.disable()
        began = process_time_ns()
        scores = [observe(exposure) for exposure in exposures]
        self._cpu_ns += process_time_ns() - began
        gc.enable()
        self._activities += len(exposures)
        self._ladder.take(scores)

    def result(self, scene: Scene) -> TrialResult:
        """Return what came out, once all is judged.

        Parameters
        ----------
        scene
            The whole world.
        """
        scorer = self._scorer
        levels = (
            {budget: below(scorer.alert_level(budget)) for budget in self._budgets}
            if isinstance(scorer, Calibrated)
            else {}
        )
        thresholds: Mapping[str, float] = scorer.thresholds if isinstance(scorer, Published) else {}
        ladder = self._ladder.build()
        floor = min([fit_threshold([Judged(scene, ladder)], MOST_PER_1000), *levels.values(), *thresholds.values()])
        return TrialResult(
            name=scorer.name,
            ladder=ladder.trimmed(floor),
            levels=levels,
            thresholds=dict(thresholds),
            activities=self._activities,
            cpu_ns=self._cpu_ns,
            employee_bytes=tuple(scorer.employee_bytes()) if isinstance(scorer, Weighed) else None,
        )


def below(level: float) -> float:
    """Return the largest number below a level: to exceed it is to reach the level."""
    return nextafter(level, -inf)
