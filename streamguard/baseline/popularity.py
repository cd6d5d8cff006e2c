"""How many members of a group know a symbol: what is new to somebody may be old to all others."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from streamguard.baseline.codec import Kind, Reader, Writer

if TYPE_CHECKING:
    from collections.abc import Callable

BUCKETS: Final = 8
_MOST_PER_BUCKET: Final = 512
_BITS: Final = 32
_MASK: Final = 0xFFFFFFFF
_SYMBOL: Final = struct.Struct("<BI")
_RARE_SHARE: Final = 0.1
FAMES: Final = 3
"""Levels of fame."""


class Fame(NamedTuple):
    """How known a symbol was before one more member met it."""

    level: int
    """0 to nobody, 1 to few (less than a tenth of the active members), 2 to more."""
    spreading: float
    """Share of the members who took it up since yesterday: what many begin to use these days is new to all alike."""


class Popularity:
    """Counts of members by symbol, in entries by hash so that one more symbol rewrites little.

    Parameters
    ----------
    prefix
        Of the state keys.
    load
        Reads a stored entry by key.
    """

    def __init__(self, prefix: bytes, load: Callable[[bytes], bytes | None]) -> None:
        self._prefix = prefix
        self._load = load
        self._buckets: list[dict[int, tuple[int, int, int]] | None] = [None] * BUCKETS
        """(members who know it, day on which the last one met it, how many did so lately)"""
        self.dirty: set[int] = set()

    def key(self, bucket: int) -> bytes:
        """State key of a bucket."""
        return b"%sknown:%d" % (self._prefix, bucket)

    def meet(self, symbol: int, members: int, day: int) -> Fame:
        """Note that one more member uses a symbol; return how known it was before.

        Parameters
        ----------
        members
            How many members are active these weeks.
        day
            Number of the behavioural day.
        """
        bucket = self._bucket(symbol)
        known, last_day, lately = bucket.pop(symbol, (0, day, 0))
        if not known and len(bucket) >= _MOST_PER_BUCKET:
            del bucket[next((found for found, (count, *_) in bucket.items() if count == 1), next(iter(bucket)))]
        lately = _left(lately, day - last_day)
        bucket[symbol] = (known + 1, max(day, last_day), lately + 1)
        self.dirty.add(symbol % BUCKETS)
        level = 0 if not known else 1 if known < _RARE_SHARE * members else 2
        return Fame(level, lately / max(members, lately, 1))

    def leave(self, symbol: int) -> None:
        """Take back that a member uses a symbol."""
        bucket = self._bucket(symbol)
        found = bucket.get(symbol)
        if found is None:
            return
        known, last_day, lately = found
        if known > 1:
            bucket[symbol] = (known - 1, last_day, max(0, lately - 1))
        else:
            del bucket[symbol]
        self.dirty.add(symbol % BUCKETS)

    def encode(self, bucket: int) -> bytes:
        """Encode one bucket."""
        out = Writer(Kind.KNOWN)
        found = self._buckets[bucket] or {}
        out.count(len(found))
        for symbol, (known, last_day, lately) in found.items():
            out.fields(_SYMBOL, symbol >> _BITS, symbol & _MASK)
            out.count(known)
            out.signed(last_day)
            out.count(lately)
        return out.bytes()

    def _bucket(self, symbol: int) -> dict[int, tuple[int, int, int]]:
        place = symbol % BUCKETS
        found = self._buckets[place]
        if found is None:
            found = self._buckets[place] = self._read(self._load(self.key(place)))
        return found

    @staticmethod
    def _read(data: bytes | None) -> dict[int, tuple[int, int, int]]:
        found: dict[int, tuple[int, int, int]] = {}
        if data is not None:
            source = Reader(data, Kind.KNOWN)
            for _ in range(source.count()):
                attribute, number = source.fields(_SYMBOL)
                found[attribute << _BITS | number] = (source.count(), source.signed(), source.count())
            source.end()
        return found


def _left(lately: int, days: int) -> int:
    """Return what of a number of days ago still counts: half of it a day."""
    return lately >> min(max(days, 0), 62)
