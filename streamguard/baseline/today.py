"""One behavioural day of a peer group: how far above the usual everybody is, and what is common to all.

Month end lifts a whole team. The common mode is the median of the *other* members' residuals, floored at 0:
what most peers share today is subtracted from each of them, and a minority of colluders cannot move a median.
"""

from __future__ import annotations

import struct
from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamguard.baseline.codec import Reader, Writer

REFRESH_MS = 15 * 60_000
BELOW = -1
"""Residual of an active member who is not above the own usual level."""
_ABSENT = -32768
_LARGEST = 32767
_LEAST_OTHERS = 4
_LEAST_SHARE = 0.1
_FULL_SHARE = 0.3
_HEAD = struct.Struct("<qqq")
_PLACE = struct.Struct("<hh")


class PeerDay:
    """Residuals of today's active members, in whole tenths of a standard deviation.

    Parameters
    ----------
    day
        Number of the behavioural day.
    places
        How many measures there are.
    expected
        How many members are usually active within two weeks.
    """

    __slots__ = ("_due_ms", "_pairs", "_residuals", "_stale", "_top", "_under", "day", "dirty", "expected", "version")

    def __init__(self, day: int, places: int, expected: int) -> None:
        self.day = day
        self.expected = expected
        self.dirty = True
        self.version = 0
        """Grows when the common mode may have changed; not part of the state."""
        self._due_ms = -(2**62)
        self._stale = False
        self._pairs = [(0, 0)] * places
        self._residuals = [array("h") for _ in range(places)]
        self._under = [b""] * places
        self._top: list[tuple[int, int]] = []

    def enter(self, slot: int, residuals: list[int]) -> None:
        """Note the residuals of the member in ``slot``."""
        for values, residual in zip(self._residuals, residuals, strict=True):
            if slot >= len(values):
                values.extend([_ABSENT] * (slot + 1 - len(values)))
            kept = min(max(residual, BELOW), _LARGEST)
            if values[slot] != kept:
                values[slot] = kept
                self._stale = self.dirty = True

    def note_rows(self, slot: int, rows: int) -> None:
        """Keep the two largest totals of the day, so that "the peers' maximum" excludes the member asked for."""
        if len(self._top) == 2 and rows <= self._top[1][1]:
            return
        others = [entry for entry in self._top if entry[0] != slot]
        self._top = sorted([*others, (slot, rows)], key=lambda entry: (-entry[1], entry[0]))[:2]
        self.dirty = True

    def peers_most_rows(self, slot: int) -> int | None:
        """Return the largest total of rows today of any other member; None if nobody else was active."""
        return max((rows for other, rows in self._top if other != slot), default=None)

    def refresh(self, time_ms: int) -> None:
        """Recompute the common mode if the current quarter of an hour of event time has not seen it yet."""
        if time_ms < self._due_ms:
            return
        self._due_ms = (time_ms // REFRESH_MS + 1) * REFRESH_MS
        self.dirty = True
        if self._stale:
            for place in range(len(self._residuals)):
                self._settle(place)
            self._stale = False
            self.version += 1

    def common(self, place: int, slot: int) -> int:
        """Return the common mode for the member in ``slot``: the order statistic of the others.

        Leaving one value out of an ordered list shifts an order statistic by at most one place, so the two
        candidates and, for each member, on which side it stood are all that has to be kept. What a member
        did can therefore never change the member's own common mode.
        """
        under = self._under[place]
        low, high = self._pairs[place]
        return high if 0 <= slot < len(under) and under[slot] else low

    def write(self, out: Writer) -> None:
        """Append the day to an entry."""
        out.fields(_HEAD, self.day, self._due_ms, self.expected)
        out.count(int(self._stale))
        for pair, under, values in zip(self._pairs, self._under, self._residuals, strict=True):
            out.fields(_PLACE, *pair)
            out.raw(under)
            out.raw(struct.pack(f"<{len(values)}h", *values))
        out.count(len(self._top))
        for slot, rows in self._top:
            out.count(slot)
            out.count(rows)

    @classmethod
    def read(cls, source: Reader, places: int) -> PeerDay:
        """Restore what :meth:`write` wrote."""
        day, due_ms, expected = source.fields(_HEAD)
        new = cls(day, places, expected)
        new.dirty = False
        new._due_ms = due_ms
        new._stale = bool(source.count())
        for place in range(places):
            new._pairs[place] = source.fields(_PLACE)
            new._under[place] = source.raw()
            packed = source.raw()
            new._residuals[place] = array("h", struct.unpack(f"<{len(packed) // 2}h", packed))
        new._top = [(source.count(), source.count()) for _ in range(source.count())]
        return new

    def _settle(self, place: int) -> None:
        """Compute the two candidates of a measure, and the side on which each member stands."""
        values = self._residuals[place]
        present = sorted(value for value in values if value != _ABSENT)
        others = len(present) - 1
        if others < _LEAST_OTHERS or len(present) < _LEAST_SHARE * self.expected:
            self._pairs[place], self._under[place] = (0, 0), b""
            return
        # While few are in, those who are may be the busy ones: believe the lower tertile, not the median.
        share = 0.5 if len(present) >= _FULL_SHARE * self.expected else 1.0 / 3.0
        middle = int(share * (others - 1))
        split = present[middle]
        self._pairs[place] = (max(0, split), max(0, present[middle + 1]))
        self._under[place] = bytes(_ABSENT < value <= split for value in values)
