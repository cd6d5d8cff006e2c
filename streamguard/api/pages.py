"""Exposures of an incident, a page at a time: each page begins behind the last exposure of the one before."""

from __future__ import annotations

import base64
import binascii
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from streamguard.activity import Origin  # noqa: TC001 - msgspec reads the fields' types at run time
from streamguard.ledger import Span

if TYPE_CHECKING:
    from collections.abc import Collection

    from streamguard.activity import Exposure
    from streamguard.ledger import Ledger

MOST_EXPOSURES = 1_000
"""Of one page."""


class CursorError(ValueError):
    """The cursor is not one that a page ended with."""


class Place(NamedTuple):
    """Where an exposure stands among those of a ledger."""

    time_ms: int
    origin: Origin


class Page(NamedTuple):
    """Some exposures, and the cursor of the next page; None: that was all."""

    exposures: list[Exposure]
    next: str | None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Place).decode


def page_of(ledger: Ledger, span: Span, employees: Collection[str], limit: int, cursor: str | None = None) -> Page:
    """Return a page of the exposures of some employees.

    Parameters
    ----------
    ledger
        Gives them in the order of (time, origin).
    span, employees
        When and whose.
    limit
        Most exposures of the page.
    cursor
        What the page before ended with; None: the first page.

    Raises
    ------
    CursorError
        If the cursor is none.
    """
    after = None if cursor is None else _read(cursor)
    if after is not None:
        span = Span(max(span.from_ms, after.time_ms), span.to_ms)
    found = (one for one in ledger.exposures(span, employees) if after is None or _place(one) > after)
    some = list(islice(found, limit + 1))
    more = len(some) > limit
    return Page(some[:limit], _written(_place(some[limit - 1])) if more else None)


def _place(exposure: Exposure) -> Place:
    return Place(exposure.activity.time_ms, exposure.origin)


def _written(place: Place) -> str:
    return base64.urlsafe_b64encode(_encode(place)).decode().rstrip("=")


def _read(cursor: str) -> Place:
    try:
        return _decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, msgspec.DecodeError) as error:
        raise CursorError("cursor: not what the page before ended with (`next`)") from error
