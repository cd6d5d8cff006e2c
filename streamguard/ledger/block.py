"""What is written to the ledger's topic: blocks of exposures, and records that make it forget.

A block holds the exposures of one activity partition as they are, in the order of that partition's log, as JSON behind
zstd. Rows beat columns here: the detect agent has the exposures in hand as records, and taking them apart in Python
costs twice what msgspec and zstd take together, for no fewer bytes (statements repeat within a block, and a repetition
costs zstd next to nothing). Columns are made where nobody waits, by whoever keeps the store.

    byte 0       version of the format, 1
    byte 1       ``b``: a block; ``p``: a purge
    block        4 bytes, little endian: length of the JSON; then the JSON as one zstd frame
    purge        the JSON
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

import msgspec
import pyarrow as pa

from streamguard.activity import Exposure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

VERSION: Final = 1
MAX_BLOCK_BYTES: Final = 850_000
"""Of one record, at most: Kafka takes a million by default."""
_MAX_JSON_BYTES: Final = 256 * 1024 * 1024
_BLOCK, _PURGE = b"b", b"p"
_LENGTH = struct.Struct("<I")
_LEVEL: Final = 1
"""Of zstd: the next levels take more time and no bytes off."""


class BlockError(Exception):
    """A record of the ledger's topic is none of StreamGuard's, or of a newer version; the message says which."""


class Block(msgspec.Struct, frozen=True, omit_defaults=True):
    """Exposures of personal data of one activity partition."""

    newest_ms: int
    """Event time that the partition's log has reached, personal data or not."""
    exposures: list[Exposure] = []


class Purge(msgspec.Struct, frozen=True, omit_defaults=True):
    """What must be forgotten: everything before a moment, or what one employee did before it. It holds for good."""

    before_ms: int
    employee: str | None = None
    """As blocks name employees, so a pseudonym where they are pseudonyms; None: everybody."""


_encode = msgspec.json.Encoder().encode
_decode_block = msgspec.json.Decoder(Block).decode
_decode_purge = msgspec.json.Decoder(Purge).decode


def encode_block(newest_ms: int, exposures: Sequence[Exposure]) -> Iterator[bytes]:
    """Yield one block, or several where one would be too large for Kafka."""
    encoded = _encode(Block(newest_ms, list(exposures)))
    value = b"\1" + _BLOCK + _LENGTH.pack(len(encoded)) + _zstd().compress(encoded, asbytes=True)
    if len(value) <= MAX_BLOCK_BYTES or len(exposures) < 2:
        yield value
    else:
        middle = len(exposures) // 2
        yield from encode_block(newest_ms, exposures[:middle])
        yield from encode_block(newest_ms, exposures[middle:])


def encode_purge(purge: Purge) -> bytes:
    """Return the record of a purge."""
    return b"\1" + _PURGE + _encode(purge)


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
            return _decode_block(_unpacked(value))
    except (msgspec.DecodeError, struct.error, pa.ArrowException, ValueError, OSError) as error:
        raise BlockError(f"a record of the ledger's topic cannot be read: {type(error).__name__}") from error
    raise BlockError("a record of the ledger's topic is neither a block nor a purge: somebody else wrote it")


def _unpacked(value: bytes) -> bytes:
    (length,) = _LENGTH.unpack_from(value, 2)
    if length > _MAX_JSON_BYTES:
        raise ValueError("too long")
    unpacked: bytes = _zstd().decompress(value[2 + _LENGTH.size :], decompressed_size=length, asbytes=True)
    return unpacked


def _zstd() -> pa.Codec:
    return pa.Codec("zstd", compression_level=_LEVEL)
