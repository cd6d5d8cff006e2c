"""What is measured of an employee-day: volumes that leak, and the largest single thing of the day.

The numbers name a measure in stored state: unique, never reused, 1 to 255.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_HOUR_MS: Final = 3_600_000.0

NIGHT_MS: Final = 4 * 3_600_000
"""Idle time that separates two days of work: four hours (a night shift across the day's start goes on)."""


@dataclass(frozen=True)
class Measure:
    """A volume whose maximum of the day is remembered."""

    number: int
    cusum_number: int
    """Names the pooled tail of its accumulated surprise."""


LEAK_MS: Final = 1.0 * _HOUR_MS
"""Time constant of the sum of about an hour: S <- S * exp(-dt / tau) + rows."""
CARRY_MS: Final = 12.0 * _HOUR_MS
"""Time constant by which a day's sum that was not over at the day's turn goes on, such as that of a night shift."""

ROWS_1H: Final = Measure(1, 33)
ROWS_1D: Final = Measure(2, 34)
"""Of the behavioural day, and of what of the day before is left where no idle night (:data:`NIGHT_MS`) lies between."""
STATEMENTS_1D: Final = Measure(3, 35)
"""The same of statements."""
PEOPLE_1D: Final = Measure(4, 36)
"""Different people looked up on the day; not a sum, for nobody is counted twice."""

VOLUMES: Final[tuple[Measure, ...]] = (ROWS_1H, ROWS_1D, STATEMENTS_1D, PEOPLE_1D)


@dataclass(frozen=True)
class Largest:
    """Something whose largest single value of the day is remembered, as an octave (power of two)."""

    number: int
    prior: tuple[float, ...]
    """P(the day's largest reaches the octave), believed of a group of which nothing is known."""
    prior_days: float
    """How many employee-days the prior weighs."""


HIGHEST_OCTAVE: Final = 40
UNKNOWN_REACH: Final = 2**17
"""What a read of unknown size is compared as. It enters no sum and no sentence."""
SHARE_OCTAVES: Final = 21
"""A whole table; each octave less is half of it."""


def octave(value: int) -> int:
    """Return 0 for 0, 1 for 1, 2 for 2 and 3, 3 for 4 to 7, ...; at most :data:`HIGHEST_OCTAVE`."""
    return min(value.bit_length(), HIGHEST_OCTAVE)


def _falling(at_one: float, ratio: float) -> tuple[float, ...]:
    return (1.0, *(at_one * ratio**octave for octave in range(HIGHEST_OCTAVE)))


RESULT: Final = Largest(17, _falling(0.9, 0.8), 20.0)
"""Rows of one statement."""
SCAN: Final = Largest(18, _falling(0.2, 0.5), 50.0)
"""Statements in a row that each begin where another ended."""
UNCOUNTED: Final = Largest(19, _falling(0.05, 0.93), 20.0)
"""People within reach of one read that the log does not count."""
SHARE: Final = Largest(20, _falling(0.9, 0.8), 20.0)
"""Share of the table taken by one statement, in halvings of the whole."""

LARGEST: Final[tuple[Largest, ...]] = (RESULT, SCAN, UNCOUNTED, SHARE)
