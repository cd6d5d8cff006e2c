"""How figures, moments and days are written: the same words in every rendering."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

from streamguard.dossier.atoms import Day, Figure, Moment, Name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamguard.dossier.atoms import Piece

_PLURALS: Final = {"person": "people", "address": "addresses", "category": "categories"}
_EPOCH: Final = date(1970, 1, 1).toordinal()
_MINUTE_MS: Final = 60_000
_HOUR_MS: Final = 60 * _MINUTE_MS
_DAY_MS: Final = 24 * _HOUR_MS
_NUMBERED: Final = re.compile(r"([A-Z])(\d+)")


class Link(NamedTuple):
    """A reference to evidence: one entry, or the first of several in a row."""

    anchor: str
    text: str


def written(piece: Piece, time_zone: str) -> str:
    """Return a piece as plain words.

    Parameters
    ----------
    piece
        Of a text.
    time_zone
        IANA name.
    """
    if isinstance(piece, str):
        return piece
    if isinstance(piece, Figure):
        return figure_text(piece)
    if isinstance(piece, Moment):
        return (
            f"{datetime.fromtimestamp(piece.time_ms / 1000, tz=UTC).astimezone(ZoneInfo(time_zone)):%Y-%m-%d %H:%M %Z}"
        )
    if isinstance(piece, Day):
        return date.fromordinal(_EPOCH + piece.number).isoformat()
    return _visible(piece.text) if isinstance(piece, Name) else piece.text


def _visible(text: str) -> str:
    """Return text on one line without what eyes do not see: such characters can make it read as something else."""
    return "".join(letter if letter.isprintable() else "?" for letter in " ".join(text.split()))


def figure_text(figure: Figure) -> str:
    """Write a number with its bounds: ``48,210 people``, ``41,203 to 48,210``, ``up to 6,000``, ``at least 12``."""
    lower, upper = figure.lower, figure.upper
    if figure.unit == "ms":
        return duration(lower)
    if figure.unit == "permille":
        return f"{lower / 10:.1f} %"
    if upper is None:
        count = f"at least {lower:,}" if lower else ("an unknown number of" if figure.unit else "cannot tell")
    elif lower == upper:
        count = f"{lower:,}"
    else:
        count = f"{lower:,} to {upper:,}" if lower else f"up to {upper:,}"
    if not figure.unit:
        return count
    return f"{count} {figure.unit if lower == upper == 1 else plural(figure.unit)}"


def plural(unit: str) -> str:
    """Return the plural of a unit."""
    return _PLURALS.get(unit, f"{unit}s")


def duration(length_ms: int) -> str:
    """Write a length of time with its two largest parts: ``2 days 3 h``, ``5 h 12 min``, ``12 min``."""
    days, hours = length_ms // _DAY_MS, length_ms % _DAY_MS // _HOUR_MS
    minutes = length_ms % _HOUR_MS // _MINUTE_MS
    if days >= 3:
        return f"{days:,} days {hours} h" if hours else f"{days:,} days"
    hours += 24 * days
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else "less than a minute"


def links(evidence: Iterable[str]) -> list[Link]:
    """Return the references of a figure; three and more in a row become one: ``S1`` to ``S4`` with a dash."""
    found: list[Link] = []
    told = sorted({_place(anchor) for anchor in evidence})
    runs = groupby(enumerate(told), lambda one: (one[1][0], one[1][1] - one[0]))
    for _, run in runs:
        anchors = [f"{letter}{number}" for _, (letter, number) in run]
        if len(anchors) > 2:
            found.append(Link(anchors[0], f"{anchors[0]}\u2013{anchors[-1]}"))
        else:
            found += [Link(anchor, anchor) for anchor in anchors]
    return found


def _place(anchor: str) -> tuple[str, int]:
    found = _NUMBERED.fullmatch(anchor)
    if found is None:
        raise ValueError(f"{anchor!r} is no anchor: a letter and a number are needed")
    return found[1], int(found[2])
