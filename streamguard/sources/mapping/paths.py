"""Paths into JSON objects: the part of JSONPath (RFC 9535) that a mapping of fields needs.

    $.who.mail    who.mail    $.objects[*].name    $.parts[0].text    $['id.orig_h']

Members by name, items by number, every item (``[*]``). No filters, slices or descent: where a value stands is fixed in
an audit format, and each of them makes the time that a record costs depend on what is in it. That, and speed, is why
no JSONPath library is used: a record has a dozen paths, and one costs 0.1 to 0.3 us here (2 with ``[*]``) against 4
to 11 in jsonpath-ng 1.8 and 6 to 34 in python-jsonpath 2.2.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from streamguard.sources.fields import JsonObject

Path: TypeAlias = tuple[str | int | None, ...]
"""Names, numbers and None, which stands for every item of an array."""

_STEP = re.compile(
    r"""\.?(?P<name>[^\s.\[\]$*'"()?,]+) | \[(?P<number>\d{1,6})\] | \[(?P<all>\*)\]
    | \[(?P<quote>['"])(?P<quoted>[^'"]+)(?P=quote)\]""",
    re.VERBOSE,
)
MAX_STEPS = 32


def parse_path(text: str) -> Path:
    """Return the steps of a path.

    Raises
    ------
    ValueError
        When it is none, with what is allowed.

    Examples
    --------
    >>> parse_path("$.objects[*].name")
    ('objects', None, 'name')
    """
    rest = text.strip()
    if rest.startswith("$"):
        rest = rest[1:]
        if rest[:1] not in {".", "["}:
            raise _no_path(text)
    elif rest[:1] in {"", ".", "["}:
        raise _no_path(text)
    steps: list[str | int | None] = []
    position = 0
    while position < len(rest):
        match = _STEP.match(rest, position)
        # Only the first name may do without the dot, and only without the dollar sign.
        if match is None or (match["name"] and rest[position] != "." and (steps or text.strip().startswith("$"))):
            raise _no_path(text)
        steps.append(_step(match))
        position = match.end()
    if len(steps) > MAX_STEPS:
        raise ValueError(f"a path may have {MAX_STEPS} steps at most")
    return tuple(steps)


def _step(match: re.Match[str]) -> str | int | None:
    if match["all"]:
        return None
    return int(match["number"]) if match["number"] else match["name"] or match["quoted"]


def _no_path(text: str) -> ValueError:
    return ValueError(f"{text!r} is no path: write $.a.b, a.b, $.a[0].b, $.a[*].b or $['a.b']")


def value_at(path: Path) -> Callable[[JsonObject], Any]:
    """Return a function that finds the value at a path; what is not there is None, as is JSON's null.

    Where the path has ``[*]`` it is the first value found.
    """
    if None in path:
        every = values_at(path)
        return lambda record: next(iter(every(record)), None)
    steps: tuple[Any, ...] = path
    first, rest = steps[0], steps[1:]
    if not rest:
        return lambda record: record.get(first)

    def find(record: JsonObject) -> Any:
        value = record.get(first)
        for step in rest:
            if type(value) is dict:
                value = value.get(step)
            elif type(value) is list and type(step) is int and step < len(value):
                value = value[step]
            else:
                return None
        return value

    return find


def values_at(path: Path) -> Callable[[JsonObject], list[Any]]:
    """Return a function that finds all values at a path, nulls left out; an array at its end counts as its items."""

    def find(record: JsonObject) -> list[Any]:
        values: list[Any] = [record]
        for step in path:
            values = [inner for value in values for inner in _inside(value, step)]
        flat = (item for value in values for item in (value if type(value) is list else (value,)))
        return [value for value in flat if value is not None]

    return find


def _inside(value: Any, step: str | int | None) -> Iterable[Any]:
    if type(value) is dict:
        return (value[step],) if step in value else ()
    if type(value) is not list:
        return ()
    if step is None:
        return value
    return (value[step],) if type(step) is int and step < len(value) else ()
