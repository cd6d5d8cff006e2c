"""Values of home-grown records, of whatever JSON type they were written in, as the types of an activity."""

from __future__ import annotations

import math
import re
from typing import Any

from streamguard.sources.reasons import Refusal, RejectedReason

_NUMBER = re.compile(r"\d{1,19}(?:\.\d{1,19})?", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}", re.ASCII)
_VERB = re.compile(r"[A-Za-z]{2,16}(?: [A-Za-z]{2,16}){0,2}", re.ASCII)
_NO_ERRORS = frozenset({"0", "00000", "false", "none", "null", "no", "ok", "success", "succeeded"})
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def as_text(value: Any) -> str | None:
    """Return a text that is not empty, or a whole number's digits; anything else is None."""
    if type(value) is str:
        return value or None
    return str(value) if type(value) is int else None


def as_number(value: Any) -> int | float | None:
    """Return a number from zero up, given as a number or as its digits; anything else is None."""
    if type(value) is str and _NUMBER.fullmatch(value):
        value = float(value) if "." in value else int(value)
    if type(value) is int or (type(value) is float and math.isfinite(value)):
        return value if value >= 0 else None
    return None


def as_count(value: Any) -> Any:
    """Return a whole number written as a double as an integer, anything else as it is."""
    return int(value) if type(value) is float and value.is_integer() else value


def as_time(value: Any, unit: str) -> str | int:
    """Return a time as the clock takes it: a text, or milliseconds since 1970 UTC.

    Parameters
    ----------
    value
        A text for the unit ``iso``, else a number or its digits.
    unit
        ``iso``, ``s``, ``ms``, ``us`` or ``ns``.

    Raises
    ------
    Refusal
        ``wrong_type``, or ``time_out_of_range`` for what is too large to be one.
    """
    if unit == "iso":
        if type(value) is not str:
            raise Refusal(RejectedReason.WRONG_TYPE, "time must be a text: or set the mapping's time_unit")
        return value
    number = as_number(value)
    if number is None:
        raise Refusal(RejectedReason.WRONG_TYPE, "time must be a number: or set the mapping's time_unit to iso")
    if type(number) is int:
        return number * 1_000 // _PER_SECOND[unit]
    milliseconds = number * 1_000 / _PER_SECOND[unit]
    if not math.isfinite(milliseconds):
        raise Refusal(RejectedReason.TIME_OUT_OF_RANGE, "the event time is no moment of any calendar")
    return round(milliseconds)


def as_error(value: Any) -> str | None:
    """Return an error's code; of a message only that there was one, because messages quote values.

    Examples
    --------
    >>> as_error("42501"), as_error("OK"), as_error('duplicate key (mail)=("ann@example.com")')
    ('42501', None, 'failure')
    """
    if not value or (type(value) is str and value.lower() in _NO_ERRORS):
        return None
    text = as_text(value)
    return text if text is not None and _CODE.fullmatch(text) else "failure"


def as_verb(value: Any) -> str | None:
    """Return a command such as ``SELECT`` in capitals; anything else than a few words is None."""
    return value.upper() if type(value) is str and _VERB.fullmatch(value) else None
