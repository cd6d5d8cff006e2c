"""The memory of a peer group: members, what is usual among them, today, and the pooled tails.

Every part is a state entry of its own, loaded when first needed and written only if it changed:

    g:head          days seen, parameters of the peers, which days are open
    g:members:NNN   32 members each
    g:day:N         residuals of one open behavioural day
    g:tail:N        pooled histogram of one measure (0: the combined score)
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from streamguard.baseline.codec import Kind, Reader, Writer
from streamguard.baseline.members import FORGOTTEN_DAYS, Members
from streamguard.baseline.peers import PeerLevel, summarise
from streamguard.baseline.tail import Tail, TailHistogram
from streamguard.baseline.today import PeerDay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEAD_KEY = b"g:head"
COMBINED = 0
"""The tail of the combined score; measures are numbered from 1."""
OPEN_DAYS = 4
"""Behavioural days held at once: employees of all time zones need two, stragglers use the others."""
ACTIVE_DAYS = 14
_RESIDUAL_PRIOR = Tail(0.0, 10.0, 22.0)
_COMBINED_PRIOR = Tail(16.0, 30.0, 48.0)
_CLOCK_RESET_DAYS = 7
_HEAD = struct.Struct("<qqBB")
_PEERS = struct.Struct("<Bddd")


class GroupMemory:
    """What one peer shard has in common.

    Parameters
    ----------
    measures
        The numbers of the measures, in order.
    load
        Reads a stored entry by key; None if there is none.
    """

    def __init__(self, measures: tuple[int, ...], load: Callable[[bytes], bytes | None]) -> None:
        self._measures = measures
        self._load = load
        self.days_seen = 0
        self.peers: list[PeerLevel | None] = [None] * len(measures)
        self._newest_day = 0
        self._days: list[PeerDay] = []
        self._dirty = self._moved = False
        buckets = self._read_head(load(HEAD_KEY))
        self.members = Members(measures, load, buckets)
        self._tails = {number: self._read_tail(number) for number in (COMBINED, *measures)}

    def tail(self, number: int) -> TailHistogram:
        """Return the pooled tail of a measure, or of the combined score (:data:`COMBINED`)."""
        return self._tails[number]

    def version(self, today: PeerDay | None) -> int:
        """Return a number that grows when what a day is compared with may have changed; not part of the state."""
        return self.tail(COMBINED).version + (today.version if today is not None else 0)

    def open_day(self, day: int) -> PeerDay:
        """Return the day, opening it if nobody was active on it yet.

        Opening a day that is newer than all before refreshes the peers' parameters. A clock that jumped ahead
        (one record with a wrong date) is recognised by days a week older, and followed back.
        """
        found = self.find_day(day)
        if found is not None:
            return found
        if not self.days_seen or day > self._newest_day or day < self._newest_day - _CLOCK_RESET_DAYS:
            self._begin(day)
        new = PeerDay(day, len(self._measures), self.members.active_since(day - ACTIVE_DAYS))
        self._days = [*self._days[1 - OPEN_DAYS :], new]
        self._dirty = self._moved = True
        return new

    def find_day(self, day: int) -> PeerDay | None:
        """Return the day if it is open."""
        for known in self._days:
            if known.day == day:
                return known
        return None

    def drain(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the entries changed since the last drain."""
        for bucket in sorted(self.members.dirty):
            yield Members.key(bucket), self.members.encode(bucket)
        self._dirty |= bool(self.members.dirty)
        self.members.dirty.clear()
        for place, day in enumerate(self._days):
            # A day moves down one place whenever a newer one opens: then all are written anew.
            if day.dirty or self._moved:
                yield self._day_key(place), self._encode_day(day)
                day.dirty = False
        self._moved = False
        for number, tail in self._tails.items():
            if tail.dirty:
                yield self._tail_key(number), self._encode_tail(tail)
                tail.dirty = False
        if self._dirty:
            yield HEAD_KEY, self._encode_head()
            self._dirty = False

    def _begin(self, day: int) -> None:
        self._newest_day = day
        self.days_seen += 1
        # If nobody at all was active lately, it is the clock that jumped: nobody is forgotten for that.
        if self.members.active_since(day - FORGOTTEN_DAYS):
            self.members.expire(day)
        self.peers = [summarise(self.members.levels(place)) for place in range(len(self._measures))]

    def _encode_head(self) -> bytes:
        out = Writer(Kind.GROUP)
        out.fields(_HEAD, self.days_seen, self._newest_day, len(self._days), len(self._measures))
        for number, peer in zip(self._measures, self.peers, strict=True):
            known = (1, peer.mean, peer.within, peer.between) if peer else (0, 0.0, 0.0, 0.0)
            out.count(number)
            out.fields(_PEERS, *known)
        out.count(self.members.buckets)
        return out.bytes()

    def _read_head(self, data: bytes | None) -> int:
        """Restore the head; return the number of member entries."""
        if data is None:
            return 0
        source = Reader(data, Kind.GROUP)
        self.days_seen, self._newest_day, days, measures = source.fields(_HEAD)
        stored: dict[int, PeerLevel | None] = {}
        for _ in range(measures):
            number = source.count()
            known, mean, within, between = source.fields(_PEERS)
            stored[number] = PeerLevel(mean, within, between) if known else None
        self.peers = [stored.get(number) for number in self._measures]
        # Days written with other measures are left behind: the common mode begins anew within the day.
        if tuple(stored) == self._measures:
            self._days = [self._read_day(place) for place in range(days)]
        buckets = source.count()
        source.end()
        return buckets

    @staticmethod
    def _day_key(place: int) -> bytes:
        return b"g:day:%d" % place

    @staticmethod
    def _tail_key(number: int) -> bytes:
        return b"g:tail:%d" % number

    def _encode_day(self, day: PeerDay) -> bytes:
        out = Writer(Kind.DAY)
        day.write(out)
        return out.bytes()

    def _read_day(self, place: int) -> PeerDay:
        data = self._load(self._day_key(place))
        if data is None:
            raise KeyError(f"state entry {self._day_key(place).decode()} is missing")
        source = Reader(data, Kind.DAY)
        day = PeerDay.read(source, len(self._measures))
        source.end()
        return day

    def _encode_tail(self, tail: TailHistogram) -> bytes:
        out = Writer(Kind.TAIL)
        tail.write(out)
        return out.bytes()

    def _read_tail(self, number: int) -> TailHistogram:
        tail = TailHistogram(_COMBINED_PRIOR if number == COMBINED else _RESIDUAL_PRIOR)
        data = self._load(self._tail_key(number))
        if data is not None:
            source = Reader(data, Kind.TAIL)
            tail.read(source)
            source.end()
        return tail
