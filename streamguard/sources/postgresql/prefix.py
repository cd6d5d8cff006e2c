"""PostgreSQL's ``log_line_prefix``, turned into a pattern that reads plain log lines.

Source: PostgreSQL documentation, section 20.8.3, "log_line_prefix".

Plain lines are the weakest carrier: a user chooses the application name that stands between the fields. Every
field therefore has a bounded length (no pattern can be made to backtrack for long), and a line on which a second
audit message seems to begin is refused as ambiguous by the reader. jsonlog and csvlog have neither problem.
"""

from __future__ import annotations

import re
from typing import TypeAlias

Prefix: TypeAlias = re.Pattern[str]
"""Matches a prefix and the severity behind it; the message begins where the match ends."""

_TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? [A-Za-z0-9+:-]{1,9}?"
_ESCAPES = {
    "a": ("application", r".{0,64}?"),
    "u": ("user", r".{0,64}?"),
    "d": ("database", r"[^@\n]{0,64}?"),  # no @: what stands before the last @ of %u@%d is the user
    "r": ("remote", r"\[local\]|[^\s(]{0,255}(?:\(\d{1,5}\))?"),
    "h": ("host", r"\S{0,255}?"),
    "p": ("pid", r"\d{0,10}"),
    "t": ("time", _TIME),
    "m": ("time", _TIME),
    "n": ("epoch", r"\d{1,12}\.\d{1,6}"),
    "c": ("session", r"(?:[0-9a-f]{1,16}\.[0-9a-f]{1,8})?"),
    "b": (None, r".{0,64}?"),
    "i": (None, r".{0,64}?"),
    "e": ("sqlstate", r"[0-9A-Z]{5}"),
    "l": (None, r"\d{0,20}"),
    "s": (None, _TIME),
    "v": (None, r"\S{0,32}?"),
    "x": (None, r"\d{0,20}"),
    "Q": (None, r"-?\d{0,20}"),
    "P": (None, r"\d{0,10}"),
    "L": (None, r"\S{0,255}?"),
}
_ESCAPE = re.compile(r"%(-?\d*)([A-Za-z%])")

SEVERITIES = (
    "DEBUG[1-5]?|INFO|NOTICE|WARNING|ERROR|LOG|FATAL|PANIC|DETAIL|HINT|QUERY|CONTEXT|LOCATION|STATEMENT|BACKTRACE"
)
# log_error_verbosity=verbose writes the SQLSTATE (five characters with a digit: "AUDIT" has none); AlloyDB writes
# the source file.
_TAIL = (
    rf"(?P<severity>{SEVERITIES}): {{0,2}}"
    r"(?:(?=[A-Z]{0,4}\d)[0-9A-Z]{5}: )?(?:\[\w{1,64}\.c:\d{1,6}\] ?)?"
)


def compile_prefix(prefix: str) -> Prefix:
    """Return the pattern of a ``log_line_prefix``.

    Named groups, each optional: ``time``, ``epoch``, ``user``, ``database``, ``application``, ``host``, ``remote``
    (host and port), ``pid``, ``session``, ``sqlstate``; always ``severity``.

    Parameters
    ----------
    prefix
        The setting's value, for example ``%m [%p] %q%u@%d ``.

    Raises
    ------
    ValueError
        When the prefix has an escape that PostgreSQL does not know.

    Examples
    --------
    >>> line = "2026-11-22 03:57:28.833 UTC [7] ann@crm LOG:  AUDIT: ..."
    >>> compile_prefix("%m [%p] %q%u@%d ").match(line).group("user")
    'ann'
    """
    seen: set[str] = set()
    parts: list[str] = []
    position = 0
    is_open = False
    for match in _ESCAPE.finditer(prefix):
        parts.append(re.escape(prefix[position : match.start()]))
        position = match.end()
        if match[2] == "q":
            if not is_open:
                parts.append("(?:")  # processes without a session end their prefix here
            is_open = True
        else:
            parts.append(_pattern(prefix, match, seen))
    parts.append(re.escape(prefix[position:]))
    if is_open:
        parts.append(")?")
    return re.compile("".join(parts) + _TAIL)


def _pattern(prefix: str, match: re.Match[str], seen: set[str]) -> str:
    padding, letter = match.groups()
    if letter == "%":
        return "%"
    if letter not in _ESCAPES:
        raise ValueError(f"log_line_prefix {prefix!r}: %{letter} is not an escape of PostgreSQL")
    name, pattern = _ESCAPES[letter]
    if name is None or name in seen:
        body = f"(?:{pattern})"
    else:
        seen.add(name)
        body = f"(?P<{name}>{pattern})"
    return f" *{body} *" if padding else body
