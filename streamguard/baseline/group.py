"""The memory of a peer group: members, today, and what closed days taught of what is usual.

Every part is a state entry of its own, loaded when first needed and written only if it changed:

    g:head          days seen, which days are open
    g:usual         parameters for the newest day
    g:members:NNN   32 members each
    g:day:N         values of one open behavioural day
    g:pool          histograms of closed days: of each measure, the combined score, octaves, hours
    g:news          how often something new is met
    g:seasons       what was common at the turn of the month
    g:known:N       how many members know a symbol
"""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from streamguard.baseline.codec import Kind, Reader, Writer
from streamguard.baseline.hours import fit_hours
from streamguard.baseline.measure import LARGEST, VOLUMES
from streamguard.baseline.members import FORGOTTEN_DAYS, Members
from streamguard.baseline.news import NewsCounts
from streamguard.baseline.peers import PeerLevel, summarise
from streamguard.baseline.pool import Pool
from streamguard.baseline.popularity import Popularity
from streamguard.baseline.reach import fit_reach
from streamguard.baseline.seasons import Seasons
from streamguard.baseline.tail import fit_tail
from streamguard.baseline.today import PeerDay
from streamguard.baseline.usual import COMBINED, HOURS_NUMBER, NOTHING_KNOWN, TAILS, Usual

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OPEN_DAYS: Final = 4
"""Behavioural days held at once: employees of all time zones need two, stragglers use the others."""
ACTIVE_DAYS: Final = 14
_CLOCK_RESET_DAYS: Final = 7
_HEAD: Final = struct.Struct("<qqB")
_HEAD_1: Final = struct.Struct("<qqBB")
_PEERS_1: Final = struct.Struct("<Bddd")
_T = TypeVar("_T")


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
        self.typical = self.usual.typical()
        self._newest_day = self._openings = 0
        self._days: list[PeerDay] = []
        self._dirty = self._moved = False
        buckets = self._read_head(load(prefix + b"head"))
        self.members = Members(load, buckets, prefix)
        self.pool = self._read(b"pool", Kind.POOL, Pool.read) or self._read_pool_1()
        self.news = self._read(b"news", Kind.NEWS, NewsCounts.read) or NewsCounts()
        self.popularity = Popularity(prefix, load)
        self.seasons = self._read(b"seasons", Kind.SEASONS, Seasons.read) or Seasons()

    def open_day(self, day: int, prior: Usual = NOTHING_KNOWN) -> PeerDay:
        """Return the day, opening it if nobody was active on it yet.

        Parameters
        ----------
        day
            Its number.
        prior
            What is believed as far as the group's own days do not say: what is usual in the shard it is part of.

        Notes
        -----
        Opening a day that is newer than all before refreshes the parameters. A clock that jumped ahead
        (one record with a wrong date) is recognised by days a week older, and followed back.
        """
        found = self.find_day(day)
        if found is not None:
            return found
        if not self.days_seen or day > self._newest_day or day < self._newest_day - _CLOCK_RESET_DAYS:
            self._begin(day, prior)
        self._openings += 1
        expected = self.members.active_since(day - ACTIVE_DAYS)
        new = PeerDay(day, expected, self._openings, self.seasons.expect(day))
        self._days.append(new)
        for old in self._days[:-OPEN_DAYS]:
            old.drop()
        del self._days[:-OPEN_DAYS]
        self._dirty = self._moved = True
        return new

    def find_day(self, day: int) -> PeerDay | None:
        """Return the day if it is open."""
        return next((known for known in self._days if known.day == day), None)

    def day_of(self, day: int, opening: int) -> PeerDay:
        """Return the day of an opening; if it is no longer kept, one on which nobody is compared with others."""
        found = self.find_day(day)
        if found is None or found.opening != opening:
            found = PeerDay(day, 0)
            found.drop()
        return found

    def drain(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the entries changed since the last drain."""
        for bucket in sorted(self.members.dirty):
            yield self.members.key(bucket), self.members.encode(bucket)
        self._dirty |= bool(self.members.dirty)
        self.members.dirty.clear()
        for place, day in enumerate(self._days):
            # A day moves down one place whenever a newer one opens: then all are written anew.
            if day.dirty or self._moved:
                yield b"%sday:%d" % (self._prefix, place), _written(Kind.DAY, day)
                day.dirty = False
        if self.pool.dirty:
            yield self._prefix + b"pool", _written(Kind.POOL, self.pool)
            self.pool.dirty = False
        if self.news.dirty:
            yield self._prefix + b"news", _written(Kind.NEWS, self.news)
            self.news.dirty = False
        if self.seasons.dirty:
            yield self._prefix + b"seasons", _written(Kind.SEASONS, self.seasons)
            self.seasons.dirty = False
        for bucket in sorted(self.popularity.dirty):
            yield self.popularity.key(bucket), self.popularity.encode(bucket)
        self.popularity.dirty.clear()
        if self._moved:
            yield self._prefix + b"usual", _written(Kind.USUAL, self.usual)
        if self._dirty:
            yield self._prefix + b"head", self._encode_head()
        self._dirty = self._moved = False

    def _begin(self, day: int, prior: Usual) -> None:
        before = self.find_day(self._newest_day)
        if before is not None:
            self.seasons.learn(before.day, before.shared())
        self._newest_day = day
        self.days_seen += 1
        # If nobody at all was active lately, it is the clock that jumped: nobody is forgotten for that.
        if self.members.active_since(day - FORGOTTEN_DAYS):
            self.members.expire(day)
        pool = self.pool
        levels = [summarise(self.members.levels(place)) for place in range(len(VOLUMES))]
        self.usual = Usual(
            members=self.members.active_since(day - ACTIVE_DAYS),
            days=pool.days(COMBINED),
            peers=tuple(own or known for own, known in zip(levels, prior.peers, strict=True)),
            tails={number: fit_tail(pool.bins(number), prior.tails[number]) for number in TAILS},
            reaches=tuple(
                fit_reach(pool.bins(largest.number), known, largest.prior_days)
                for largest, known in zip(LARGEST, prior.reaches, strict=True)
            ),
            hours=fit_hours(pool.bins(HOURS_NUMBER), pool.days(LARGEST[0].number), prior.hours),
            news=self.news.rates() if prior is NOTHING_KNOWN else prior.news,
        )
        self.typical = self.usual.typical()
        for known in self._days:
            known.version += 1
            known.dirty = True

    def _encode_head(self) -> bytes:
        out = Writer(Kind.GROUP)
        out.fields(_HEAD, self.days_seen, self._newest_day, len(self._days))
        out.count(self._openings)
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
        self._openings = source.count()
        self._days = [self._required(b"day:%d" % place, Kind.DAY, PeerDay.read) for place in range(days)]
        self.usual = self._required(b"usual", Kind.USUAL, Usual.read)
        self.typical = self.usual.typical()
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
        self.usual = replace(NOTHING_KNOWN, peers=tuple(peers.get(measure.number) for measure in VOLUMES))
        self._moved = True
        buckets = source.count()
        source.end()
        return buckets

    def _read_pool_1(self) -> Pool:
        """Restore the histograms of version 1, which were entries of their own; an empty pool without any."""
        pool = Pool()
        for number in TAILS:
            data = self._load(b"%stail:%d" % (self._prefix, number))
            if data is not None:
                source = Reader(data, Kind.TAIL)
                pool.read_histogram(number, source)
                source.end()
        return pool

    def _read(self, name: bytes, kind: Kind, read: Callable[[Reader], _T]) -> _T | None:
        """Restore a part; None if it was never written."""
        data = self._load(self._prefix + name)
        if data is None:
            return None
        source = Reader(data, kind)
        found = read(source)
        source.end()
        return found

    def _required(self, name: bytes, kind: Kind, read: Callable[[Reader], _T]) -> _T:
        found = self._read(name, kind, read)
        if found is None:
            raise KeyError(f"state entry {(self._prefix + name).decode()} is missing")
        return found


def _written(kind: Kind, part: PeerDay | Pool | NewsCounts | Seasons | Usual) -> bytes:
    out = Writer(kind)
    part.write(out)
    return out.bytes()
