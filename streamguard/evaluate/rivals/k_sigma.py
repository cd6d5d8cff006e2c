"""Exponentially weighted mean plus k standard deviations of an employee's daily rows: the usual "UEBA".

Source: Roberts, "Control Chart Tests Based on Geometric Moving Averages", Technometrics 1 (1959), with the deviation
estimated by the same weights; in the logarithm, because rows a day are nearly lognormal.
"""

from __future__ import annotations

from math import log1p
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.evaluate.rivals.memory import Memories, day_of
from streamguard.evaluate.rivals.moving import Moving

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamguard.activity import Exposure

LEAST_DAYS: Final = 5
"""Active days before there is a level to compare with."""


class _Memory(msgspec.Struct):
    day: int = -1
    rows: int = 0
    level: Moving = msgspec.field(default_factory=Moving)


class KSigma:
    """Standard deviations by which the day's rows are above the employee's own usual ones."""

    name = "k_sigma"
    thresholds: Final[Mapping[str, float]] = MappingProxyType({"3 sigma": 3.0})

    def __init__(self) -> None:
        self._memories = Memories(_Memory)

    def observe(self, exposure: Exposure) -> float:
        """Take in a statement; return the deviations of the day so far, 0 in the first days."""
        memory = self._memories.of(exposure.employee)
        day = day_of(exposure)
        if day > memory.day:
            if memory.day >= 0:
                memory.level.learn(log1p(memory.rows))
            memory.day, memory.rows = day, 0
        memory.rows += exposure.activity.rows or 0
        if memory.level.count < LEAST_DAYS:
            return 0.0
        return max(0.0, memory.level.deviations(log1p(memory.rows)))

    def employee_bytes(self) -> list[int]:
        """Return the size of each employee's memory."""
        return self._memories.sizes()
