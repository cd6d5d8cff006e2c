"""river's ``LODA``, one per peer group, over the same evidence that StreamGuard's channels have.

Source: Pevny, "Loda: Lightweight on-line detector of anomalies", Machine Learning 102 (2016); river 0.26,
``river.anomaly.LODA``. A quarter of its default number of projections: it is no worse, and four times faster.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from river import anomaly

from streamguard.evaluate.rivals.features import Features

if TYPE_CHECKING:
    from streamguard.activity import Exposure

_CUTS = 25
_SEED = 7


class Loda:
    """Mean surprise of a statement's projections, among its peer group's."""

    name = "river_loda"

    def __init__(self) -> None:
        self._features = Features()
        self._models: dict[str, anomaly.LODA] = {}

    def observe(self, exposure: Exposure) -> float:
        """Score a statement by what was learned before it, then learn it."""
        features = self._features.of(exposure)
        model = self._models.get(exposure.peer_group)
        if model is None:
            model = self._models[exposure.peer_group] = anomaly.LODA(n_bins=10, n_random_cuts=_CUTS, seed=_SEED)
        score = float(model.score_one(features))
        model.learn_one(features)
        return score

    def employee_bytes(self) -> list[int]:
        """Return the size of what the features remember of each employee; the models are the groups'."""
        return self._features.sizes()
