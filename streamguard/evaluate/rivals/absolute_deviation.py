"""river's ``StandardAbsoluteDeviation`` of one employee's rows per statement.

Source: river 0.26, ``river.anomaly.StandardAbsoluteDeviation`` (Hochenbaum et al., arXiv 1704.07706); in the logarithm.
"""

from __future__ import annotations

from math import log1p
from typing import TYPE_CHECKING

from river import anomaly

if TYPE_CHECKING:
    from streamguard.activity import Exposure

_STATE_BYTES = 2 * 3 * 8
"""A mean and a variance, three numbers each."""


class AbsoluteDeviation:
    """Standard deviations between a statement's rows and the employee's usual ones, above or below."""

    name = "river_sad"

    def __init__(self) -> None:
        self._models: dict[str, anomaly.StandardAbsoluteDeviation] = {}

    def observe(self, exposure: Exposure) -> float:
        """Score a statement by what was learned before it, then learn it; 0 for uncounted rows."""
        rows = exposure.activity.rows
        if rows is None:
            return 0.0
        model = self._models.get(exposure.employee)
        if model is None:
            model = self._models[exposure.employee] = anomaly.StandardAbsoluteDeviation()
        x = log1p(rows)
        # Before the second value the deviation is 0, and everything would be infinitely far away.
        score = float(model.score_one(None, x)) if model.variance.get() else 0.0
        model.learn_one(None, x)
        return score

    def employee_bytes(self) -> list[int]:
        """Return the size of each employee's model as plain numbers."""
        return [_STATE_BYTES] * len(self._models)
