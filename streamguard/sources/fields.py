"""Typed access to the members of untrusted JSON objects."""

from __future__ import annotations

import re
from typing import Any, Final, TypeAlias

from streamguard.sources.reasons import Refusal, RejectedReason

JsonObject: TypeAlias = dict[str, Any]

_CODE: Final = re.compile(r"[A-Za-z0-9_.:/-]{1,64}", re.ASCII)
_COMMAND: Final = re.compile(r"[A-Za-z][A-Za-z0-9_./ -]{0,63}", re.ASCII)

MAX_ROWS: Final = 2**53
"""Beyond this a double no longer tells neighbouring counts apart, and no table is that large."""


def required_text(record: JsonObject, key: str) -> str:
    """Return a member that must be a non-empty text.

    Raises
    ------
    Refusal
        ``missing_field`` or ``wrong_type``. The detail names the key, never the value.
    """
    value = record.get(key)
    if type(value) is not str:
        if value is None:
            raise Refusal(RejectedReason.MISSING_FIELD, f"{key} is missing")
        raise Refusal(RejectedReason.WRONG_TYPE, f"{key} must be a text")
    if not value:
        raise Refusal(RejectedReason.MISSING_FIELD, f"{key} is empty")
    return value


def optional_text(record: JsonObject, key: str) -> str | None:
    """Return a member if it is a non-empty text; what is missing or of another type is None."""
    value = record.get(key)
    return value if type(value) is str and value else None


def member(record: JsonObject, key: str) -> JsonObject:
    """Return a member that is an object, or an empty object."""
    value = record.get(key)
    return value if type(value) is dict else {}


def error_code(error: str) -> str:
    """Return an error if it looks like a code; of a message only that there was one, because messages quote values.

    Examples
    --------
    >>> error_code("42501"), error_code('duplicate key (mail)=("ann@example.com")')
    ('42501', 'failure')
    """
    return error if _CODE.fullmatch(error) else "failure"


def command(verb: str | None) -> str:
    """Return what a log says the command is, ``UNKNOWN`` if it says none or something that cannot be one."""
    return verb if verb is not None and _COMMAND.fullmatch(verb) else "UNKNOWN"


def label(value: object) -> str | None:
    """Return a number or code that some writers quote and others do not, as a text; nothing and "" are None.

    Examples
    --------
    >>> label(62), label("62"), label(""), label(True)
    ('62', '62', None, None)
    """
    return str(value) if value != "" and type(value) in {int, str} else None


def row_count(value: object) -> int | None:
    """Return a count of rows given as an integer or as its digits; None and the empty text are None.

    Raises
    ------
    Refusal
        ``negative_rows``, ``rows_out_of_range`` (above 2**53) or ``invalid_rows``.
    """
    if value is None or value == "":
        return None
    if type(value) is str:
        if len(value) < 16 and value.isdigit() and value.isascii():
            return int(value)
        # The length is tested before int(): a number of a million digits takes quadratic time.
        if value.isascii() and value.isdigit():
            value = int(value) if len(value) <= 16 else MAX_ROWS + 1
        elif value.startswith("-") and value[1:].isascii() and value[1:].isdigit():
            value = -1
    elif type(value) is float and value > MAX_ROWS:
        value = MAX_ROWS + 1  # orjson reads integers beyond 64 bits as floats
    if type(value) is not int:
        raise Refusal(RejectedReason.INVALID_ROWS, "the number of rows is not a whole number")
    if value < 0:
        raise Refusal(RejectedReason.NEGATIVE_ROWS, "the number of rows is negative")
    if value > MAX_ROWS:
        raise Refusal(RejectedReason.ROWS_OUT_OF_RANGE, "the number of rows is above 2**53")
    return value
