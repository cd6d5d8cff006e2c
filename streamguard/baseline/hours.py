"""At which hours of the local day an employee is not expected."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Final

from streamguard.baseline.habits import HOURS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.baseline.habits import Habits

_PRIOR_DAYS: Final = 10.0
_PRIOR_SHARE: Final = 0.05
_PEER_DAYS: Final = 2.0
_LEAST_DAYS: Final = 0.01
_ODD: Final = 0.2
_TENTHS: Final = 10.0
_MOST_TENTHS: Final = 255
ANY_HOUR: Final = (_PRIOR_SHARE,) * HOURS
"""Shares believed of a group of which nothing is known."""


def fit_hours(bins: Sequence[tuple[int, float]], days: float, prior: Sequence[float]) -> tuple[float, ...]:
    """Return the share of a group's days with activity in each hour, shrunk to ``prior``."""
    by_hour = dict(bins)
    total = days + _PRIOR_DAYS
    return tuple((by_hour.get(hour, 0.0) + _PRIOR_DAYS * prior[hour]) / total for hour in range(HOURS))


def expected_hours(habits: Habits, peers: Sequence[float]) -> list[float]:
    """Return how many of the own days are expected to have activity in each hour, of all that count.

    Own days, smoothed over neighbouring hours and shrunk to the peers'.

    Parameters
    ----------
    habits
        The employee's own hours.
    peers
        What :func:`fit_hours` returned.
    """
    own = habits.hours
    half, quarter = 0.5 * habits.fading, 0.25 * habits.fading
    return [
        half * here + quarter * (before + after) + _PEER_DAYS * share + _LEAST_DAYS
        for here, before, after, share in zip(own, own[-1:] + own[:-1], own[1:] + own[:1], peers, strict=True)
    ]


def oddity(hour: int, expected: Sequence[float], days: float) -> int:
    """Return the surprise of activity in an hour, in whole tenths of a nat; 0 where it is not odd.

    It is of the chance that a day has any activity in an hour as unlikely (the sum over these hours bounds it). After
    "Time of Day Anomaly Detection" (EISIC 2018).

    Parameters
    ----------
    hour
        Of the local day.
    expected
        What :func:`expected_hours` returned.
    days
        Own days that count.
    """
    here, most = expected[hour], _ODD * (days + _PEER_DAYS)
    if here >= most:
        # The sum below is at least its own term: mostly that is enough.
        return 0
    below = sum([other for other in expected if other <= here])
    return 0 if below >= most else min(_MOST_TENTHS, int(-_TENTHS * log(_ODD * below / most)))
