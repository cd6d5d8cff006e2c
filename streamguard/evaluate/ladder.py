"""How strange one detector found each employee-day, in steps: all that any threshold needs to know."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from streamguard.evaluate.arrays import Numbers, Reals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.evaluate.arrays import Flags
    from streamguard.evaluate.scene import SceneBuilder


class Ladder(msgspec.Struct, frozen=True, kw_only=True):
    """The rises of every employee-day's largest score so far, ordered by employee, day and time.

    Attributes
    ----------
    employees, days
        Numbers, see `streamguard.evaluate.scene.Scene`.
    positions
        Of the statement that made the score rise, among all judged ones.
    times_ms
        Its event time.
    scores
        The score from then on; ascending within an employee-day.
    floor
        Rises to no more than this were dropped: lower thresholds cannot be asked for.
    """

    employees: Numbers
    days: Numbers
    positions: Numbers
    times_ms: Numbers
    scores: Reals
    floor: float = 0.0

    def above(self, threshold: float) -> Ladder:
        """Return the rises to more than a threshold."""
        return self.where(self.scores > threshold)

    def where(self, chosen: Flags) -> Ladder:
        """Return some of the rises."""
        return Ladder(
            employees=self.employees[chosen],
            days=self.days[chosen],
            positions=self.positions[chosen],
            times_ms=self.times_ms[chosen],
            scores=self.scores[chosen],
            floor=self.floor,
        )

    def trimmed(self, floor: float) -> Ladder:
        """Return the ladder without the many low rises that nobody will ask for."""
        return msgspec.structs.replace(self.above(floor), floor=max(floor, self.floor))

    def alerts(self, threshold: float) -> Ladder:
        """Return the first rise of each employee-day to more than a threshold: the alerts. Ties are no alerts."""
        found = self.above(threshold)
        first = np.ones(len(found.scores), dtype=np.bool_)
        first[1:] = (np.diff(found.employees) != 0) | (np.diff(found.days) != 0)
        return found.where(first)

    def tops(self) -> Reals:
        """Return the last, and so the largest, score of each employee-day."""
        last = np.ones(len(self.scores), dtype=np.bool_)
        last[:-1] = (np.diff(self.employees) != 0) | (np.diff(self.days) != 0)
        return self.scores[last]


class LadderBuilder:
    """Keeps the rises of one detector's scores while a world goes by.

    Parameters
    ----------
    scene
        Who is behind each statement, and on which day; it must have taken in what `take` is given.
    from_day
        First day whose rises are kept.
    """

    def __init__(self, scene: SceneBuilder, from_day: int) -> None:
        self._scene = scene
        self._from_day = from_day
        self._tops: dict[int, tuple[int, float]] = {}
        self._taken = 0
        self._positions, self._scores = array("q"), array("d")

    def take(self, scores: Sequence[float]) -> None:
        """Take in the scores of the next statements."""
        employees, days, tops = self._scene.employees, self._scene.days, self._tops
        for position, score in enumerate(scores, self._taken):
            employee, day = employees[position], days[position]
            top_day, top = tops.get(employee, (-1, 0.0))
            # A score of 0 says nothing, and neither does one that is no number.
            if score > (top if day == top_day else 0.0):
                tops[employee] = (day, score)
                if day >= self._from_day:
                    self._positions.append(position)
                    self._scores.append(score)
        self._taken += len(scores)

    def build(self) -> Ladder:
        """Return the ladder, once all is taken in."""
        scene = self._scene
        positions = np.asarray(self._positions, dtype=np.int64)
        employees = np.asarray(scene.employees, dtype=np.int64)[positions]
        days = np.asarray(scene.days, dtype=np.int64)[positions]
        order = np.lexsort((positions, days, employees))
        return Ladder(
            employees=employees[order],
            days=days[order],
            positions=positions[order],
            times_ms=np.asarray(scene.times_ms, dtype=np.int64)[positions][order],
            scores=np.asarray(self._scores, dtype=np.float64)[order],
        )
