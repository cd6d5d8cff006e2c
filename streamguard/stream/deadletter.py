"""Dead letters: what nobody understood, with its reason and its place. It never disappears and never stops a worker."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from streamguard.stream.writer import Outgoing

if TYPE_CHECKING:
    from streamguard.activity import RawRecord, Rejected

MAX_VALUE_BYTES = 800_000
"""Of a record's bytes that are kept: a letter must fit into Kafka's default record size with its headers."""


def letter(rejected: Rejected, raw: RawRecord) -> Outgoing:
    """Return the dead letter of a rejected record: the original bytes; reason and place in the headers.

    A record too large for the topic is kept in part, with its size and SHA-256; its place says where the rest is.
    """
    headers = [
        ("reason", rejected.reason),
        ("detail", rejected.detail),
        ("topic", raw.topic),
        ("partition", str(raw.partition)),
        ("epoch", str(raw.epoch)),
        ("offset", str(raw.offset)),
        ("index", str(rejected.origin.index)),
    ]
    value = raw.value
    if len(value) > MAX_VALUE_BYTES:
        headers += [
            ("truncated_from_bytes", str(len(value))),
            ("sha256", hashlib.sha256(value).hexdigest()),
        ]
        value = value[:MAX_VALUE_BYTES]
    key = f"{raw.topic}/{raw.partition}".encode()
    return Outgoing(key, value, [(name, text.encode()) for name, text in headers])
