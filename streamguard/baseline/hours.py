"""At which hours of the local day an employee is not expected."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

from streamguard.baseline.habits import HOURS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.baseline.habits import Habits

_PRIOR_DAYS = 10.0
_PRIOR_SHARE = 0.05
_PEER_DAYS = 2.0
_LEAST_DAYS = 0.01
_ODD = 0.2
_TENTHS = 10.0
_MOST_TENTHS = 255
ANY_HOUR = (_PRIOR_SHARE,) * HOURS
"""Shares believed of a group of which nothing is known."""


def fit_hours(bins: Sequence[tuple[int, float]], days: float, prior: Sequence[float]) -> tuple[float, ...]:
    """Return the share of a group's days with activity in each hour, shrunk to ``prior``."""
    by_hour = dict(bins)
    total = days + _PRIOR_DAYS
    return tuple((by_hour.get(hour, 0.0) + _PRIOR_DAYS * prior[hour]) / total for hour in range(HOURS))


def oddity(hour: int, habits: Habits, peers: Sequence[float]) -> int:
    """Return the surprise of activity in an hour, in whole tenths of a nat; 0 where it is not odd.

    The probability that a day has activity in an hour comes from the own days, smoothed over neighbouring hours and
    shrunk to the peers'; the surprise of an hour is of the chance that a day has any activity in an hour as unlikely
    (the sum over these hours bounds it). After "Time of Day Anomaly Detection" (EISIC 2018).

    Parameters
    ----------
    hour
        Of the local day.
    habits
        The employee's own hours.
    peers
        What :func:`fit_hours` returned.
    """
    most = _ODD * (habits.days + _PEER_DAYS)
    own = habits.hours
    half, quarter = 0.5 * habits.fading, 0.25 * habits.fading

    def days(place: int) -> float:
        around = own[place - 1] + own[place - HOURS + 1]
        return half * own[place] + quarter * around + _PEER_DAYS * peers[place] + _LEAST_DAYS

    here = days(hour)
    if here >= most:
        # The sum below is at least its own term: mostly that is enough.
        return 0
    below = sum(other for other in map(days, range(HOURS)) if other <= here)
    return 0 if below >= most else min(_MOST_TENTHS, int(-_TENTHS * log(_ODD * below / most)))
