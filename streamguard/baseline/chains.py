"""Sequential scans: statements of one shape, each beginning where another one ended.

Several chains are followed at once, so that a statement in between neither ends one nor hides it.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from streamguard.baseline.codec import Reader, Writer

_MOST_PLACES = 8
_PLACE = struct.Struct("<I")


class Chains:
    """Lengths of the longest chains, by the places (statement shape, position) where they would go on."""

    __slots__ = ("_ends", "_last")

    def __init__(self) -> None:
        self._last: tuple[tuple[str | None, str] | None, int] = (None, 0)
        self._ends: dict[int, int] = {}

    def extend(self, fingerprint: str | None, piece: tuple[str, str]) -> int:
        """Take in a statement's piece (beginning, beginning of the next); return the length of its chain so far."""
        begin, end = piece
        if begin == end:
            return 0
        ends = self._ends
        # Mostly a piece begins where the one before ended, and need not be looked up by its text again.
        known, place = self._last
        length = ends.get(place if known == (fingerprint, begin) else _place(fingerprint, begin), 0) + 1
        place = _place(fingerprint, end)
        self._last = ((fingerprint, end), place)
        # Where a chain came by stays known for a while: reading a page twice, or in other pieces, does not end it.
        if place not in ends and len(ends) >= _MOST_PLACES:
            del ends[min(ends, key=ends.__getitem__)]
        ends[place] = max(length, ends.get(place, 0))
        return length

    def write(self, out: Writer) -> None:
        """Append the chains to an entry."""
        out.count(len(self._ends))
        for place, length in self._ends.items():
            out.fields(_PLACE, place)
            out.count(length)

    @classmethod
    def read(cls, source: Reader) -> Chains:
        """Restore what :meth:`write` wrote."""
        new = cls()
        for _ in range(source.count()):
            (place,) = source.fields(_PLACE)
            new._ends[place] = source.count()
        return new


def _place(fingerprint: str | None, position: str) -> int:
    """Return 32 bits that stand for a place; nobody gains by two that are alike."""
    return crc32(f"{fingerprint} {position}".encode("utf-8", "replace"))
