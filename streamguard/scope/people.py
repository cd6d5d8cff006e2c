"""Sets of people by the keyed hashes of their keys: exact while they fit, sketches with error bounds beyond."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from datasketches import theta_union, update_theta_sketch

from streamguard.scope.report import Bounds

if TYPE_CHECKING:
    from collections.abc import Iterable

EXACT_PEOPLE: Final = 1_000_000
"""Different people up to which a set is exact: some 130 MB."""
_LG_K: Final = 16
"""65,536 samples: a relative standard error of 0.4 %."""
_DEVIATIONS: Final = 3
"""The bounds of a sketch are so many standard deviations apart from its estimate: 99.7 % of all truths lie within."""


class People:
    """A growing set of people.

    Parameters
    ----------
    most
        Different people up to which it is exact.
    """

    def __init__(self, most: int = EXACT_PEOPLE) -> None:
        self._most = most
        self._exact: set[str] | None = set()
        self._union = theta_union(_LG_K)

    def add(self, hashes: Iterable[str]) -> None:
        """Take in people by their hashes."""
        if self._exact is not None:
            self._exact.update(hashes)
            if len(self._exact) <= self._most:
                return
            hashes, self._exact = self._exact, None
        sketch = update_theta_sketch(_LG_K)
        for value in hashes:
            sketch.update(value)
        self._union.update(sketch)

    @property
    def exact(self) -> set[str] | None:
        """The people themselves; None: there are too many."""
        return self._exact

    def count(self) -> Bounds:
        """Return how many different people there are."""
        if self._exact is not None:
            return Bounds(len(self._exact), len(self._exact))
        result = self._union.get_result()
        lower, upper = result.get_lower_bound(_DEVIATIONS), result.get_upper_bound(_DEVIATIONS)
        return Bounds(max(int(lower), self._most + 1), -int(-upper // 1))
