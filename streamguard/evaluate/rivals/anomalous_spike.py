"""Microsoft's z-score and Q-score spike rule, `detect_anomalous_spike_fl()` of Sentinel and Azure Data Explorer.

Source: learn.microsoft.com, Kusto functions library, detect_anomalous_spike_fl (December 2024). A day's value of an
entity is a spike if, against the training days, z = (x - mean) / (sd + 1) and Q = (x - high) / (high - low + 1) both
exceed their thresholds (3 and 2), with the 95 % and 25 % quantiles; or if both do so against all days of the scope. The
entity is the employee, the scope the peer group, the value the day's rows.

The function looks at a fixed training period; here it is the 28 days before, so the rule keeps up. It wants 14 days of
history, and 20 active ones of an entity; the latter is relaxed to 10, or nobody who works five days a week would have a
model in the first four weeks.
"""

from __future__ import annotations

from math import sqrt
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from streamguard.evaluate.rivals.memory import Memories, day_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamguard.activity import Exposure

LOW, HIGH = 0.25, 0.95
Z_THRESHOLD: Final = 3.0
Q_THRESHOLD: Final = 2.0
TRAINING_DAYS: Final = 28
LEAST_DAYS: Final = 14
LEAST_SLICES_ENTITY: Final = 10
LEAST_SLICES_SCOPE: Final = 20


class _Model(NamedTuple):
    mean: float
    deviation: float
    low: float
    high: float

    def score(self, x: float) -> float:
        """Return the smaller of both scores, in multiples of their thresholds: above 1 is a spike."""
        z = (x - self.mean) / (self.deviation + 1.0)
        q = (x - self.high) / (self.high - self.low + 1.0)
        return min(z / Z_THRESHOLD, q / Q_THRESHOLD)


class _Memory(msgspec.Struct):
    day: int = -1
    rows: int = 0
    days: list[tuple[int, int]] = msgspec.field(default_factory=list)
    """(day, rows) of the closed active days of the training period."""
    model: _Model | None = None


class _Scope:
    def __init__(self) -> None:
        self.first_day: int | None = None
        self.day = -1
        self.days: list[tuple[int, int]] = []
        self.model: _Model | None = None


class AnomalousSpike:
    """Whether the day's rows are a spike for the employee, or for the peer group."""

    name = "sentinel_spike"
    thresholds: Final[Mapping[str, float]] = MappingProxyType({"z 3, Q 2": 1.0})

    def __init__(self) -> None:
        self._memories = Memories(_Memory)
        self._scopes: dict[str, _Scope] = {}

    def observe(self, exposure: Exposure) -> float:
        """Take in a statement; return the larger score of both models, in multiples of the thresholds."""
        scope = self._scopes.setdefault(exposure.peer_group, _Scope())
        memory = self._memories.of(exposure.employee)
        day = day_of(exposure)
        if scope.first_day is None:
            scope.first_day = day
        if day > memory.day:
            self._turn(memory, scope, day)
        memory.rows += exposure.activity.rows or 0
        if day - scope.first_day < LEAST_DAYS:
            return 0.0
        models = (model for model in (memory.model, scope.model) if model is not None)
        return max((model.score(memory.rows) for model in models), default=0.0)

    def employee_bytes(self) -> list[int]:
        """Return the size of each employee's memory."""
        return self._memories.sizes()

    @staticmethod
    def _turn(memory: _Memory, scope: _Scope, day: int) -> None:
        if memory.day >= 0:
            memory.days.append((memory.day, memory.rows))
            scope.days.append((memory.day, memory.rows))
        memory.day, memory.rows = day, 0
        memory.days = [one for one in memory.days if one[0] >= day - TRAINING_DAYS]
        memory.model = _model(memory.days, LEAST_SLICES_ENTITY)
        if day > scope.day:
            scope.day = day
            scope.days = [one for one in scope.days if one[0] >= day - TRAINING_DAYS]
            scope.model = _model(scope.days, LEAST_SLICES_SCOPE)


def _model(days: Sequence[tuple[int, int]], least: int) -> _Model | None:
    if len(days) < least:
        return None
    values = sorted(rows for _, rows in days)
    count = len(values)
    mean = sum(values) / count
    deviation = sqrt(sum((value - mean) ** 2 for value in values) / (count - 1))
    return _Model(mean, deviation, values[int(LOW * (count - 1))], values[int(HIGH * (count - 1))])
