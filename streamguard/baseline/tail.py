"""How surprising a value is among the pooled days of a peer group, in nats.

One employee has some forty days in memory, far too few for a tail; but residuals are standardised, so the
days of all peers are exchangeable and thousands of them give quantiles that hold (the idea of SPOT, Siffer et
al., KDD 2017, with an exponential tail and pooled over the group).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

LN5: Final = log(5.0)
LN4: Final = log(4.0)
PRIOR_DAYS: Final = 150.0
# Only quantiles up to q95 are read, so what is farther out may share the last bin: this bounds the entry.
_LOWEST_BIN: Final = -60
_HIGHEST_BIN: Final = 600
_NARROWEST: Final = 3.0


@dataclass(frozen=True)
class Tail:
    """Three quantiles and the surprise they imply. Unit: tenths (of a standard deviation, of a nat)."""

    q50: float
    q80: float
    q95: float

    def surprise(self, tenths: float) -> float:
        """Return -ln P(a benign day reaches ``tenths``), 0 below the median.

        Piecewise linear, exact at the three quantiles, exponential beyond: q80 gives ln 5, q95 gives ln 20.
        It rises with ``tenths`` and is finite for every finite input.
        """
        q80 = self.q80
        if tenths > q80:
            return LN5 + (tenths - q80) * LN4 / (self.q95 - q80)
        q50 = self.q50
        return LN5 * (tenths - q50) / (q80 - q50) if tenths > q50 else 0.0


def tail_bin(tenths: float) -> int:
    """Return the bin of a value."""
    return min(max(floor(tenths), _LOWEST_BIN), _HIGHEST_BIN)


def trust_in(days: float) -> float:
    """Return the weight of so many days against the prior, 0 to 1."""
    return days / (days + PRIOR_DAYS)


def fit_tail(bins: Sequence[tuple[int, float]], prior: Tail) -> Tail:
    """Return the quantiles of the days in the bins, shrunk to ``prior``, which weighs as much as 150 days.

    The prior is chosen wide, so that few data make the detector calm and not loud.
    """
    if not bins:
        return prior
    trust = trust_in(sum([days for _, days in bins]))
    ours = quantiles(bins)
    q50 = trust * ours[0] + (1.0 - trust) * prior.q50
    q80 = max(trust * ours[1] + (1.0 - trust) * prior.q80, q50 + _NARROWEST)
    q95 = max(trust * ours[2] + (1.0 - trust) * prior.q95, q80 + _NARROWEST)
    return Tail(q50, q80, q95)


def quantiles(bins: Sequence[tuple[int, float]]) -> list[float]:
    """Return the 50, 80 and 95 % quantiles, read within a bin."""
    total = sum([days for _, days in bins])
    found: list[float] = []
    below = 0.0
    wanted = [0.5, 0.8, 0.95]
    for place, days in bins:
        while wanted and below + days >= wanted[0] * total:
            found.append(place + (wanted.pop(0) * total - below) / days)
        below += days
    # Rounding may leave the last quantile a hair above the sum: it is then the upper edge.
    found.extend(bins[-1][0] + 1.0 for _ in wanted)
    return found
