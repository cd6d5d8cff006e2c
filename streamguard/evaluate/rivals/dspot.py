"""DSPOT: an extreme value distribution over the peaks of one employee's hourly rows, with drift.

Source: Siffer, Fouque, Termier, Largouet, "Anomaly Detection in Streams with Extreme Value Theory", KDD 2017: values
less the mean of the last d normal ones; a Pareto tail fitted to the excesses over the 98 % quantile of the first n;
what is rarer than q is an anomaly and is not learned. Values are ln(1 + rows) of an employee's active hours.
"""

from __future__ import annotations

from math import log1p, log10
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.evaluate.rivals.memory import Memories, hour_of
from streamguard.evaluate.rivals.pareto import fit_pareto, pareto_tail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamguard.activity import Exposure

DEPTH: Final = 20
"""d: normal values whose mean is the drift."""
FIRST: Final = 50
"""n: values before anything is judged."""
LEVEL: Final = 0.98
RISK: Final = 1e-3
"""q: probability below which a value is an anomaly."""
MOST_PEAKS: Final = 200
_LEAST_PROBABILITY: Final = 1e-300


class _Memory(msgspec.Struct):
    hour: int = -1
    rows: int = 0
    recent: list[float] = msgspec.field(default_factory=list)
    """The last d normal values."""
    first: list[float] = msgspec.field(default_factory=list)
    """Differences from the drift, until there are n."""
    count: int = 0
    limit: float = 0.0
    peaks: list[float] = msgspec.field(default_factory=list)
    shape: float = 0.0
    scale: float = 1.0


class Dspot:
    """-log10 of the probability of an hour at least so busy."""

    name = "dspot"
    thresholds: Final[Mapping[str, float]] = MappingProxyType({"q 0.001": -log10(RISK)})

    def __init__(self) -> None:
        self._memories = Memories(_Memory)

    def observe(self, exposure: Exposure) -> float:
        """Take in a statement; return how rare the hour so far is, 0 until enough hours were seen."""
        memory = self._memories.of(exposure.employee)
        hour = hour_of(exposure)
        if hour > memory.hour:
            if memory.hour >= 0:
                _learn(memory, log1p(memory.rows))
            memory.hour, memory.rows = hour, 0
        memory.rows += exposure.activity.rows or 0
        return -log10(_probability(memory, _difference(memory, log1p(memory.rows))))

    def employee_bytes(self) -> list[int]:
        """Return the size of each employee's memory."""
        return self._memories.sizes()


def _difference(memory: _Memory, x: float) -> float:
    return x - sum(memory.recent) / len(memory.recent) if memory.recent else 0.0


def _probability(memory: _Memory, difference: float) -> float:
    """Return P(a difference is at least this), 1 below the level of the peaks."""
    if not memory.count or difference <= memory.limit:
        return 1.0
    tail = pareto_tail(difference - memory.limit, memory.shape, memory.scale)
    return max(_LEAST_PROBABILITY, len(memory.peaks) / memory.count * tail)


def _learn(memory: _Memory, x: float) -> None:
    difference = _difference(memory, x)
    if not memory.count:
        if len(memory.recent) == DEPTH:
            memory.first.append(difference)
        if len(memory.first) == FIRST:
            _begin(memory)
    elif _probability(memory, difference) < RISK:
        return
    else:
        memory.count += 1
        if difference > memory.limit:
            memory.peaks = [*memory.peaks[1 - MOST_PEAKS :], difference - memory.limit]
            memory.shape, memory.scale = fit_pareto(memory.peaks)
    memory.recent = [*memory.recent[1 - DEPTH :], x]


def _begin(memory: _Memory) -> None:
    ordered = sorted(memory.first)
    memory.limit = ordered[int(LEVEL * (len(ordered) - 1))]
    memory.peaks = [value - memory.limit for value in ordered if value > memory.limit]
    memory.count = len(ordered)
    memory.shape, memory.scale = fit_pareto(memory.peaks)
    memory.first = []
