"""What the adapters of cloud warehouses share: rows of exported tables, numbers as texts, names in three parts.

A warehouse holds many databases, and a statement may read any of them whatever the session's own is. A table that is
looked up in the wrong database is not found, and its personal data with it. So a database is told only where the
record leaves no doubt; None means "of any database" to whoever looks the table up.
"""

from __future__ import annotations

import math
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import orjson

from streamguard.sources.fields import JsonObject, row_count
from streamguard.sources.jsontext import read_odd_json
from streamguard.sources.reasons import Refusal, RejectedReason

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from streamguard.sources.context import Context

_PART = r"[\w$*-]+"
_QUALIFIED = re.compile(
    rf"(?:\b(?:from|join|into|update|table|using|clone|copy)|,) ?\(? ?"
    rf"[\"`]?({_PART})[\"`]?\.[\"`]?({_PART})[\"`]?\.[\"`]?({_PART})"
)
"""Names in three parts where a table stands. Elsewhere they are ``schema.table.column``."""

_NAME_PART = re.compile(r'"((?:[^"]|"")+)"|`([^`]+)`|([^."`]+)')
_NUMBER = re.compile(r"\d{9,19}(?:\.\d{1,9})?", re.ASCII)
_ZONE = re.compile(r"(?:[A-Za-z]{1,6}|[+-]\d\d:?(?:\d\d)?)$", re.ASCII)
_SECONDS_BELOW = 10**11
"""As seconds the year 5138, as milliseconds 1973: below this an epoch counts seconds."""


def lower_keys(record: JsonObject) -> JsonObject:
    """Return a row of an exported table with its column names in lower case (JDBC connectors write them upper)."""
    return {key.lower(): value for key, value in record.items()}


def text_in(record: JsonObject, *keys: str) -> str | None:
    """Return the first member that is a non-empty text or a whole number (ids come as either)."""
    for key in keys:
        value = record.get(key)
        if type(value) is str and (value := value.strip()):
            return value
        if type(value) is int:
            return str(value)
    return None


def required(record: JsonObject, reason: RejectedReason, *keys: str) -> str:
    """Return the first of several members that has a text.

    Raises
    ------
    Refusal
        With the reason given, when none has.
    """
    found = text_in(record, *keys)
    if found is None:
        raise Refusal(reason, f"{' or '.join(keys)} must be a text")
    return found


def whole(value: object) -> int | None:
    """Return a count that is nobody's rows (bytes, milliseconds); anything but a whole number from 0 on is None."""
    if type(value) is str and value.isascii() and value.isdigit() and len(value) <= 19:
        return int(value)
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and value >= 0 else None


def rows_in(record: JsonObject, *keys: str) -> int | None:
    """Return the largest count of rows among several members; None if there is none.

    Raises
    ------
    Refusal
        When one of them can be no count of rows.
    """
    counts = (row_count(int(v) if type(v) is float and v.is_integer() else v) for v in map(record.get, keys))
    return max((count for count in counts if count is not None), default=None)


def moment_in(record: JsonObject, *keys: str) -> str | int | None:
    """Return the first time among several members: a text with its zone, or milliseconds since 1970 UTC.

    Epochs may count seconds, milli-, micro- or nanoseconds, as numbers or texts. A text without a zone is UTC: the
    connectors' statements in the documentation convert to it.

    Raises
    ------
    Refusal
        ``invalid_time``, for a number that is none.
    """
    for key in keys:
        value = record.get(key)
        if type(value) is str and (value := value.strip()):
            if not _NUMBER.fullmatch(value):
                return value if _ZONE.search(value) else f"{value} UTC"
            value = float(value) if "." in value else int(value)
        if type(value) is int or type(value) is float:
            return _milliseconds(value)
    return None


def _milliseconds(epoch: float) -> int:
    if not math.isfinite(epoch):
        raise Refusal(RejectedReason.INVALID_TIME, "the event time is no number of seconds")
    if abs(epoch) < _SECONDS_BELOW:
        return math.floor(epoch * 1000 + 0.5)
    while abs(epoch) >= _SECONDS_BELOW * 1000:
        epoch = epoch // 1000
    return int(epoch)


def elapsed_ms(context: Context, start: object, end: object) -> float | None:
    """Return the milliseconds between two times of the log; None where either cannot be read."""
    if type(start) is not str or type(end) is not str:
        return None
    try:
        clock = context.tools.clock
        elapsed = clock.read(end) - clock.read(start)
    except Refusal:
        return None
    return float(elapsed) if elapsed >= 0 else None


def parsed(value: object) -> Any:
    """Return what a member holds whether it came as JSON or as a text of JSON; None for what is neither."""
    if type(value) is not str:
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError as error:
        with suppress(Refusal):
            return next(read_odd_json(value.encode(), error), None)
    return None


def parsed_object(value: object) -> JsonObject:
    """Return a member that is an object, or the text of one; else an empty object."""
    found = parsed(value)
    return found if type(found) is dict else {}


def name_parts(name: str) -> list[str]:
    """Return the parts of a dotted name, without the quotes of those that need them.

    Examples
    --------
    >>> name_parts('CRM."my.schema".CUSTOMERS')
    ['CRM', 'my.schema', 'CUSTOMERS']
    """
    return [plain or back or double.replace('""', '"') for double, back, plain in _NAME_PART.findall(name)]


def shared_database(databases: Iterable[str | None]) -> str | None:
    """Return the database that all tables are of; None if there are several, or none.

    Examples
    --------
    >>> shared_database(["CRM", "CRM"])
    'CRM'
    >>> shared_database(["CRM", "SALES"]) is None
    True
    """
    distinct = set(databases)
    return distinct.pop() if len(distinct) == 1 else None


def database_of(text: str | None, tables: Collection[str], own: str | None) -> str | None:
    """Return the database that a statement's tables are of, as far as its text tells.

    Parameters
    ----------
    text
        The normalised statement.
    tables
        ``schema.table`` or ``table``, as the analysis of the text lists them: without the database.
    own
        The session's database; None: not known.

    Returns
    -------
    str or None
        ``own`` unless the text names another; the one that the text names for every table; else None.
    """
    named = {} if text is None else {f"{m[2]}.{m[3]}": m[1] for m in _QUALIFIED.finditer(text)}
    others = {name for name in named.values() if own is None or name != own.lower()}
    if not others:
        return own
    if len(set(named.values())) == 1 and all(table in named for table in tables):
        return others.pop()
    return None
