"""The arithmetic of the report: medians, ranges, ratios of paired runs. Nothing here measures."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Spread(NamedTuple):
    """The median of several runs, and between what they lie."""

    median: float
    lowest: float
    highest: float


def spread(values: Sequence[float]) -> Spread:
    """Return the median of at least one value, and the range."""
    return Spread(statistics.median(values), min(values), max(values))


def paired_ratio(numerators: Sequence[float], denominators: Sequence[float]) -> Spread:
    """Return the spread of the ratios of runs that were made side by side, round by round.

    A machine that slows down for a while slows both halves of a pair, so their ratio stays.

    Raises
    ------
    ValueError
        If there are not as many of one as of the other.
    """
    return spread([above / below for above, below in zip(numerators, denominators, strict=True)])


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least so many percent do not exceed (the nearest-rank method).

    Raises
    ------
    ValueError
        If there are no values, or ``percent`` is not above 0 and at most 100.
    """
    if not values or not 0 < percent <= 100:
        raise ValueError(f"no {percent}th percentile of {len(values)} values")
    ordered = sorted(values)
    rank = -(-percent * len(ordered) // 100)
    return ordered[int(rank) - 1]
