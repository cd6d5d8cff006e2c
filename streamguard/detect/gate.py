"""What may be learned from a closed day: a baseline that can be walked upwards is no baseline.

Three guards against poisoning (ANTIDOTE, Rubinstein et al., IMC 2009, measured in the design notes):
strange days are quarantined, ordinary days are winsorised above, and the more surprise has accumulated in
the employee's CUSUM, the lower is the cap. A level may move freely only after an alert was raised for it.
"""

from __future__ import annotations

from functools import lru_cache
from math import log1p
from typing import TYPE_CHECKING, Final

from streamguard.baseline.employee import Ruling
from streamguard.baseline.held import MOST_HELD, HeldDay, case_mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.baseline import EmployeeMemory, Volume
    from streamguard.detect.config import DetectConfig

STRANGE: Final = 2.3
"""A of a day that is not learned."""
_LEAST_DAYS: Final = 7.0
"""Effective days before which every day is learned as it was: there is no level yet to protect."""
_CAPS: Final[tuple[tuple[float, float], ...]] = ((8.0, 0.5), (4.0, 1.5))
_CAP: Final = 2.5
_COMMON_SHARE: Final = 0.5
"""How much of the common mode is kept out of the own level. All of it would be a trap: when a whole group moves
to a new level, everybody's surplus is the common mode, and nobody would ever learn the new level."""


def learn_day(
    memory: EmployeeMemory, commons: Sequence[int], cusums: Sequence[float], config: DetectConfig, *, alerting: bool
) -> bool:
    """Learn the open day of an employee, or do not.

    Parameters
    ----------
    memory
        The employee, whose day is open and scored.
    commons
        Common mode per volume, tenths of a standard deviation.
    cusums
        Accumulated surprise per volume, the day included, standard deviations.
    config
        Half-life and quarantine.
    alerting
        Whether findings may be raised yet; without, no day is quarantined, for nobody would be told.

    Returns
    -------
    bool
        Whether the day may enter the pooled tails: a quarantined level enters once, on its first day.
    """
    day = memory.day
    if day is None:
        return False
    if memory.ruling is Ruling.BENIGN:
        _learn_as_it_was(memory, day, config)
        return False
    known = memory.volumes[0].level.effective_days >= _LEAST_DAYS
    if not (alerting and known and memory.strangeness >= STRANGE):
        memory.quarantined = 0
        for volume, common, cusum in zip(memory.volumes, commons, cusums, strict=False):
            x = _guarded(volume, common, cusum) if known else log1p(volume.peak)
            volume.level.learn(x, day, config.half_life_days)
        learn_habits(memory)
        return True
    hold(memory, day)
    if memory.ruling is Ruling.HOSTILE or (memory.case is not None and memory.case.is_hostile):
        return False
    memory.quarantined += 1
    if memory.quarantined > config.quarantine_days:
        memory.quarantined, memory.held = 0, []
        for volume in memory.volumes:
            volume.level.accept(log1p(volume.peak), day, config.half_life_days)
            volume.cusum = 0.0
        learn_habits(memory)
        return False
    return memory.quarantined == 1


def hold(memory: EmployeeMemory, day: int) -> None:
    """Keep a day that is not learned, until somebody says what it was."""
    case, signs = memory.case, memory.signs
    held = HeldDay(
        day,
        case_mark(case.uid) if case is not None else bytes(4),
        tuple(log1p(volume.peak) for volume in memory.volumes),
        tuple(signs.octaves),
        signs.hours,
        signs.is_news,
    )
    memory.held = [*memory.held[1 - MOST_HELD :], held]


def _learn_as_it_was(memory: EmployeeMemory, day: int, config: DetectConfig) -> None:
    """Learn a day that somebody said is benign: whole, and sums of surprise begin anew."""
    memory.quarantined = 0
    for volume in memory.volumes:
        volume.level.learn(log1p(volume.peak), day, config.half_life_days)
        volume.cusum = 0.0
    learn_habits(memory)


def learn_habits(memory: EmployeeMemory) -> None:
    """Learn octaves, hours and novelties of the open day."""
    signs = memory.signs
    memory.habits.learn(signs.octaves, bits_of(signs.hours), signs.is_news)


@lru_cache(maxsize=4096)
def bits_of(mask: int) -> tuple[int, ...]:
    """Return the places of the bits that are set."""
    return tuple(place for place in range(mask.bit_length()) if mask >> place & 1)


def _guarded(volume: Volume, common: int, cusum: float) -> float:
    """Return what may be learned of an ordinary day; count its surprise in the CUSUM."""
    x = log1p(volume.peak)
    if not volume.deviation:
        return x
    volume.cusum = cusum
    cap = _CAP
    for level, lower in _CAPS:
        if cusum > level:
            cap = lower
            break
    shared = _COMMON_SHARE * 0.1 * common * volume.deviation
    return max(0.0, min(x - shared, volume.mean + cap * volume.deviation))
