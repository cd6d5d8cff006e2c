"""Compressed and encoded bytes, unpacked within a budget: a bomb costs no more than the budget."""

from __future__ import annotations

import base64
import binascii
import zlib

import cramjam

from streamguard.sources.reasons import Refusal, RejectedReason

GZIP_MAGIC = b"\x1f\x8b"
_BY_CRAMJAM = {
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
    b"\xff\x06\x00\x00sNaPpY": "snappy",
}
"""The frame formats of three compressors. Bare snappy and lz4 blocks have no magic bytes and are not recognised."""
_MAGICS = (GZIP_MAGIC, *_BY_CRAMJAM)
_FIRST_GUESS = 8
"""Times that JSON shrinks, at most as a rule: the size of the first buffer, because clearing 16 MB takes 2.6 ms."""
_SMALLEST_GUESS_BYTES = 64 * 1024


def is_packed(value: bytes) -> bool:
    """Whether bytes begin as gzip, zstd, lz4 or snappy do."""
    return value.startswith(_MAGICS)


def unpack(value: bytes, budget_bytes: int) -> bytes:
    """Return the content of compressed bytes.

    Parameters
    ----------
    value
        Bytes for which `is_packed` holds.
    budget_bytes
        Most bytes that may come out.

    Raises
    ------
    Refusal
        ``unpacked_too_large`` or ``invalid_compression``.
    """
    if value.startswith(GZIP_MAGIC):
        return _gunzip(value, budget_bytes)
    name = next(name for magic, name in _BY_CRAMJAM.items() if value.startswith(magic))
    guess_bytes = max(len(value) * _FIRST_GUESS, _SMALLEST_GUESS_BYTES)
    if guess_bytes < budget_bytes:
        content = _into_buffer(name, value, guess_bytes)
        if content is not None:
            return content
    content = _into_buffer(name, value, budget_bytes)
    if content is None:
        raise _too_large()
    return content


def decode_base64(text: str) -> bytes:
    """Return the bytes of a base64 text.

    Raises
    ------
    Refusal
        ``invalid_base64``.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal(RejectedReason.INVALID_BASE64, "an envelope's data is not base64") from error


def _gunzip(value: bytes, budget_bytes: int) -> bytes:
    out: list[bytes] = []
    left = budget_bytes
    while value:
        # Files of several members are legal: log shippers append.
        member = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        try:
            out.append(member.decompress(value, left + 1))
        except zlib.error as error:
            raise Refusal(RejectedReason.INVALID_COMPRESSION, "the gzip data is damaged") from error
        left -= len(out[-1])
        if left < 0:
            raise _too_large()
        if not member.eof:
            raise Refusal(RejectedReason.INVALID_COMPRESSION, "the gzip data is cut off")
        value = member.unused_data.lstrip(b"\0")  # padding between members is legal
    return b"".join(out)


def _into_buffer(name: str, value: bytes, size_bytes: int) -> bytes | None:
    """Return the content, or None if it is larger than the buffer, beyond which cramjam refuses to write."""
    out = bytearray(size_bytes)
    try:
        size = int(getattr(cramjam, name).decompress_into(value, out))
    except Exception as error:
        # cramjam has one exception for both; only a full buffer means that the content was too large.
        if "write whole buffer" in str(error):
            return None
        raise Refusal(RejectedReason.INVALID_COMPRESSION, f"the {name} data is damaged or cut off") from error
    return bytes(memoryview(out)[:size])


def _too_large() -> Refusal:
    return Refusal(RejectedReason.UNPACKED_TOO_LARGE, "the content is larger than max_unpacked_bytes allows")
