"""Sequential scans: statements of one shape, each beginning where another one ended.

Several chains are followed at once, so that a statement in between neither ends one nor hides it.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final
from zlib import crc32

if TYPE_CHECKING:
    from streamguard.baseline.codec import Reader, Writer

_MOST_LONG: Final = 6
_MOST_BEGUN: Final = 6
_PLACE: Final = struct.Struct("<I")


class Chains:
    """Lengths of chains, by the places (statement shape, position) where they would go on.

    The longest are kept, and the latest of those that have just begun.
    """

    __slots__ = ("_begun", "_ends")

    def __init__(self) -> None:
        self._ends: dict[int, int] = {}
        self._begun: dict[int, None] = {}

    def extend(self, seed: int, piece: tuple[str, str]) -> int:
        """Take in a statement's piece; return the length of its chain so far.

        Parameters
        ----------
        seed
            Stands for the statement's shape.
        piece
            (beginning, beginning of the next).
        """
        begin, end = piece
        if begin == end:
            return 0
        before, after = _place(begin, seed), _place(end, seed)
        ends, begun = self._ends, self._begun
        # Where a chain came by stays known for a while: reading a page twice, or in other pieces, does not end it.
        length = 2 if before in begun else ends.get(before, 0) + 1
        if length == 1:
            if after not in ends and after not in begun:
                if len(begun) >= _MOST_BEGUN:
                    del begun[next(iter(begun))]
                begun[after] = None
        elif length > ends.get(after, 1):
            if after not in ends and len(ends) >= _MOST_LONG:
                del ends[_shortest(ends)]
            ends[after] = length
        return length

    def write(self, out: Writer) -> None:
        """Append the chains to an entry."""
        out.count(len(self._ends))
        for place, length in self._ends.items():
            out.fields(_PLACE, place)
            out.count(length)
        out.raw(struct.pack(f"<{len(self._begun)}I", *self._begun))

    @classmethod
    def read(cls, source: Reader) -> Chains:
        """Restore what :meth:`write` wrote."""
        new = cls()
        for _ in range(source.count()):
            (place,) = source.fields(_PLACE)
            new._ends[place] = source.count()
        packed = source.raw()
        new._begun = dict.fromkeys(struct.unpack(f"<{len(packed) // 4}I", packed))
        return new


def _place(position: str, seed: int) -> int:
    """Return 32 bits that stand for a place; nobody gains by two that are alike."""
    return crc32(position.encode("utf-8", "replace"), seed)


def _shortest(ends: dict[int, int]) -> int:
    """Return the place of the shortest chain, among equals of the one that began first."""
    shortest = least = -1
    for place, length in ends.items():
        if least < 0 or length < least:
            shortest, least = place, length
    return shortest
