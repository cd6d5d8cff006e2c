"""What is written to the changelog topic, and how it is read back: a pure protocol, no Kafka in it.

Every flush of a partition's state must be all or nothing, and only one worker's flushes may count, although Kafka
gives us neither without transactions. So the changelog carries its own bookkeeping:

* a **term** is one worker's tenure of a partition. It begins with an *opening* that names the offset at which it
  must land: the end of the log that the worker recovered. If it lands elsewhere, somebody wrote in between; then
  the opening is void for every reader, and the worker stops, because its state is no longer the last one.
  Whatever an earlier term writes after a valid opening is void;
* a **flush** is a run of entries followed by a *mark* of the same stamp. Entries count once their mark is there;
  a flush that a crash cut short never counts;
* compaction removes old marks and old entries. It keeps every key's newest entry, so an entry without a mark of
  its own is vouched for by any later mark, unless an opening lists its stamp as *void*;
* whatever a reader found void is written again, correctly, with its next flush, so that compaction can never keep
  a void entry and drop the good one.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_HEADER = struct.Struct(">BII")
"""Version, term, flush."""
_OPENING = struct.Struct(">Q")
"""Offset at which the opening must land; the void stamps follow."""
_STAMP = struct.Struct(">II")
_HEADER_BYTES: Final = _HEADER.size
_NO_HEADER: Final = bytes(_HEADER_BYTES)
"""That of no version."""
_VERSION = 1
_ENTRY_KEY, _MARK_KEY, _OPENING_KEY = b"e", b"m", b"o"


class ChangelogError(Exception):
    """The changelog holds something that this version of StreamGuard did not write."""


class Record(NamedTuple):
    """One record of a changelog partition."""

    offset: int
    key: bytes | None
    value: bytes | None


class Stamp(NamedTuple):
    """Which flush of which tenure: ordered by time. Flush 0 is the opening."""

    term: int
    flush: int


class PartitionState:
    """The committed state entries of one changelog partition.

    Attributes
    ----------
    entries
        Committed entries, key to bytes.
    stamp
        The newest valid opening or mark.
    end_offset
        Offset after the last changelog record that was read or written.
    size_bytes
        Bytes of all keys and values.
    """

    def __init__(self) -> None:
        self.entries: dict[bytes, bytes] = {}
        self.stamp = Stamp(0, 0)
        self.end_offset = 0
        self.size_bytes = 0
        self._staged: list[tuple[Stamp, bytes, bytes]] = []
        self._void: dict[bytes, Stamp] = {}
        self._overtaken: set[bytes] = set()
        """Keys whose staged entry has a void one behind it: it counts, but compaction would keep the other one."""

    def apply(self, records: Iterable[Any]) -> None:
        """Read on in the changelog. A stretch that was read or written before is passed over.

        Parameters
        ----------
        records
            In the order of the log: with the fields of a `Record`, or aiokafka's own.

        Raises
        ------
        ChangelogError
            If a record was written by something else or by a newer version.
        """
        # A million entries are read before a worker serves anybody. Those of one flush stand together, with one header.
        header, stamp, end_offset = _NO_HEADER, self.stamp, self.end_offset
        for record in records:
            offset, key, value = record.offset, record.key, record.value
            if offset < end_offset:
                continue
            self.end_offset = end_offset = offset + 1
            if key is None or not value:
                continue
            if not value.startswith(header):
                header, stamp = value[:_HEADER_BYTES], _stamp_of(value)
            kind, key, payload = key[:1], key[1:], value[_HEADER_BYTES:]
            if kind == _OPENING_KEY:
                self._apply_opening(stamp, payload, offset)
            elif stamp.term < self.stamp.term:
                if kind == _ENTRY_KEY:
                    self._void[key] = stamp
                    self._overtaken.add(key)
            elif kind == _ENTRY_KEY:
                self._staged.append((stamp, key, payload))
                self._overtaken.discard(key)
            elif kind == _MARK_KEY:
                self._settle(stamp, frozenset())
            else:
                raise ChangelogError("a changelog record has an unknown kind of key: the topic holds foreign records")

    def stage_own(self, changed: Iterable[tuple[bytes, bytes]]) -> None:
        """Take over entries that this worker is about to write. If writing fails, the worker must not go on."""
        for key, payload in changed:
            self._store(key, payload)

    def acknowledge_own(self, stamp: Stamp, end_offset: int) -> None:
        """Note that Kafka acknowledged this worker's opening or flush, which ends before ``end_offset``."""
        self.stamp = stamp
        self.end_offset = end_offset
        if stamp.flush:
            self._void.clear()

    def unsettled(self) -> tuple[Stamp, ...]:
        """Return the stamps of entries that an opening must declare void."""
        return tuple(sorted({*self._void.values(), *(stamp for stamp, _, _ in self._staged)}))

    def repairs(self) -> list[tuple[bytes, bytes]]:
        """Return the entries that the next flush must write again (see the module's head), sorted by key."""
        self._void.update((key, stamp) for stamp, key, _ in self._staged)
        self._staged.clear()
        return [(key, self.entries.get(key, b"")) for key in sorted(self._void)]

    def _apply_opening(self, stamp: Stamp, payload: bytes, offset: int) -> None:
        (expected,) = _OPENING.unpack_from(payload)
        if offset != expected or stamp.term <= self.stamp.term:
            return
        self._settle(stamp, frozenset(Stamp(*pair) for pair in _STAMP.iter_unpack(payload[_OPENING.size :])))

    def _settle(self, mark: Stamp, void: frozenset[Stamp]) -> None:
        known, is_void = None, False
        for stamp, key, payload in self._staged:
            if stamp is not known:
                known, is_void = stamp, stamp in void or stamp > mark
            if is_void:
                self._void[key] = stamp
            else:
                if self._void and key not in self._overtaken:
                    self._void.pop(key, None)
                self._store(key, payload)
        self._staged.clear()
        self._overtaken.clear()
        self.stamp = mark

    def _store(self, key: bytes, payload: bytes) -> None:
        if (old := self.entries.pop(key, None)) is not None:
            self.size_bytes -= len(key) + len(old)
        if payload:
            self.entries[key] = payload
            self.size_bytes += len(key) + len(payload)


def encode_opening(term: int, at_offset: int, void: Iterable[Stamp]) -> tuple[bytes, bytes]:
    """Return the record (key, value) that opens a term, valid only at ``at_offset``."""
    header = _HEADER.pack(_VERSION, term, 0)
    return _OPENING_KEY, header + _OPENING.pack(at_offset) + b"".join(_STAMP.pack(*stamp) for stamp in void)


def encode_flush(stamp: Stamp, entries: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the changelog records (key, value) of one flush, its mark last. An empty payload deletes the key."""
    header = _HEADER.pack(_VERSION, *stamp)
    for key, payload in entries:
        yield _ENTRY_KEY + key, header + payload
    yield _MARK_KEY, header


def _stamp_of(value: bytes) -> Stamp:
    if len(value) < _HEADER.size:
        raise ChangelogError("a changelog record is shorter than its header: the topic holds foreign records")
    version, term, flush = _HEADER.unpack_from(value)
    if version != _VERSION:
        raise ChangelogError(
            f"a changelog record has version {version}, this StreamGuard reads version {_VERSION}: upgrade first"
        )
    return Stamp(term, flush)
