"""Surprise that adds up from day to day: a cumulative sum (Page, 1954) of standardised residuals."""

from __future__ import annotations

from typing import Final

MOST: Final = 25.0
_DRIFT: Final = 0.5
_LOW: Final = -2.5
_HIGH: Final = 3.5


def accumulate(before: float, residual: int) -> float:
    """Return C after a day: max(0, C + r - 0.5), at most 25.

    Parameters
    ----------
    before
        C of the days before, in standard deviations.
    residual
        Of the day, less what peers share, in tenths of a standard deviation; one day counts for -2.5 to 3.5, so that
        no single day makes or unmakes a trend.
    """
    step = 0.1 * residual
    total = before + (_LOW if step < _LOW else min(step, _HIGH)) - _DRIFT
    return 0.0 if total < 0.0 else min(total, MOST)
