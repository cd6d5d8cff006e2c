"""Event times: texts of audit logs to milliseconds since 1970, and whether they can be true."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from streamguard.sources.reasons import Refusal, RejectedReason

EARLIEST_MS: Final = 631_152_000_000
"""1990-01-01: no audit log of a database is older; a smaller number is seconds or a cleared clock."""

LATEST_MS: Final = 4_102_444_800_000
"""2100-01-01: the bound where no Kafka time says what "future" is."""

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 -- naive on purpose: offsets are subtracted as numbers
_MILLISECOND: Final = timedelta(milliseconds=1)
_MOMENT: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))? ?(?:([+-])(\d\d):?(\d\d)?|([A-Za-z]{1,6}))?",
    re.ASCII,
)

# Abbreviations with one meaning in the IANA database since 2018. CST, IST and PST have several and are not guessed;
# CDT, IDT and PDT are left out with them, or a server would be understood in summer and rejected in winter.
_ZONE_MINUTES: Final = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "CEST": 120, "MET": 60, "MEST": 120,
    "EET": 120, "EEST": 180, "MSK": 180, "SAST": 120, "WAT": 60, "CAT": 120, "EAT": 180, "PKT": 300, "WIB": 420,
    "WITA": 480, "WIT": 540, "HKT": 480, "JST": 540, "KST": 540, "AWST": 480, "ACST": 570, "ACDT": 630, "AEST": 600,
    "AEDT": 660, "NZST": 720, "NZDT": 780, "NST": -210, "NDT": -150, "AST": -240, "ADT": -180, "EST": -300, "EDT": -240,
    "MST": -420, "MDT": -360, "AKST": -540, "AKDT": -480, "HST": -600,
}  # fmt: skip


class Clock:
    """Reads the times that servers write into their logs. It knows no present.

    Parameters
    ----------
    time_zones
        (abbreviation, minutes east of UTC) that override or extend the known ones.
    """

    def __init__(self, time_zones: tuple[tuple[str, int], ...] = ()) -> None:
        self._zone_minutes = {**_ZONE_MINUTES, **dict(time_zones)}
        # A log has several entries of one moment, and many of one hour: what they begin with is read once.
        self._text: str | None = None
        self._text_ms = 0
        self._hour = ""
        self._hour_ms = 0

    def read(self, text: str) -> int:
        """Return the milliseconds since 1970 UTC of a text such as ``2026-11-22 03:57:28.833 UTC``.

        Raises
        ------
        Refusal
            ``invalid_time`` or ``unknown_time_zone``.
        """
        if text == self._text:
            return self._text_ms
        try:
            is_usual = len(text) == 27 and text.endswith(" UTC")
            time_ms = self._read_usual(text) if is_usual else self._read_general(text)
        except (ValueError, TypeError, OverflowError) as error:
            # TypeError: fromisoformat found an offset inside the 23 characters.
            raise Refusal(RejectedReason.INVALID_TIME, "the event time is not a date and time") from error
        self._text, self._text_ms = text, time_ms
        return time_ms

    def _read_usual(self, text: str) -> int:
        """Read ``2026-11-22 03:57:28.833 UTC``."""
        within_ms = _within_hour(text)
        if within_ms >= 0 and text[:14] == self._hour:
            return self._hour_ms + within_ms
        time_ms = (datetime.fromisoformat(text[:23]) - _EPOCH) // _MILLISECOND
        if within_ms >= 0:
            self._hour, self._hour_ms = text[:14], time_ms - within_ms
        return time_ms

    def _read_general(self, text: str) -> int:
        match = _MOMENT.fullmatch(text.strip())
        if match is None:
            raise Refusal(RejectedReason.INVALID_TIME, "the event time is not a date and time")
        date, time, fraction, sign, hours, minutes, name = match.groups()
        local_ms = (datetime.fromisoformat(f"{date} {time}") - _EPOCH) // _MILLISECOND
        local_ms += int((fraction or "0").ljust(3, "0")[:3])
        if sign is not None:
            offset_minutes = int(hours) * 60 + int(minutes or 0)
            return local_ms - (offset_minutes if sign == "+" else -offset_minutes) * 60_000
        return local_ms - self._minutes(name) * 60_000

    def _minutes(self, name: str | None) -> int:
        known = self._zone_minutes.get(name or "")
        if known is None:
            raise Refusal(
                RejectedReason.UNKNOWN_TIME_ZONE,
                "the event time has no time zone, or an abbreviation that is ambiguous or unknown: "
                "set log_timezone = 'UTC' on the server, or give the abbreviation's offset in time_zones",
            )
        return known


def _within_hour(text: str) -> int:
    """Return the milliseconds since the full hour of ``....-..-.. ..:57:28.833``; -1 if they are not plain digits."""
    if text[13] != ":" or text[16] != ":" or text[19] != ".":
        return -1
    digits = text[14:16] + text[17:19] + text[20:23]
    if not (digits.isascii() and digits.isdigit()) or text[14] > "5" or text[17] > "5":
        return -1
    number = int(digits)
    return number // 100_000 * 60_000 + number % 100_000


def check_moment(time_ms: int, produced_ms: int | None, max_future_ms: int) -> int:
    """Return the event time if it can be true.

    Parameters
    ----------
    time_ms
        Event time in milliseconds since 1970 UTC.
    produced_ms
        Kafka time of the record, None for files.
    max_future_ms
        Tolerance between the two clocks.

    Raises
    ------
    Refusal
        ``time_out_of_range`` before 1990, ``time_in_future`` beyond the tolerance (or from 2100 without Kafka time).
    """
    if time_ms < EARLIEST_MS:
        raise Refusal(RejectedReason.TIME_OUT_OF_RANGE, "the event time is before 1990")
    if time_ms >= LATEST_MS or (produced_ms is not None and time_ms > produced_ms + max_future_ms):
        raise Refusal(RejectedReason.TIME_IN_FUTURE, "the event time lies after the time the record was produced")
    return time_ms
