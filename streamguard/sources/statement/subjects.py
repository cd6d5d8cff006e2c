"""Keyed hashes of the values that identify people, so that whom a statement was about can be asked, not read."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b
from typing import Final

_PERSON: Final = b"sg-data-subject"
"""Keeps these hashes apart from all others that may be made with the same key."""
_DIGEST_BYTES: Final = 16
_PLACE_PERSON: Final = b"sg-place-of-ids"
_PLACE_MARK: Final = "#"
"""Before the hash of a place, which so is neither a number of rows nor the hash of a person to anybody."""
_PLACE_BYTES: Final = 8
"""Places are compared with the one before: there are no many among which two could be alike."""
_NUMBER: Final = re.compile(r"\+?(\d+)(?:\.0*)?", re.ASCII)


def subject_hash(key: bytes, value: str) -> str:
    """Return 32 hexadecimal digits for a value, the same wherever the value is written the same to people.

    BLAKE2b with a key (RFC 7693, section 2.9), which needs no HMAC around it. The canonical form: Unicode NFC, no
    space around, case folded; of a whole number its decimal digits without leading zeros, for ``id = 42``,
    ``id = '42'`` and ``id = '0042'`` find the same row wherever the column is a number. Two text keys that differ in
    leading zeros only therefore share a hash: rather one too many in an answer than one missed.

    Parameters
    ----------
    key
        The secret; any length but 0.
    value
        As in the statement, without quotes.

    Raises
    ------
    ValueError
        When the key is empty: such a hash could be undone by guessing.

    Examples
    --------
    >>> subject_hash(b"k", " Alice@Example.com") == subject_hash(b"k", "alice@example.com")
    True
    >>> subject_hash(b"k", "0042") == subject_hash(b"k", "42.0")
    True
    """
    if not key:
        raise ValueError("the key of subject hashes is empty")
    canonical = _canonical(value).encode("utf-8", "replace")
    return blake2b(canonical, key=_fitting(key), digest_size=_DIGEST_BYTES, person=_PERSON).hexdigest()


def place_hash(key: bytes, number: int) -> str:
    """Return ``#`` and 16 hexadecimal digits for a place among ids; no hash of a person can be told from it.

    Parameters
    ----------
    key
        As of `subject_hash`, not empty.
    number
        The id at which a piece begins.

    Examples
    --------
    >>> place_hash(b"k", 42) == place_hash(b"k", 41 + 1), len(place_hash(b"k", 42))
    (True, 17)
    """
    digits = str(number).encode()
    return _PLACE_MARK + blake2b(digits, key=_fitting(key), digest_size=_PLACE_BYTES, person=_PLACE_PERSON).hexdigest()


def _fitting(key: bytes) -> bytes:
    return key if len(key) <= blake2b.MAX_KEY_SIZE else blake2b(key).digest()


def _canonical(value: str) -> str:
    if value.isascii():
        return _number(value.strip().lower())
    # Folding can take a text out of NFC, so it is brought there again.
    return _number(unicodedata.normalize("NFC", unicodedata.normalize("NFC", value).casefold()).strip())


def _number(text: str) -> str:
    number = _NUMBER.fullmatch(text)
    return text if number is None else number[1].lstrip("0") or "0"
