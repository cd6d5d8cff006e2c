"""What is written to the ledger's topic: blocks of exposures, and records that make it forget.

A block holds the exposures of one activity partition as they are, in the order of that partition's log, as MessagePack
behind zstd. Rows beat columns here: the detect agent has the exposures in hand as records, and taking them apart in
Python costs twice what msgspec and zstd take together, for no fewer bytes (statements repeat within a block, and a
repetition costs zstd next to nothing). Columns are made where nobody waits, by whoever keeps the store.

    byte 0       version of the format, 1
    byte 1       ``b``: a block; ``p``: a purge
    block        8 bytes: `Block.newest_ms`; 4 bytes: length of the rest unpacked; then that as one zstd frame:
                 chunks, each 4 bytes of length and an array of exposures in MessagePack
    purge        JSON

Numbers are little endian. Chunks are encoded when exposures come, while they are in the processor's caches; to hold
the records instead costs three times as much, in memory that then is not used again.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa

from streamguard.activity import Exposure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

VERSION: Final = 1
MAX_BLOCK_BYTES: Final = 850_000
"""Of one record, at most: Kafka takes a million by default."""
_MAX_UNPACKED_BYTES: Final = 256 * 1024 * 1024
_MOST: Final = 2**63 - 1
_BLOCK, _PURGE = b"b", b"p"
_HEADER = struct.Struct("<qI")
_LENGTH = struct.Struct("<I")
_LEVEL: Final = 1
"""Of zstd: the next levels take more time and no bytes off."""


class BlockError(Exception):
    """A record of the ledger's topic is none of StreamGuard's, or of a newer version; the message says which."""


class Block(msgspec.Struct, frozen=True):
    """Exposures of personal data of one activity partition.

    Attributes
    ----------
    newest_ms
        Event time that the partition's log has reached, personal data or not.
    exposures
        In the order of that log.
    """

    newest_ms: int
    exposures: list[Exposure]


class Purge(msgspec.Struct, frozen=True, omit_defaults=True):
    """What must be forgotten: everything before a moment, or what one employee did before it. It holds for good."""

    before_ms: int
    employee: str | None = None
    """As blocks name employees, so a pseudonym where they are pseudonyms; None: everybody."""


_encode_into = msgspec.msgpack.Encoder().encode_into
_decode_chunk = msgspec.msgpack.Decoder(list[Exposure]).decode
_decode_purge = msgspec.json.Decoder(Purge).decode


class Chunks:
    """Exposures encoded some at a time, one behind the other in one piece of memory, to become blocks.

    Whoever encodes each chunk for itself pays for fresh memory as much as for the encoding.
    """

    def __init__(self) -> None:
        self._unpacked = bytearray()
        self._starts: list[int] = []

    @property
    def size_bytes(self) -> int:
        """What was added, unpacked."""
        return len(self._unpacked)

    def add(self, exposures: Sequence[Exposure]) -> None:
        """Encode some exposures behind the others."""
        start = len(self._unpacked)
        self._unpacked += bytes(_LENGTH.size)
        try:
            _encode_into(exposures, self._unpacked, -1)
        except OverflowError:
            # Logs can claim any number, and MessagePack ends at 64 bits.
            del self._unpacked[start + _LENGTH.size :]
            capped = [msgspec.convert(_capped(msgspec.to_builtins(one)), Exposure) for one in exposures]
            _encode_into(capped, self._unpacked, -1)
        _LENGTH.pack_into(self._unpacked, start, len(self._unpacked) - start - _LENGTH.size)
        self._starts.append(start)

    def blocks(self, newest_ms: int) -> Iterator[bytes]:
        """Yield everything as one block, or as several where one would be too large for Kafka."""
        return _blocks(newest_ms, memoryview(self._unpacked), self._starts)


def _capped(value: Any) -> Any:
    if isinstance(value, int):
        return max(-_MOST, min(_MOST, value))
    if isinstance(value, dict):
        return {name: _capped(item) for name, item in value.items()}
    return [*map(_capped, value)] if isinstance(value, list | tuple) else value


def _blocks(newest_ms: int, unpacked: memoryview, starts: Sequence[int]) -> Iterator[bytes]:
    packed = _zstd().compress(unpacked, asbytes=True)
    if len(packed) <= MAX_BLOCK_BYTES or len(starts) < 2:
        yield b"\1" + _BLOCK + _HEADER.pack(newest_ms, len(unpacked)) + packed
    else:
        middle = len(starts) // 2
        cut = starts[middle] - starts[0]
        yield from _blocks(newest_ms, unpacked[:cut], starts[:middle])
        yield from _blocks(newest_ms, unpacked[cut:], starts[middle:])


def encode_purge(purge: Purge) -> bytes:
    """Return the record of a purge."""
    return b"\1" + _PURGE + msgspec.json.encode(purge)


def decode(value: bytes) -> Block | Purge:
    """Read a record of the ledger's topic.

    Raises
    ------
    BlockError
        If it cannot be read.
    """
    if value[:1] != b"\1":
        raise BlockError(
            f"a record of the ledger's topic has the version {value[0]}, and this StreamGuard reads {VERSION}"
            if value
            else "a record of the ledger's topic is empty"
        )
    try:
        if value[1:2] == _PURGE:
            return _decode_purge(value[2:])
        if value[1:2] == _BLOCK:
            return _block(value)
    except (msgspec.DecodeError, struct.error, pa.ArrowException, ValueError, OSError) as error:
        raise BlockError(f"a record of the ledger's topic cannot be read: {type(error).__name__}") from error
    raise BlockError("a record of the ledger's topic is neither a block nor a purge: somebody else wrote it")


def _block(value: bytes) -> Block:
    newest_ms, length = _HEADER.unpack_from(value, 2)
    if length > _MAX_UNPACKED_BYTES:
        raise ValueError("too long")
    unpacked = _zstd().decompress(value[2 + _HEADER.size :], decompressed_size=length, asbytes=True)
    exposures: list[Exposure] = []
    at = 0
    while at < length:
        (size,) = _LENGTH.unpack_from(unpacked, at)
        at += _LENGTH.size + size
        exposures += _decode_chunk(unpacked[at - size : at])
    return Block(newest_ms, exposures)


def _zstd() -> pa.Codec:
    return pa.Codec("zstd", compression_level=_LEVEL)
