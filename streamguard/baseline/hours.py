"""At which hours of the local day an employee is not expected."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

from streamguard.baseline.habits import HOURS
from streamguard.baseline.pooled import PooledHistogram

if TYPE_CHECKING:
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


class HourHistogram(PooledHistogram):
    """Local hours of the closed employee-days of a group."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(0, HOURS - 1)

    def fit(self, prior: tuple[float, ...]) -> tuple[float, ...]:
        """Return the share of days with activity in each hour, shrunk to ``prior``."""
        days, weight = self.effective_days + _PRIOR_DAYS, self.newest_weight
        return tuple((self.bins.get(hour, 0.0) / weight + _PRIOR_DAYS * prior[hour]) / days for hour in range(HOURS))


def odd_hours(habits: Habits, peers: tuple[float, ...]) -> bytes:
    """Return the surprise of activity in each hour, in tenths of a nat; 0 where it is not odd.

    The probability that a day has activity in an hour comes from the own days, smoothed over neighbouring hours and
    shrunk to the peers'; the surprise of an hour is of the chance that a day has any activity in an hour as unlikely
    (the sum over these hours bounds it). After "Time of Day Anomaly Detection" (EISIC 2018).

    Parameters
    ----------
    habits
        The employee's own hours.
    peers
        What :meth:`HourHistogram.fit` returned.
    """
    get = habits.hours.get
    own = [get(hour, 0.0) for hour in range(-1, HOURS + 1)]
    own[0], own[-1] = own[HOURS], own[1]
    days = habits.days + _PEER_DAYS
    shares = [
        (0.5 * own[hour + 1] + 0.25 * (own[hour] + own[hour + 2]) + _PEER_DAYS * peers[hour] + _LEAST_DAYS) / days
        for hour in range(HOURS)
    ]
    found = bytearray(HOURS)
    below = 0.0
    for share, hour in sorted(zip(shares, range(HOURS), strict=True)):
        below += share
        if below >= _ODD:
            break
        found[hour] = min(_MOST_TENTHS, int(-_TENTHS * log(below)))
    return bytes(found)
