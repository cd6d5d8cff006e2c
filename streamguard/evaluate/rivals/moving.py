"""An exponentially weighted mean and variance, as the rivals that learn by days use it."""

from __future__ import annotations

from math import sqrt
from typing import Final

import msgspec

ALPHA: Final = 0.1
"""Weight of the newest value: a value counts half after a week of work."""
_LEAST_DEVIATION: Final = 0.15
"""Of ln(1 + rows): nobody's days are more alike than within 15 %."""


class Moving(msgspec.Struct):
    """Mean and variance that forget (Finch, "Incremental calculation of weighted mean and variance", 2009).

    The first values weigh the same each, so the very first one is not believed for weeks.
    """

    count: int = 0
    mean: float = 0.0
    variance: float = 0.0

    def learn(self, x: float) -> None:
        """Take in a value."""
        self.count += 1
        alpha = max(ALPHA, 1.0 / self.count)
        difference = x - self.mean
        self.mean += alpha * difference
        self.variance = (1.0 - alpha) * (self.variance + alpha * difference * difference)

    def deviations(self, x: float) -> float:
        """Return by how many standard deviations a value is above the mean."""
        return (x - self.mean) / max(sqrt(self.variance), _LEAST_DEVIATION)
