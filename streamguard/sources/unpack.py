"""Compressed and encoded bytes, unpacked within a budget: a bomb costs no more than the budget."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Any

from streamguard.sources.reasons import Refusal, RejectedReason

try:
    import cramjam

    _zstd: Any = cramjam.zstd
except ImportError:  # the extra "compression" is not installed
    _zstd = None

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


def is_packed(value: bytes) -> bool:
    """Whether bytes begin as gzip or zstd do."""
    return value.startswith((GZIP_MAGIC, ZSTD_MAGIC))


def unpack(value: bytes, budget_bytes: int) -> bytes:
    """Return the content of gzip or zstd bytes.

    Parameters
    ----------
    value
        Bytes for which `is_packed` holds.
    budget_bytes
        Most bytes that may come out.

    Raises
    ------
    Refusal
        ``unpacked_too_large``, ``invalid_compression`` or ``compression_unavailable``.
    """
    return _gunzip(value, budget_bytes) if value.startswith(GZIP_MAGIC) else _unzstd(value, budget_bytes)


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


def _unzstd(value: bytes, budget_bytes: int) -> bytes:
    if _zstd is None:
        raise Refusal(
            RejectedReason.COMPRESSION_UNAVAILABLE, "zstd needs the extra: pip install streamguard[compression]"
        )
    # A buffer of fixed size is the bound: cramjam refuses to write beyond it.
    out = bytearray(budget_bytes)
    try:
        size = int(_zstd.decompress_into(value, out))
    except Exception as error:
        # cramjam has one exception for both; only a full buffer means that the content was too large.
        if "whole buffer" in str(error):
            raise _too_large() from error
        raise Refusal(RejectedReason.INVALID_COMPRESSION, "the zstd data is damaged or cut off") from error
    return bytes(memoryview(out)[:size])


def _too_large() -> Refusal:
    return Refusal(RejectedReason.UNPACKED_TOO_LARGE, "the content is larger than max_unpacked_bytes allows")
