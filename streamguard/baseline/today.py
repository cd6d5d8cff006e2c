"""One behavioural day of a peer group: how far above the usual everybody is, and what is common to all.

Month end lifts a whole team, a new release is new to all of it. The common mode is the median of the *other* members'
values, floored at 0: what most peers share today is subtracted from each of them, and a minority of colluders cannot
move a median.
"""

from __future__ import annotations

import struct
from array import array
from typing import TYPE_CHECKING, Final

from streamguard.baseline.measure import LARGEST, VOLUMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.baseline.codec import Reader, Writer

FIRST_LARGEST_PLACE: Final = len(VOLUMES)
NOVELTY_PLACE: Final = FIRST_LARGEST_PLACE + len(LARGEST)
HOUR_PLACE: Final = NOVELTY_PLACE + 1
PLACES: Final = HOUR_PLACE + 1
"""Values of a member: residuals of the volumes, rarities of the largest, novelty, hour."""
HONEY_PLACE: Final = PLACES
"""Not among the values that are compared: what peers touch is no excuse."""
_DROPPED: Final = -2
"""Version of a day that is no longer kept."""
REFRESH_MS: Final = 15 * 60_000
NOTHING_COMMON: Final = (0,) * PLACES
_LARGEST: Final = 32767
_LEAST_OTHERS: Final = 4
_LEAST_SHARE: Final = 0.1
_FULL_SHARE: Final = 0.3
_SHARE: Final = 0.8
_EARLY_SHARE: Final = 0.5
_STEP: Final = 3
"""What is common is rounded down to this many tenths: less than that excuses nobody, and changes with every arrival."""
_HEAD: Final = struct.Struct("<qqq")


class PeerDay:
    """Values of today's active members, in whole tenths (of a standard deviation, of a nat), not below 0.

    Parameters
    ----------
    day
        Number of the behavioural day.
    expected
        How many members are usually active within two weeks.
    at_least
        What is expected to be common today whoever has begun, by place.
    opening
        Tells days of the same number apart: one that was dropped may be opened again, by a member whose records come
        late, and those who were on it before are not on that one.

    Attributes
    ----------
    due_ms
        Event time from which on the common mode is to be refreshed.
    version
        Grows when what a member's day is compared with changed.
    second_rows
        A member with fewer rows today is not among the two with most.
    """

    __slots__ = (
        "_above",
        "_commons",
        "_present",
        "_stale",
        "_top",
        "_values",
        "at_least",
        "day",
        "dirty",
        "due_ms",
        "expected",
        "opening",
        "second_rows",
        "version",
    )

    def __init__(self, day: int, expected: int, opening: int = 0, at_least: tuple[int, ...] = NOTHING_COMMON) -> None:
        self.day = day
        self.opening = opening
        self.at_least = at_least
        self.expected = expected
        self.dirty = True
        self.version = 0
        self.due_ms = -(2**62)
        self.second_rows = -1
        self._present = bytearray()
        self._stale = 0
        self._values = [array("h") for _ in range(PLACES)]
        self._above = [0] * PLACES
        """How many members have a value above 0."""
        self._commons: dict[int, tuple[int, int, bytes]] = {}
        """By place: the two candidates and who stands at or below the lower one; no entry: nothing is common."""
        self._top: list[tuple[int, int]] = []

    @property
    def is_kept(self) -> bool:
        """Whether the members on the day are compared with each other; not after it was dropped."""
        return bool(self._values)

    @property
    def active(self) -> int:
        """How many members have been active so far."""
        return self._present.count(1)

    def drop(self) -> None:
        """Let go of everything: the day is no longer kept, and nobody on it is compared with others any more."""
        self.due_ms = 2**62
        self.version = _DROPPED
        self.expected = 0
        self._present, self._values = bytearray(), []
        self._commons, self._top, self.second_rows = {}, [], 2**62
        self.at_least = NOTHING_COMMON

    def join(self, slot: int) -> None:
        """Note that the member in ``slot`` is active today, with nothing above the usual yet."""
        if slot >= len(self._present):
            missing = slot + 1 - len(self._present)
            self._present.extend(bytes(missing))
            for values in self._values:
                values.extend([0] * missing)
        if not self._present[slot]:
            self._present[slot] = 1
            self._stale = (1 << PLACES) - 1
            self.dirty = True

    def enter(self, slot: int, place: int, value: int) -> None:
        """Note a value of the member in ``slot``; of nobody, if the member has none or the day is no longer kept."""
        if slot < 0 or not self._values:
            return
        values = self._values[place]
        kept = 0 if value <= 0 else min(_LARGEST, value)
        before = values[slot]
        if before != kept:
            values[slot] = kept
            self._above[place] += (kept > 0) - (before > 0)
            self._stale |= 1 << place
            self.dirty = True

    def note_rows(self, slot: int, rows: int) -> None:
        """Keep the two largest totals of the day, so that "the peers' maximum" excludes the member asked for."""
        if rows <= self.second_rows or slot < 0:
            return
        top = [entry for entry in self._top if entry[0] != slot]
        place = 0
        while place < len(top) and (top[place][1] > rows or (top[place][1] == rows and top[place][0] < slot)):
            place += 1
        top.insert(place, (slot, rows))
        self._top = top[:2]
        self.second_rows = self._top[1][1] if len(self._top) == 2 else -1
        self.dirty = True

    def peers_most_rows(self, slot: int) -> int | None:
        """Return the largest total of rows today of any other member; None if nobody else was active."""
        return max((rows for other, rows in self._top if other != slot), default=None)

    def refresh(self, time_ms: int, typical: Sequence[int]) -> None:
        """Recompute the common mode if the current quarter of an hour of event time has not seen it yet.

        Parameters
        ----------
        time_ms
            Event time.
        typical
            By place, what a fifth of the members exceed on an ordinary day.
        """
        if time_ms < self.due_ms:
            return
        self.due_ms = (time_ms // REFRESH_MS + 1) * REFRESH_MS
        self.dirty = True
        if self._stale:
            before, active = self._commons, self.active
            kept = {place: found for place, found in before.items() if not self._stale >> place & 1}
            for place in range(PLACES):
                if self._stale >> place & 1 and (found := self._settle(place, typical[place], active)) is not None:
                    kept[place] = found
            self._stale = 0
            if kept != before:
                self._commons = kept
                self.version += 1

    def commons(self, slot: int) -> tuple[int, ...]:
        """Return the common modes for the member in ``slot``: order statistics of the others.

        Leaving one value out of an ordered list shifts an order statistic by at most one place, so the two
        candidates and, for each member, on which side it stood are all that has to be kept. What a member
        did can therefore never change the member's own common mode.
        """
        if not self._commons:
            return self.at_least
        found = list(self.at_least)
        for place, (low, high, under) in self._commons.items():
            found[place] = max(found[place], high if 0 <= slot < len(under) and under[slot] else low)
        return tuple(found)

    def shared(self) -> tuple[int, ...]:
        """Return what was common to the members so far, nothing expected."""
        found = [0] * PLACES
        for place, (low, *_) in self._commons.items():
            found[place] = low
        return tuple(found)

    def write(self, out: Writer) -> None:
        """Append the day to an entry."""
        out.fields(_HEAD, self.day, self.due_ms, self.expected)
        out.count(self.opening)
        for value in self.at_least:
            out.count(value)
        out.count(self.version)
        out.count(self._stale)
        out.raw(_packed(self._present))
        for values in self._values:
            above = [(slot, value) for slot, value in enumerate(values) if value]
            out.count(len(above))
            for slot, value in above:
                out.count(slot)
                out.count(value)
        out.count(len(self._commons))
        for place in sorted(self._commons):
            low, high, under = self._commons[place]
            for number in (place, low, high, len(under)):
                out.count(number)
            out.raw(_packed(under))
        out.count(len(self._top))
        for slot, rows in self._top:
            out.count(slot)
            out.count(rows)

    @classmethod
    def read(cls, source: Reader) -> PeerDay:
        """Restore what :meth:`write` wrote."""
        day, due_ms, expected = source.fields(_HEAD)
        new = cls(day, expected, source.count(), tuple(source.count() for _ in range(PLACES)))
        new.dirty = False
        new.due_ms = due_ms
        new.version, new._stale = source.count(), source.count()
        new._present = bytearray(_unpacked(source.raw()))
        for place, values in enumerate(new._values):
            values.extend([0] * len(new._present))
            new._above[place] = source.count()
            for _ in range(new._above[place]):
                slot = source.count()
                values[slot] = source.count()
        for _ in range(source.count()):
            place, low, high, members = (source.count() for _ in range(4))
            new._commons[place] = (low, high, _unpacked(source.raw())[:members])
        new._top = [(source.count(), source.count()) for _ in range(source.count())]
        new.second_rows = new._top[1][1] if len(new._top) == 2 else -1
        return new

    def _settle(self, place: int, typical: int, active: int) -> tuple[int, int, bytes] | None:
        """Compute the two candidates of a measure, and the side on which each member stands; None: both are 0."""
        others = active - 1
        if others < _LEAST_OTHERS or active < _LEAST_SHARE * self.expected:
            return None
        # While few are in, those who are may be the busy ones.
        share = _SHARE if active >= _FULL_SHARE * self.expected else _EARLY_SHARE
        middle = int(share * (others - 1))
        if active - self._above[place] > middle + 1:
            return None
        values = self._values[place].tolist()
        # Those who are not in have 0, like others, and come first.
        ordered = sorted(filter(None, values))
        middle += len(ordered) - active
        split = ordered[middle] if middle >= 0 else 0
        low = max(0, split - typical) // _STEP * _STEP
        high = max(0, (ordered[middle + 1] if middle >= -1 else 0) - typical) // _STEP * _STEP
        if low == high:
            return (low, low, b"") if low else None
        under = bytes([value <= split for value in values])
        return low, high, under


def _packed(flags: bytes | bytearray) -> bytes:
    """Eight flags to a byte, after their number's remainder."""
    value = sum(1 << place for place, flag in enumerate(flags) if flag)
    return bytes((len(flags) % 8,)) + value.to_bytes(-(-len(flags) // 8), "little")


def _unpacked(packed: bytes) -> bytes:
    value = int.from_bytes(packed[1:], "little")
    number = 8 * (len(packed) - 1) - (-packed[0]) % 8
    return bytes(value >> place & 1 for place in range(number))
