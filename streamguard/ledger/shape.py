"""What exposures of one statement shape have in common: kept once, whoever ran it however often."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.activity import Verdict

if TYPE_CHECKING:
    from streamguard.activity import Exposure

_UID_BYTES: Final = 8
"""A million shapes share no number with a probability of 1 - 3e-8, and a day has some thousands."""


class Shape(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The fields of `Activity` and `Exposure` under their own names, as far as the statement decides them."""

    source: str
    time_borrowed: bool = False
    instance: str | None = None
    database: str | None = None
    verb: str = "UNKNOWN"
    export: str | None = None
    statement: str | None = None
    fingerprint: str | None = None
    tables: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    columns_known: bool = False
    filters: tuple[str, ...] = ()
    subject_columns: tuple[str, ...] = ()
    """Of which columns `Activity.subjects` has hashes."""
    scope: tuple[tuple[str, tuple[str, ...]], ...] = ()
    error: str | None = None
    categories: dict[str, Verdict] = {}
    membership: tuple[str, ...] = ()
    sensitivity: int = 0
    regions: tuple[str, ...] = ()
    honey: bool = False


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Shape).decode


def shape_of(exposure: Exposure) -> Shape:
    """Return the shape of an exposure."""
    told = exposure.activity
    return Shape(
        source=told.source,
        time_borrowed=told.time_borrowed,
        instance=told.instance,
        database=told.database,
        verb=told.verb,
        export=told.export,
        statement=told.statement,
        fingerprint=told.fingerprint,
        tables=told.tables,
        columns=told.columns,
        columns_known=told.columns_known,
        filters=told.filters,
        subject_columns=tuple(column for column, _ in told.subjects),
        scope=told.scope,
        error=told.error,
        categories=exposure.categories,
        membership=exposure.membership,
        sensitivity=exposure.sensitivity,
        regions=exposure.regions,
        honey=exposure.honey,
    )


def uid_of(body: bytes) -> int:
    """Return the number of an encoded shape: 64 bits of its BLAKE2b hash."""
    return int.from_bytes(blake2b(body, digest_size=_UID_BYTES).digest(), "little")
