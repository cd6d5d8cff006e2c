"""Hourly intervals that are outliers for the employee, within a number of alerts per day.

Source: IBM Guardium's outlier detection, as far as it is public: intervals of an hour, "volume" is the records affected
(since 10.1.2), at least 7 days of activity before alerting, 20 intervals before an interval is scored, and a budget of
"outlier alerts per day" (24) that is itself trained on 14 days (Guardium Insights 3.x, "Outliers parameters"). How an
interval is scored is not public; here it is by the share of the employee's own intervals that had at least as many
rows, and beyond the largest of them by how much it is exceeded.

A score is relative to the level that the last 14 days' intervals of everybody exceeded 24 times a day: above 1 is one
of the day's 24.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from math import log, log1p
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.evaluate.rivals.memory import Memories, day_of, hour_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamguard.activity import Exposure

ALERTS_PER_DAY: Final = 24
BUDGET_DAYS: Final = 14
LEAST_DAYS: Final = 7
LEAST_INTERVALS: Final = 20
MOST_INTERVALS: Final = 720
"""A month of hours."""


class _Memory(msgspec.Struct):
    hour: int = -1
    rows: int = 0
    first_day: int = -1
    intervals: list[float] = msgspec.field(default_factory=list)
    """ln(1 + rows) of the closed intervals, in the order of time."""
    ordered: list[float] = msgspec.field(default_factory=list)
    """The same by size."""

    def learn(self, x: float) -> None:
        """Take in a closed interval."""
        if len(self.intervals) == MOST_INTERVALS:
            del self.ordered[bisect_left(self.ordered, self.intervals.pop(0))]
        self.intervals.append(x)
        insort(self.ordered, x)

    def surprise(self, x: float) -> float:
        """Return -ln of the share of own intervals at least so large, and what goes beyond the largest, in nats."""
        count = len(self.ordered)
        share = (count - bisect_left(self.ordered, x) + 1) / (count + 1)
        return -log(share) + max(0.0, x - self.ordered[-1])


class HourlyInterval:
    """Surprise of the hour's rows among the employee's own hours, in multiples of the level of the daily budget."""

    name = "hourly_interval"
    thresholds: Final[Mapping[str, float]] = MappingProxyType({"24 a day": 1.0})

    def __init__(self) -> None:
        self._memories = Memories(_Memory)
        self._day = -1
        self._closed: dict[int, list[float]] = {}
        self._limit = 0.0

    def observe(self, exposure: Exposure) -> float:
        """Take in a statement; return the score of the hour so far, 0 while there is too little to compare with."""
        memory = self._memories.of(exposure.employee)
        day, hour = day_of(exposure), hour_of(exposure)
        if day > self._day:
            self._turn(day)
        if memory.first_day < 0:
            memory.first_day = day
        if hour > memory.hour:
            if memory.hour >= 0:
                self._close(memory, day)
            memory.hour, memory.rows = hour, 0
        memory.rows += exposure.activity.rows or 0
        if not self._limit or not _is_scored(memory, day):
            return 0.0
        return memory.surprise(log1p(memory.rows)) / self._limit

    def employee_bytes(self) -> list[int]:
        """Return the size of each employee's memory."""
        return self._memories.sizes()

    def _close(self, memory: _Memory, day: int) -> None:
        """Learn an interval; note its score for the budget."""
        x = log1p(memory.rows)
        if _is_scored(memory, day):
            self._closed.setdefault(day, []).append(memory.surprise(x))
        memory.learn(x)

    def _turn(self, day: int) -> None:
        """Learn the level that intervals exceeded as often as the budget allows."""
        self._day = day
        self._closed = {known: scores for known, scores in self._closed.items() if known >= day - BUDGET_DAYS}
        scores = [score for found in self._closed.values() for score in found]
        loudest = heapq.nlargest(ALERTS_PER_DAY * len(self._closed), scores)
        self._limit = max(loudest[-1], 1.0) if loudest else 0.0


def _is_scored(memory: _Memory, day: int) -> bool:
    return len(memory.intervals) >= LEAST_INTERVALS and day - memory.first_day >= LEAST_DAYS
