"""Employee-days of a whole group as a histogram that forgets: what tails, reaches and hours are read from."""

from __future__ import annotations

from math import ldexp
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamguard.baseline.codec import Reader, Writer

_HALF_LIFE_COUNT = 1000
_REBASE_COUNT = 32 * _HALF_LIFE_COUNT


class PooledHistogram:
    """Decayed histogram of closed employee-days, in whole bins.

    A histogram, not :class:`river.stats.RollingQuantile`: that keeps its last 2000 values, 16 KB that would be
    written again for every closed day and replayed value by value at a restore. A histogram is as good (recall at
    budget within noise), restores bit for bit and takes some 500 B.

    Parameters
    ----------
    lowest, highest
        Outermost bins; what is farther out shares them, which bounds the entry.

    Notes
    -----
    Forgetting goes by count, not by time: a bin's weight halves every 1000 employee-days.
    """

    __slots__ = ("_count", "_highest", "_lowest", "_origin", "bins", "dirty")

    def __init__(self, lowest: int, highest: int) -> None:
        self._lowest, self._highest = lowest, highest
        self.dirty = False
        self.bins: dict[int, float] = {}
        self._count = 0
        self._origin = 0

    @property
    def days(self) -> int:
        """How many employee-days were pushed since the beginning."""
        return self._count

    @property
    def newest_weight(self) -> float:
        """Weight of the newest day: what all weights are counted in."""
        return float(2.0 ** ((self._count - self._origin) / _HALF_LIFE_COUNT))

    @property
    def effective_days(self) -> float:
        """Days pushed, each as far as it still counts: a geometric series."""
        fading = 2.0 ** (-1.0 / _HALF_LIFE_COUNT)
        return float((1.0 - fading**self._count) / (1.0 - fading))

    def push(self, places: Iterable[int]) -> None:
        """Take in one closed employee-day that belongs into some bins."""
        if self._count - self._origin >= _REBASE_COUNT:
            self._rebase()
        self._count += 1
        weight = self.newest_weight
        for place in places:
            kept = min(max(place, self._lowest), self._highest)
            self.bins[kept] = self.bins.get(kept, 0.0) + weight
        self.dirty = True

    def write(self, out: Writer) -> None:
        """Append the histogram to an entry."""
        out.count(self._count)
        out.count(self._origin)
        out.count(len(self.bins))
        for place in sorted(self.bins):
            out.signed(place)
            out.doubles((self.bins[place],))

    def read(self, source: Reader) -> None:
        """Replace the content by what :meth:`write` wrote."""
        self._count = source.count()
        self._origin = source.count()
        self.bins = {source.signed(): source.doubles(1)[0] for _ in range(source.count())}

    def _rebase(self) -> None:
        halvings = (self._count - self._origin) // _HALF_LIFE_COUNT
        self._origin += halvings * _HALF_LIFE_COUNT
        scaled = {place: ldexp(weight, -halvings) for place, weight in self.bins.items()}
        # What weighs less than a millionth of a day cannot move a quantile.
        self.bins = {place: weight for place, weight in scaled.items() if weight > 1e-6}
