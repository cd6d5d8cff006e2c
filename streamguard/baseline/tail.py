"""How surprising a value is among the pooled days of a peer group, in nats.

One employee has some forty days in memory, far too few for a tail; but residuals are standardised, so the
days of all peers are exchangeable and thousands of them give quantiles that hold (the idea of SPOT, Siffer et
al., KDD 2017, with an exponential tail and pooled over the group).
"""

from __future__ import annotations

from math import floor, ldexp, log
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from streamguard.baseline.codec import Reader, Writer

LN5 = log(5.0)
LN4 = log(4.0)
PRIOR_DAYS = 150.0
_HALF_LIFE_COUNT = 1000
_REBASE_COUNT = 32 * _HALF_LIFE_COUNT
# Only quantiles up to q95 are read, so what is farther out may share the last bin: this bounds the entry.
_LOWEST_BIN, _HIGHEST_BIN = -60, 600
_NARROWEST = 3.0


class Tail(msgspec.Struct, frozen=True, gc=False):
    """Three quantiles and the surprise they imply. Unit: tenths (of a standard deviation, of a nat)."""

    q50: float
    q80: float
    q95: float

    def surprise(self, tenths: float) -> float:
        """Return -ln P(a benign day reaches ``tenths``), 0 below the median.

        Piecewise linear, exact at the three quantiles, exponential beyond: q80 gives ln 5, q95 gives ln 20.
        It rises with ``tenths`` and is finite for every finite input.
        """
        if tenths > self.q80:
            return LN5 + (tenths - self.q80) * LN4 / (self.q95 - self.q80)
        return max(0.0, LN5 * (tenths - self.q50) / (self.q80 - self.q50))


class TailHistogram:
    """Decayed histogram of closed employee-days, from which the quantiles of a :class:`Tail` are read.

    A histogram, not :class:`river.stats.RollingQuantile`: that keeps its last 2000 values, 16 KB that would be
    written again for every closed day and replayed value by value at a restore. A histogram with bins of one
    tenth is as good (recall at budget within noise), restores bit for bit, can be merged and takes some 500 B.

    Parameters
    ----------
    prior
        The quantiles believed before any day was seen; they weigh as much as 150 employee-days. It is
        chosen wide, so that few data make the detector calm and not loud.

    Notes
    -----
    Forgetting goes by count, not by time: a bin's weight halves every 1000 employee-days.
    """

    __slots__ = ("_bins", "_count", "_origin", "_tail", "dirty", "prior", "version")

    def __init__(self, prior: Tail) -> None:
        self.prior = prior
        self.dirty = False
        self.version = 0
        """Grows with every day taken in; not part of the state."""
        self._bins: dict[int, float] = {}
        self._count = 0
        self._origin = 0
        self._tail: Tail | None = prior

    @property
    def days(self) -> int:
        """How many employee-days were pushed since the beginning."""
        return self._count

    @property
    def tail(self) -> Tail:
        """The quantiles as of now, shrunk to the prior."""
        if self._tail is None:
            self._tail = self._fit() if self._bins else self.prior
        return self._tail

    @property
    def trust(self) -> float:
        """Weight of the data against the prior, 0 to 1."""
        days = self._effective_days()
        return days / (days + PRIOR_DAYS)

    def push(self, tenths: float) -> None:
        """Take in one closed employee-day."""
        if self._count - self._origin >= _REBASE_COUNT:
            self._rebase()
        place = min(max(floor(tenths), _LOWEST_BIN), _HIGHEST_BIN)
        self._count += 1
        self._bins[place] = self._bins.get(place, 0.0) + self._weight()
        self._tail = None
        self.dirty = True
        self.version += 1

    def write(self, out: Writer) -> None:
        """Append the histogram to an entry."""
        out.count(self._count)
        out.count(self._origin)
        out.count(len(self._bins))
        for place in sorted(self._bins):
            out.signed(place)
            out.doubles((self._bins[place],))

    def read(self, source: Reader) -> None:
        """Replace the content by what :meth:`write` wrote."""
        self._count = source.count()
        self._origin = source.count()
        self._bins = {source.signed(): source.doubles(1)[0] for _ in range(source.count())}
        self._tail = None

    def _weight(self) -> float:
        return float(2.0 ** ((self._count - self._origin) / _HALF_LIFE_COUNT))

    def _effective_days(self) -> float:
        return sum(self._bins[place] for place in sorted(self._bins)) / self._weight()

    def _rebase(self) -> None:
        halvings = (self._count - self._origin) // _HALF_LIFE_COUNT
        self._origin += halvings * _HALF_LIFE_COUNT
        scaled = {place: ldexp(weight, -halvings) for place, weight in self._bins.items()}
        # What weighs less than a millionth of a day cannot move a quantile.
        self._bins = {place: weight for place, weight in scaled.items() if weight > 1e-6}

    def _fit(self) -> Tail:
        ours, theirs, trust = self._quantiles(), self.prior, self.trust
        q50 = trust * ours[0] + (1.0 - trust) * theirs.q50
        q80 = max(trust * ours[1] + (1.0 - trust) * theirs.q80, q50 + _NARROWEST)
        q95 = max(trust * ours[2] + (1.0 - trust) * theirs.q95, q80 + _NARROWEST)
        return Tail(q50, q80, q95)

    def _quantiles(self) -> list[float]:
        places = sorted(self._bins)
        total = sum(self._bins[place] for place in places)
        found: list[float] = []
        below = 0.0
        wanted = [0.5, 0.8, 0.95]
        for place in places:
            weight = self._bins[place]
            while wanted and below + weight >= wanted[0] * total:
                found.append(place + (wanted.pop(0) * total - below) / weight)
            below += weight
        # Rounding may leave the last quantile a hair above the sum: it is then the upper edge.
        found.extend(places[-1] + 1.0 for _ in wanted)
        return found
