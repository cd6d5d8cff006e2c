"""What multivariate detectors are shown of a statement: the same evidence that StreamGuard's own channels have.

Per employee: rows within an hour and a day, statements within a day, the largest result, each in standard deviations
above the employee's own usual day; how many attributes are new today; how unusual the hour is.
"""

from __future__ import annotations

from math import exp, log, log1p
from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.detect.clock import HOUR_MS
from streamguard.evaluate.rivals.memory import Memories, day_of
from streamguard.evaluate.rivals.moving import Moving

if TYPE_CHECKING:
    from streamguard.activity import Exposure

VOLUMES: Final = ("rows_1h", "rows_1d", "statements_1d", "largest")
NAMES: Final = (*VOLUMES, "new", "hour")
MOST_KNOWN: Final = 256
_TAUS_MS: Final = (1.0 * HOUR_MS, 12.0 * HOUR_MS, 12.0 * HOUR_MS)
_MOST: Final = 30.0
"""Deviations beyond which one is as strange as the other: without an end, one value would fill a histogram."""


class _Memory(msgspec.Struct):
    day: int = -1
    time_ms: int = 0
    sums: list[float] = msgspec.field(default_factory=lambda: [0.0] * 3)
    peaks: list[float] = msgspec.field(default_factory=lambda: [0.0] * 4)
    levels: list[Moving] = msgspec.field(default_factory=lambda: [Moving() for _ in VOLUMES])
    new: int = 0
    known: dict[str, int] = msgspec.field(default_factory=dict)
    hours: list[int] = msgspec.field(default_factory=lambda: [0] * 24)


class Features:
    """Makes the features of statements, in order."""

    def __init__(self) -> None:
        self._memories = Memories(_Memory)

    def of(self, exposure: Exposure) -> dict[str, float]:
        """Take in a statement and return its features."""
        memory = self._memories.of(exposure.employee)
        day = day_of(exposure)
        if day > memory.day:
            if memory.day >= 0:
                for level, peak in zip(memory.levels, memory.peaks, strict=True):
                    level.learn(log1p(peak))
            memory.day, memory.new = day, 0
            memory.peaks = [0.0] * 4
        self._add(memory, exposure.activity.time_ms, float(exposure.activity.rows or 0))
        volumes = [
            min(level.deviations(log1p(peak)), _MOST) if level.count else 0.0
            for level, peak in zip(memory.levels, memory.peaks, strict=True)
        ]
        return dict(zip(NAMES, (*volumes, self._new(memory, exposure), self._hour(memory, exposure)), strict=True))

    def sizes(self) -> list[int]:
        """Return the size of each employee's memory."""
        return self._memories.sizes()

    @staticmethod
    def _add(memory: _Memory, time_ms: int, rows: float) -> None:
        gap_ms = max(0, time_ms - memory.time_ms)
        memory.time_ms = max(memory.time_ms, time_ms)
        for place, (tau_ms, increment) in enumerate(zip(_TAUS_MS, (rows, rows, 1.0), strict=True)):
            memory.sums[place] = memory.sums[place] * exp(-gap_ms / tau_ms) + increment
            memory.peaks[place] = max(memory.peaks[place], memory.sums[place])
        memory.peaks[3] = max(memory.peaks[3], rows)

    @staticmethod
    def _new(memory: _Memory, exposure: Exposure) -> float:
        activity = exposure.activity
        symbols = (
            *activity.tables,
            f"c:{','.join(sorted(exposure.categories))}",
            f"a:{activity.client}",
            f"p:{activity.application}",
            f"f:{activity.fingerprint}",
        )
        for symbol in symbols:
            if symbol not in memory.known and len(memory.known) < MOST_KNOWN:
                memory.known[symbol] = memory.day
                memory.new += 1
        return float(memory.new)

    @staticmethod
    def _hour(memory: _Memory, exposure: Exposure) -> float:
        hour = (exposure.activity.time_ms // HOUR_MS + exposure.utc_offset_minutes // 60) % 24
        hours = memory.hours
        near = 0.5 * hours[hour] + 0.25 * (hours[hour - 1] + hours[(hour + 1) % 24])
        surprise = -log((near + 1.0) / (sum(hours) + 24.0))
        hours[hour] += 1
        return surprise
