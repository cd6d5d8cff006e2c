"""Risk points that add up over the day: the style of commercial UEBA products.

Source: how Exabeam and Securonix describe the risk score of a user in public: every anomaly has points, and their sum
is compared with a limit. The tables of points are not public; here a new table, set of categories, client or program,
and an unusual hour, are worth two standard deviations of volume each.
"""

from __future__ import annotations

from math import log1p
from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.detect.clock import HOUR_MS
from streamguard.evaluate.rivals.memory import Memories, day_of
from streamguard.evaluate.rivals.moving import Moving

if TYPE_CHECKING:
    from streamguard.activity import Exposure

LEAST_DAYS: Final = 5
POINTS: Final = 2.0
MOST_KNOWN: Final = 256
"""Symbols remembered of an employee; of one who uses more of them, what is new says nothing."""
RARE_HOUR: Final = 0.02
"""An hour of the day that less than this share of the statements came in is an unusual one."""


class _Memory(msgspec.Struct):
    day: int = -1
    rows: int = 0
    new: int = 0
    off_hours: bool = False
    level: Moving = msgspec.field(default_factory=Moving)
    known: dict[str, int] = msgspec.field(default_factory=dict)
    hours: list[int] = msgspec.field(default_factory=lambda: [0] * 24)


class RiskPoints:
    """Deviations of the day's rows, plus two points for each new attribute and for an unusual hour."""

    name = "risk_points"

    def __init__(self) -> None:
        self._memories = Memories(_Memory)

    def observe(self, exposure: Exposure) -> float:
        """Take in a statement; return the day's points so far, 0 in the first days."""
        memory = self._memories.of(exposure.employee)
        day = day_of(exposure)
        if day > memory.day:
            if memory.day >= 0:
                memory.level.learn(log1p(memory.rows))
            memory.day, memory.rows, memory.new, memory.off_hours = day, 0, 0, False
        memory.rows += exposure.activity.rows or 0
        self._note(memory, exposure)
        if memory.level.count < LEAST_DAYS:
            return 0.0
        volume = max(0.0, memory.level.deviations(log1p(memory.rows)))
        return volume + POINTS * (memory.new + memory.off_hours)

    def employee_bytes(self) -> list[int]:
        """Return the size of each employee's memory."""
        return self._memories.sizes()

    @staticmethod
    def _note(memory: _Memory, exposure: Exposure) -> None:
        for symbol in _symbols(exposure):
            if symbol not in memory.known and len(memory.known) < MOST_KNOWN:
                memory.known[symbol] = memory.day
                memory.new += 1
        hour = (exposure.activity.time_ms // HOUR_MS + exposure.utc_offset_minutes // 60) % 24
        hours = memory.hours
        near = hours[hour] + hours[hour - 1] + hours[(hour + 1) % 24]
        memory.off_hours = memory.off_hours or near < RARE_HOUR * sum(hours)
        hours[hour] += 1


def _symbols(exposure: Exposure) -> list[str]:
    activity = exposure.activity
    found = [f"t:{table}" for table in activity.tables]
    found.append(f"c:{','.join(sorted(exposure.categories))}")
    found.append(f"a:{activity.client}")
    found.append(f"p:{activity.application}")
    return found
