"""Local clocks, and the ends of months."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

HOUR_MS: Final = 3_600_000


@lru_cache(maxsize=1_024)
def _midnight_ms(zone: str, day: date) -> int:
    return round(datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC).timestamp() * 1000)


def at_local(zone: str, day: date, hours: float) -> int:
    """Return the milliseconds since 1970-01-01 UTC at which a local clock shows ``hours`` after midnight.

    ``hours`` may be below 0 or beyond 24. On the two days a year that have 23 or 25 hours, times after the change of
    the clock are what a stopwatch started at midnight shows.
    """
    whole, rest = divmod(hours, 24)
    return _midnight_ms(zone, day + timedelta(days=int(whole))) + int(rest * HOUR_MS)


def working_days_to_month_end(day: date) -> int:
    """Return how many working days (Monday to Friday) of the month come after a day.

    Examples
    --------
    >>> working_days_to_month_end(date(2025, 9, 30)), working_days_to_month_end(date(2025, 9, 26))
    (0, 2)
    """
    count, following = 0, day + timedelta(days=1)
    while following.month == day.month:
        count += following.weekday() < 5
        following += timedelta(days=1)
    return count


def is_first_working_day(day: date) -> bool:
    """Tell whether no working day of the month comes before a working day."""
    return day.weekday() < 5 and all((day - timedelta(days=n)).weekday() >= 5 for n in range(1, day.day))


_DAY_BEGINS: Final = 4
_QUARTER_MS: Final = 15 * 60 * 1000


def local_day(zone: str, time_ms: int) -> int:
    """Return the day on a local clock, counted from 1970-01-01; it begins at four o'clock."""
    offset_ms = _offset_ms(zone, time_ms // _QUARTER_MS)
    return (time_ms + offset_ms - _DAY_BEGINS * HOUR_MS) // (24 * HOUR_MS)


@lru_cache(maxsize=4_096)
def _offset_ms(zone: str, quarter: int) -> int:
    offset = datetime.fromtimestamp(quarter * _QUARTER_MS / 1000, ZoneInfo(zone)).utcoffset()
    return 0 if offset is None else int(offset.total_seconds()) * 1000
