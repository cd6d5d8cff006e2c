"""A small work, literally the same for everybody: how many rows an employee usually reads, and an alert beyond that.

Here the engines are measured, not the core: what a record costs besides the work is most of what it costs.
"""

from __future__ import annotations

import csv
import math
from itertools import islice
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

State = tuple[int, float, float]
"""Statements seen, exponentially weighted mean and variance of their rows."""

ALPHA = 0.05
MIN_STATEMENTS = 30
DEVIATIONS = 6.0
_AUDIT = "AUDIT: "


def read(line: bytes) -> tuple[str, int] | None:
    """Return the employee and the rows of a pgaudit jsonlog line (``pgaudit.log_rows``), if it has both."""
    record = orjson.loads(line)
    message = record.get("message", "")
    if not message.startswith(_AUDIT):
        return None
    count = next(csv.reader([message.removeprefix(_AUDIT)]))[-1]
    return (record["user"], int(count)) if count.isdecimal() else None


def learn(state: Sequence[float] | None, rows: int) -> State:
    """Return the state after one more statement (West 1979, with a fading factor)."""
    if state is None:
        return 1, float(rows), 0.0
    count, mean, variance = state
    delta = rows - mean
    return int(count) + 1, mean + ALPHA * delta, (1 - ALPHA) * (variance + ALPHA * delta * delta)


def is_unusual(state: Sequence[float] | None, rows: int) -> bool:
    """Tell whether so many rows are far beyond what is usual."""
    return state is not None and state[0] >= MIN_STATEMENTS and rows > state[1] + DEVIATIONS * math.sqrt(state[2])


def alert(employee: str, rows: int) -> bytes:
    """Return what is produced when it is unusual."""
    return orjson.dumps({"employee": employee, "rows": rows})


def step(line: bytes, load: Callable[[str], Sequence[float] | None]) -> tuple[str, State, bytes | None] | None:
    """Take in one line; returns whose state it changed, the new state, and the alert it raised, if any."""
    found = read(line)
    if found is None:
        return None
    employee, rows = found
    state = load(employee)
    return employee, learn(state, rows), alert(employee, rows) if is_unusual(state, rows) else None


def load(lines: Sequence[bytes], records: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield that many (key, line) pairs, keyed by employee.

    Each line comes several times, each time from somebody else: the employees of one simulated company are so few
    that writing their state would look cheaper than it is.
    """
    copies = -(-records // len(lines))
    many = (_as_employee(line, copy) for line in lines for copy in range(copies))
    return islice(many, records)


def _as_employee(line: bytes, copy: int) -> tuple[bytes, bytes]:
    head, mark, rest = line.partition(b'"user":"')
    user, quote, tail = rest.partition(b'"')
    key = b"%s.%d" % (user, copy)
    return key, head + mark + key + quote + tail
