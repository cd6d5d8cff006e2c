"""The memory of a peer group: members, today, and what closed days taught of what is usual.

Every part is a state entry of its own, loaded when first needed and written only if it changed:

    g:head          days seen, which days are open
    g:usual         parameters for the newest day
    g:members:NNN   32 members each
    g:day:N         values of one open behavioural day
    g:tail:N        pooled histogram of one measure (0: the combined score), of octaves, of hours
    g:news          how often something new is met
    g:known:N       how many members know a symbol
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, TypeVar

import msgspec

from streamguard.baseline.codec import Kind, Reader, Writer
from streamguard.baseline.hours import HourHistogram
from streamguard.baseline.measure import LARGEST, VOLUMES
from streamguard.baseline.members import FORGOTTEN_DAYS, Members
from streamguard.baseline.news import NewsCounts
from streamguard.baseline.peers import PeerLevel, summarise
from streamguard.baseline.pooled import PooledHistogram
from streamguard.baseline.popularity import Popularity
from streamguard.baseline.reach import ReachHistogram
from streamguard.baseline.tail import TailHistogram
from streamguard.baseline.today import PeerDay
from streamguard.baseline.usual import COMBINED, NOTHING_KNOWN, TAILS, Usual

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OPEN_DAYS = 4
"""Behavioural days held at once: employees of all time zones need two, stragglers use the others."""
ACTIVE_DAYS = 14
_HOURS_NUMBER = 64
_CLOCK_RESET_DAYS = 7
_HEAD = struct.Struct("<qqB")
_HEAD_1 = struct.Struct("<qqBB")
_PEERS_1 = struct.Struct("<Bddd")
_T = TypeVar("_T")
_H = TypeVar("_H", bound=PooledHistogram)


class GroupMemory:
    """What the members of one group have in common.

    Parameters
    ----------
    load
        Reads a stored entry by key; None if there is none.
    prefix
        Of the state keys.
    """

    def __init__(self, load: Callable[[bytes], bytes | None], prefix: bytes = b"g:") -> None:
        self._load = load
        self._prefix = prefix
        self.days_seen = 0
        self.usual = NOTHING_KNOWN
        """Parameters as of the beginning of the newest day."""
        self._newest_day = 0
        self._days: list[PeerDay] = []
        self._dirty = self._moved = False
        self._histograms: dict[int, PooledHistogram] = {}
        buckets = self._read_head(load(prefix + b"head"))
        self.members = Members(load, buckets, prefix)
        self.tails = {number: self._histogram(number, TailHistogram()) for number in TAILS}
        self.reaches = tuple(self._histogram(largest.number, ReachHistogram()) for largest in LARGEST)
        self.hours = self._histogram(_HOURS_NUMBER, HourHistogram())
        self.news = self._read_news()
        self.popularity = Popularity(prefix, load)

    @property
    def trust(self) -> float:
        """0 to 1: how much of the calibration is the group's own days and not the prior."""
        return self.tails[COMBINED].trust

    def version(self, today: PeerDay | None) -> int:
        """Return a number that grows when what a day is compared with changed."""
        return self.days_seen + (today.version if today is not None else 0)

    def open_day(self, day: int) -> PeerDay:
        """Return the day, opening it if nobody was active on it yet.

        Opening a day that is newer than all before refreshes the parameters. A clock that jumped ahead
        (one record with a wrong date) is recognised by days a week older, and followed back.
        """
        found = self.find_day(day)
        if found is not None:
            return found
        if not self.days_seen or day > self._newest_day or day < self._newest_day - _CLOCK_RESET_DAYS:
            self._begin(day)
        new = PeerDay(day, self.members.active_since(day - ACTIVE_DAYS))
        self._days = [*self._days[1 - OPEN_DAYS :], new]
        self._dirty = self._moved = True
        return new

    def find_day(self, day: int | None) -> PeerDay | None:
        """Return the day if it is open."""
        for known in self._days:
            if known.day == day:
                return known
        return None

    def enter(self, day: int | None, slot: int, place: int, value: int) -> None:
        """Note a value of a member on a day, if the member has a slot and the day is open."""
        today = self.find_day(day) if slot >= 0 else None
        if today is not None:
            today.enter(slot, place, value)

    def drain(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the entries changed since the last drain."""
        for bucket in sorted(self.members.dirty):
            yield self.members.key(bucket), self.members.encode(bucket)
        self._dirty |= bool(self.members.dirty)
        self.members.dirty.clear()
        for place, day in enumerate(self._days):
            # A day moves down one place whenever a newer one opens: then all are written anew.
            if day.dirty or self._moved:
                yield self._key(b"day", place), _written(Kind.DAY, day)
                day.dirty = False
        for number, histogram in self._histograms.items():
            if histogram.dirty:
                yield self._key(b"tail", number), _written(Kind.TAIL, histogram)
                histogram.dirty = False
        if self.news.dirty:
            yield self._prefix + b"news", _written(Kind.NEWS, self.news)
            self.news.dirty = False
        for bucket in sorted(self.popularity.dirty):
            yield self.popularity.key(bucket), self.popularity.encode(bucket)
        self.popularity.dirty.clear()
        if self._moved:
            yield self._prefix + b"usual", _written(Kind.USUAL, self.usual)
        if self._dirty:
            yield self._prefix + b"head", self._encode_head()
        self._dirty = self._moved = False

    def _begin(self, day: int) -> None:
        self._newest_day = day
        self.days_seen += 1
        # If nobody at all was active lately, it is the clock that jumped: nobody is forgotten for that.
        if self.members.active_since(day - FORGOTTEN_DAYS):
            self.members.expire(day)
        prior = NOTHING_KNOWN
        self.usual = Usual(
            self.members.active_since(day - ACTIVE_DAYS),
            tuple(summarise(self.members.levels(place)) for place in range(len(VOLUMES))),
            {number: tail.fit(prior.tails[number]) for number, tail in self.tails.items()},
            tuple(
                histogram.fit(known, largest.prior_days)
                for histogram, known, largest in zip(self.reaches, prior.reaches, LARGEST, strict=True)
            ),
            self.hours.fit(prior.hours),
            self.news.rates(),
        )

    def _key(self, name: bytes, number: int) -> bytes:
        return b"%s%s:%d" % (self._prefix, name, number)

    def _encode_head(self) -> bytes:
        out = Writer(Kind.GROUP)
        out.fields(_HEAD, self.days_seen, self._newest_day, len(self._days))
        out.count(self.members.buckets)
        return out.bytes()

    def _read_head(self, data: bytes | None) -> int:
        """Restore the head, the days and the parameters; return the number of member entries."""
        if data is None:
            return 0
        source = Reader(data, Kind.GROUP)
        if source.version == 1:
            return self._read_head_1(source)
        self.days_seen, self._newest_day, days = source.fields(_HEAD)
        self._days = [self._read(b"day:%d" % place, Kind.DAY, PeerDay.read) for place in range(days)]
        self.usual = self._read(b"usual", Kind.USUAL, Usual.read)
        buckets = source.count()
        source.end()
        return buckets

    def _read_head_1(self, source: Reader) -> int:
        """Restore a head of version 1: it knew the peers' levels, and days that are begun anew here."""
        self.days_seen, self._newest_day, _, measures = source.fields(_HEAD_1)
        peers: dict[int, PeerLevel] = {}
        for _ in range(measures):
            number = source.count()
            known, *level = source.fields(_PEERS_1)
            if known:
                peers[number] = PeerLevel(*level)
        self.usual = msgspec.structs.replace(
            NOTHING_KNOWN, peers=tuple(peers.get(measure.number) for measure in VOLUMES)
        )
        self._moved = True
        buckets = source.count()
        source.end()
        return buckets

    def _read(self, name: bytes, kind: Kind, read: Callable[[Reader], _T]) -> _T:
        data = self._load(self._prefix + name)
        if data is None:
            raise KeyError(f"state entry {(self._prefix + name).decode()} is missing")
        source = Reader(data, kind)
        found = read(source)
        source.end()
        return found

    def _read_news(self) -> NewsCounts:
        known = self._load(self._prefix + b"news") is not None
        return self._read(b"news", Kind.NEWS, NewsCounts.read) if known else NewsCounts()

    def _histogram(self, number: int, histogram: _H) -> _H:
        """Restore a histogram, if it was ever written, and write it from now on."""
        self._histograms[number] = histogram
        data = self._load(self._key(b"tail", number))
        if data is not None:
            source = Reader(data, Kind.TAIL)
            histogram.read(source)
            source.end()
        return histogram


def _written(kind: Kind, part: PeerDay | PooledHistogram | NewsCounts | Usual) -> bytes:
    out = Writer(kind)
    part.write(out)
    return out.bytes()
