"""The members of a peer group, 32 to a state entry, each in a slot of its own.

A slot holds what the peers' parameters need of a member (the levels as of the last closed day), so that a
daily refresh reads some kilobytes and not every employee. The closing of one employee's day rewrites one
entry of 32 members, not the group.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from hashlib import blake2b
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Final

from streamguard.baseline.codec import Kind, Reader, Writer
from streamguard.baseline.measure import VOLUMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BUCKET: Final = 32
MOST_MEMBERS: Final = 2048
"""Above this, further employees are judged by the group but no longer shape it: bounds memory and work."""
FORGOTTEN_DAYS: Final = 60
"""A member idle for longer loses the slot; own memory stays with the employee."""
ABSENT: Final = -1
_HEAD: Final = struct.Struct("<BB")
_ROW: Final = struct.Struct("<Qq")
_NUMBERS: Final = 3
_MEASURES: Final = tuple(measure.number for measure in VOLUMES)
_WIDTH: Final = _NUMBERS * len(_MEASURES)


@lru_cache(maxsize=4096)
def fingerprint(employee: str) -> int:
    """Return 64 bits that recognise the owner of a slot; never 0."""
    digest = blake2b(employee.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "little") or 1


class Members:
    """Slots of the members of one shard.

    Parameters
    ----------
    load
        Reads a stored entry by key.
    buckets
        How many entries there are in the store.
    prefix
        Of the state keys.
    """

    def __init__(self, load: Callable[[bytes], bytes | None], buckets: int, prefix: bytes = b"g:") -> None:
        self._prefix = prefix
        self._owners: list[int] = []
        self._last_day: list[int] = []
        self._levels: list[tuple[float, ...]] = []
        self.dirty: set[int] = set()
        for bucket in range(buckets):
            self._read(bucket, load(self.key(bucket)))
        self._free = [slot for slot, owner in enumerate(self._owners) if not owner]
        heapify(self._free)

    def __len__(self) -> int:
        """Slots there are, free ones included."""
        return len(self._owners)

    @property
    def buckets(self) -> int:
        """Entries the slots fill."""
        return -(-len(self._owners) // BUCKET)

    def key(self, bucket: int) -> bytes:
        """State key of a bucket."""
        return b"%smembers:%03d" % (self._prefix, bucket)

    def join(self, owner: int, slot: int, day: int) -> int:
        """Return the owner's slot: ``slot`` if it is still the owner's, else the lowest free one.

        ``ABSENT`` when the group is full.
        """
        if 0 <= slot < len(self._owners) and self._owners[slot] == owner:
            return slot
        slot = self._lowest_free()
        if slot != ABSENT:
            self._owners[slot] = owner
            self._last_day[slot] = day
            self._levels[slot] = (0.0,) * _WIDTH
            self.dirty.add(slot // BUCKET)
        return slot

    def update(self, slot: int, owner: int, day: int, levels: tuple[float, ...]) -> None:
        """Note the levels (effective days, mean, variance per measure) of a member after closing ``day``."""
        if 0 <= slot < len(self._owners) and self._owners[slot] == owner:
            self._last_day[slot] = day
            self._levels[slot] = levels
            self.dirty.add(slot // BUCKET)

    def leave(self, slot: int, owner: int) -> None:
        """Free the slot of a member who went to another group."""
        if 0 <= slot < len(self._owners) and self._owners[slot] == owner:
            self._free_slot(slot)

    def expire(self, day: int) -> None:
        """Free the slots of members idle for more than :data:`FORGOTTEN_DAYS`."""
        for slot, owner in enumerate(self._owners):
            if owner and day - self._last_day[slot] > FORGOTTEN_DAYS:
                self._free_slot(slot)

    def active_since(self, day: int) -> int:
        """Count the members active on ``day`` or later."""
        return sum(1 for owner, last in zip(self._owners, self._last_day, strict=True) if owner and last >= day)

    def levels(self, place: int) -> Iterator[tuple[float, float, float]]:
        """Yield (effective days, mean, variance) of every member for the measure at ``place``."""
        first = _NUMBERS * place
        for owner, row in zip(self._owners, self._levels, strict=True):
            if owner:
                yield row[first], row[first + 1], row[first + 2]

    def encode(self, bucket: int) -> bytes:
        """Encode one bucket."""
        out = Writer(Kind.MEMBERS)
        slots = range(bucket * BUCKET, min((bucket + 1) * BUCKET, len(self._owners)))
        out.fields(_HEAD, len(_MEASURES), len(slots))
        for number in _MEASURES:
            out.count(number)
        for slot in slots:
            out.fields(_ROW, self._owners[slot], self._last_day[slot])
            if self._owners[slot]:
                out.doubles(self._levels[slot])
        return out.bytes()

    def _read(self, bucket: int, data: bytes | None) -> None:
        if data is None:
            raise KeyError(f"state entry {self.key(bucket).decode()} is missing")
        source = Reader(data, Kind.MEMBERS)
        measures, slots = source.fields(_HEAD)
        stored = [source.count() for _ in range(measures)]
        for _ in range(slots):
            owner, last_day = source.fields(_ROW)
            row = source.doubles(_NUMBERS * measures) if owner else ()
            self._owners.append(owner)
            self._last_day.append(last_day)
            self._levels.append(self._arrange(stored, row))
        source.end()

    @staticmethod
    def _arrange(stored: list[int], row: tuple[float, ...]) -> tuple[float, ...]:
        """Bring a row written with fewer measures into today's order; new measures begin empty."""
        if not row:
            return (0.0,) * _WIDTH
        places = {number: _NUMBERS * place for place, number in enumerate(stored)}
        arranged: list[float] = []
        for number in _MEASURES:
            at = places.get(number)
            arranged += (0.0,) * _NUMBERS if at is None else row[at : at + _NUMBERS]
        return tuple(arranged)

    def _free_slot(self, slot: int) -> None:
        self._owners[slot] = 0
        heappush(self._free, slot)
        self.dirty.add(slot // BUCKET)

    def _lowest_free(self) -> int:
        if self._free:
            return heappop(self._free)
        if len(self._owners) >= MOST_MEMBERS:
            return ABSENT
        self._owners.append(0)
        self._last_day.append(0)
        self._levels.append((0.0,) * _WIDTH)
        return len(self._owners) - 1
