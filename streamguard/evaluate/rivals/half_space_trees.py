"""river's ``HalfSpaceTrees``, one forest per peer group, over the same evidence that StreamGuard's channels have.

Source: Tan, Ting, Liu, "Fast Anomaly Detection for Streaming Data", IJCAI 2011, with its 25 trees and windows of 250;
river 0.26, ``river.anomaly.HalfSpaceTrees``. Features are squeezed into 0 to 1, which the trees expect.
"""

from __future__ import annotations

from math import atan, pi
from typing import TYPE_CHECKING

from river import anomaly

from streamguard.evaluate.rivals.features import Features

if TYPE_CHECKING:
    from streamguard.activity import Exposure

_TREES = 25
_HEIGHT = 8
_WINDOW = 250
_SEED = 7


class HalfSpaceTrees:
    """How thinly populated the space is where a statement lies, among its peer group's."""

    name = "river_half_space_trees"

    def __init__(self) -> None:
        self._features = Features()
        self._models: dict[str, anomaly.HalfSpaceTrees] = {}

    def observe(self, exposure: Exposure) -> float:
        """Score a statement by what was learned before it, then learn it; 0 in the first window."""
        features = {name: 0.5 + atan(0.5 * value) / pi for name, value in self._features.of(exposure).items()}
        model = self._models.get(exposure.peer_group)
        if model is None:
            model = self._models[exposure.peer_group] = anomaly.HalfSpaceTrees(
                n_trees=_TREES, height=_HEIGHT, window_size=_WINDOW, seed=_SEED
            )
        score = float(model.score_one(features))
        model.learn_one(features)
        return score

    def employee_bytes(self) -> list[int]:
        """Return the size of what the features remember of each employee; the forests are the groups'."""
        return self._features.sizes()
