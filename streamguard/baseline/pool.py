"""Closed employee-days of a whole group, as histograms that forget: what tails, reaches and hours are read from."""

from __future__ import annotations

from collections import defaultdict
from math import ldexp
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamguard.baseline.codec import Reader, Writer

_HALF_LIFE_COUNT: Final = 1000
_REBASE_COUNT: Final = 32 * _HALF_LIFE_COUNT


class Pool:
    """Decayed histograms in whole bins, by number.

    Histograms, not :class:`river.stats.RollingQuantile`: that keeps its last 2000 values, 16 KB that would be
    written again for every closed day and replayed value by value at a restore. A histogram is as good (recall at
    budget within noise), restores bit for bit and takes some 500 B.

    Notes
    -----
    Forgetting goes by count, not by time: a weight halves every 1000 employee-days.
    """

    __slots__ = ("_bins", "_count", "_origin", "dirty")

    def __init__(self) -> None:
        self.dirty = False
        self._bins: defaultdict[int, dict[int, float]] = defaultdict(dict)
        self._count = 0
        self._origin = 0

    def push(self, numbers: Sequence[int], places: Sequence[int], many: int, of_many: Iterable[int]) -> None:
        """Take in one closed employee-day.

        Parameters
        ----------
        numbers, places
            Histograms, and the bin of each that the day belongs into.
        many, of_many
            A histogram in which the day belongs into several bins, and these.
        """
        if self._count - self._origin >= _REBASE_COUNT:
            self._rebase()
        self._count += 1
        weight = 2.0 ** ((self._count - self._origin) / _HALF_LIFE_COUNT)
        for number, place in zip(numbers, places, strict=True):
            bins = self._bins[number]
            bins[place] = bins.get(place, 0.0) + weight
        bins = self._bins[many]
        for place in of_many:
            bins[place] = bins.get(place, 0.0) + weight
        self.dirty = True

    def bins(self, number: int) -> list[tuple[int, float]]:
        """Return (bin, days in it) of a histogram, each day as far as it still counts, lowest bin first."""
        fading = 2.0 ** ((self._origin - self._count) / _HALF_LIFE_COUNT)
        found = self._bins.get(number, {})
        return [(place, weight * fading) for place, weight in sorted(found.items())]

    def days(self, number: int) -> float:
        """Return how many days a histogram holds, each as far as it still counts."""
        return sum([days for _, days in self.bins(number)])

    def write(self, out: Writer) -> None:
        """Append the histograms to an entry."""
        out.count(self._count)
        out.count(self._origin)
        out.count(len(self._bins))
        for number in sorted(self._bins):
            found = self._bins[number]
            out.count(number)
            out.count(len(found))
            for place in sorted(found):
                out.signed(place)
                out.doubles((found[place],))

    @classmethod
    def read(cls, source: Reader) -> Pool:
        """Restore what :meth:`write` wrote."""
        new = cls()
        new._count, new._origin = source.count(), source.count()
        for _ in range(source.count()):
            number = source.count()
            new._bins[number] = {source.signed(): source.doubles(1)[0] for _ in range(source.count())}
        return new

    def read_histogram(self, number: int, source: Reader) -> None:
        """Take in a histogram that was an entry of its own, in version 1; all of them were pushed together."""
        self._count, self._origin = source.count(), source.count()
        self._bins[number] = {source.signed(): source.doubles(1)[0] for _ in range(source.count())}

    def _rebase(self) -> None:
        halvings = (self._count - self._origin) // _HALF_LIFE_COUNT
        self._origin += halvings * _HALF_LIFE_COUNT
        for number, found in self._bins.items():
            scaled = {place: ldexp(weight, -halvings) for place, weight in found.items()}
            # What weighs less than a millionth of a day cannot move a quantile.
            self._bins[number] = {place: weight for place, weight in scaled.items() if weight > 1e-6}
