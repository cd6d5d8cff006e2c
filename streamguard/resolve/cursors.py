"""How many rows were fetched from a cursor, by the FETCH statements of its session."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamguard.activity import Activity, Origin

EVERYTHING: Final = 1 << 62
"""Rows of a FETCH ALL."""

_NAME: Final = r"\"?([\w$]+)\"?"
_DECLARE: Final = re.compile(rf"declare {_NAME} ")
_FETCH: Final = re.compile(rf"fetch(?: (?:forward )?(?:\?|all)| next| forward)?(?: (?:from|in))? {_NAME}")
_OTHER: Final = re.compile(rf"(?:fetch|move) .*?{_NAME}$")


def fetched_rows(activities: Iterable[Activity]) -> dict[Origin, int]:
    """Return how many rows were asked for of each declared cursor: at most so many left, and if there are so many, all.

    Cursors that were moved or read backwards, and those whose FETCH is not in the log, are left out.

    Parameters
    ----------
    activities
        Of whole sessions, in the order of time; of what else is among them nothing is read.

    Returns
    -------
    dict
        By the origin of the DECLARE.
    """
    declared: dict[tuple[str | None, str | None, str], Origin] = {}
    rows: dict[Origin, int] = {}
    unknown: set[Origin] = set()
    for activity in activities:
        text = activity.statement or ""
        if activity.verb == "DECLARE CURSOR" and (match := _DECLARE.match(text)):
            declared[activity.instance, activity.session, match[1]] = activity.origin
            continue
        if not text.startswith(("fetch", "move")):
            continue
        match = _FETCH.fullmatch(text) or _OTHER.match(text)
        origin = None if match is None else declared.get((activity.instance, activity.session, match[1]))
        if origin is None:
            continue
        if _FETCH.fullmatch(text) is None or activity.error is not None:
            unknown.add(origin)
        else:
            more = activity.rows_at_most
            rows[origin] = min(EVERYTHING, rows.get(origin, 0) + (EVERYTHING if more is None else more))
    return {origin: count for origin, count in rows.items() if origin not in unknown}
