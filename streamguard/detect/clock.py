"""Behavioural days: event time and the employee's own local time, never the clock of this machine."""

from __future__ import annotations

from typing import Final

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
MINUTE_MS: Final = 60_000
_MOST_OFFSET_MINUTES: Final = 24 * 60
_LATEST_MS: Final = 2**52


def behavioural_day(time_ms: int, utc_offset_minutes: int, day_start_local_hours: int) -> int | None:
    """Return the number of the behavioural day: floor((time + offset - start) / 24 h).

    Parameters
    ----------
    time_ms
        Event time, milliseconds since 1970 UTC.
    utc_offset_minutes
        Local time minus UTC; more than a day is taken as a day.
    day_start_local_hours
        Local hour at which a day begins.

    Returns
    -------
    int | None
        None for a time beyond any calendar (more than 140,000 years away), which no source lets through.
    """
    if not -_LATEST_MS <= time_ms <= _LATEST_MS:
        return None
    if not -_MOST_OFFSET_MINUTES <= utc_offset_minutes <= _MOST_OFFSET_MINUTES:
        utc_offset_minutes = _MOST_OFFSET_MINUTES if utc_offset_minutes > 0 else -_MOST_OFFSET_MINUTES
    return (time_ms + utc_offset_minutes * MINUTE_MS - day_start_local_hours * HOUR_MS) // DAY_MS
