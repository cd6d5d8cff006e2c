"""How sure a mean over worlds is: a 95 % interval from the spread between them."""

from __future__ import annotations

from math import sqrt
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

# Student's t for two-sided 95 %, by degrees of freedom from 1; beyond 30 it is near enough the normal 1.96.
_T: Final = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
_NORMAL: Final = 1.96


class Estimate(msgspec.Struct, frozen=True):
    """A mean over worlds.

    Attributes
    ----------
    mean
        Of the worlds' values.
    plus_minus
        Half of the 95 % interval (Student's t over the worlds); None with less than two worlds.
    """

    mean: float
    plus_minus: float | None


def estimate(values: Sequence[float]) -> Estimate | None:
    """Return the mean of one value per world and how sure it is; None without any value.

    Examples
    --------
    >>> estimate([0.5, 0.7])
    Estimate(mean=0.6, plus_minus=1.27...)
    >>> estimate([])
    """
    if not values:
        return None
    freedom = len(values) - 1
    if freedom == 0:
        return Estimate(fmean(values), None)
    factor = _T[freedom - 1] if freedom <= len(_T) else _NORMAL
    return Estimate(fmean(values), factor * stdev(values) / sqrt(len(values)))
