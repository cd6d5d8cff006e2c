"""What may be learned from a closed day: a baseline that can be walked upwards is no baseline.

Three guards against poisoning (ANTIDOTE, Rubinstein et al., IMC 2009, measured in the design notes):
strange days are quarantined, ordinary days are winsorised above, and the more surprise has accumulated in
the employee's CUSUM, the lower is the cap. A level may move freely only after an alert was raised for it.
"""

from __future__ import annotations

from math import log1p
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamguard.baseline import Channel, EmployeeMemory
    from streamguard.detect.config import DetectConfig

STRANGE = 2.3
"""A of a day that is not learned."""
_LEAST_DAYS = 7.0
"""Effective days before which every day is learned as it was: there is no level yet to protect."""
_CAPS = ((8.0, 0.5), (4.0, 1.5))
_CAP = 2.5
_CUSUM_MOST = 25.0
_CUSUM_DRIFT = 0.5
_CUSUM_LOW, _CUSUM_HIGH = -2.5, 3.5
_COMMON_SHARE = 0.5
"""How much of the common mode is kept out of the own level. All of it would be a trap: when a whole group moves
to a new level, everybody's surplus is the common mode, and nobody would ever learn the new level."""


def learn_day(
    memory: EmployeeMemory, commons: list[int], residuals: list[int], config: DetectConfig, *, alerting: bool
) -> bool:
    """Learn the open day of an employee, or do not.

    Parameters
    ----------
    memory
        The employee, whose day is open and scored.
    commons
        Common mode per channel, tenths of a standard deviation.
    residuals
        Residual less common mode per channel, tenths.
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
    known = min(channel.level.effective_days for channel in memory.channels) >= _LEAST_DAYS
    if not (alerting and known and memory.strangeness >= STRANGE):
        memory.quarantined = 0
        for channel, common, residual in zip(memory.channels, commons, residuals, strict=True):
            x = _guarded(channel, common, residual) if known else log1p(channel.peak)
            channel.level.learn(x, day, config.half_life_days)
        return True
    memory.quarantined += 1
    if memory.quarantined > config.quarantine_days:
        memory.quarantined = 0
        for channel in memory.channels:
            channel.level.accept(log1p(channel.peak), day, config.half_life_days)
            channel.cusum = 0.0
        return False
    return memory.quarantined == 1


def _guarded(channel: Channel, common: int, residual: int) -> float:
    """Return what may be learned of an ordinary day; count its surprise in the CUSUM."""
    x = log1p(channel.peak)
    if not channel.deviation:
        return x
    drift = min(max(0.1 * residual, _CUSUM_LOW), _CUSUM_HIGH) - _CUSUM_DRIFT
    channel.cusum = min(_CUSUM_MOST, max(0.0, channel.cusum + drift))
    cap = next((cap for level, cap in _CAPS if channel.cusum > level), _CAP)
    shared = _COMMON_SHARE * 0.1 * common * channel.deviation
    return max(0.0, min(x - shared, channel.mean + cap * channel.deviation))
