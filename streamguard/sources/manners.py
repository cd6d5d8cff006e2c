"""How the records of a statement come, by source: in sessions or side by side, close together or far apart."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import msgspec

_SEQUENTIAL = ("postgresql.", "mysql.", "mariadb.", "percona.", "aws.das")
"""Sources whose sessions run one statement at a time; elsewhere statements run side by side."""

_SAME_PRODUCT = MappingProxyType({"mariadb": "mysql", "percona": "mysql"})
"""Families whose logs tell of the same sessions: all of them write the slow log as MySQL does."""

_CLOSING = MappingProxyType({"snowflake": frozenset({"query", "access"})})

_ENDING = MappingProxyType({"postgresql": frozenset({"duration"})})

_WAITS = MappingProxyType({"snowflake": (10_000, 60_000), "bigquery": (10_000, 10_000), "databricks": (10_000, 10_000)})
"""Histories and audit logs that are written apart, per statement, lie further apart."""


class AssemblyConfig(msgspec.Struct, frozen=True):
    """How long a statement may wait for further lines.

    Parameters
    ----------
    gap_records
        Records of the same partition between two lines of a statement, at most.
    gap_ms
        Event time that may pass on the partition between two lines of a statement, at most.
    ended_ms
        The same once a statement has ended (`Manner.ending`), by the time of its own server: what else there is of it
        is written in the same instant.
    waits
        Family of sources (``snowflake``) to its own (gap_records, gap_ms).
    """

    gap_records: int = 1_000
    gap_ms: int = 1_000
    ended_ms: int = 50
    waits: Mapping[str, tuple[int, int]] = msgspec.field(default_factory=lambda: dict(_WAITS))


class Manner(NamedTuple):
    """How the records of one source come.

    Parameters
    ----------
    product
        Sources of one product tell of the same sessions.
    is_sequential
        Whether a session runs one statement at a time, so that a new one says that the last one is over.
    gap_records, gap_ms
        As `AssemblyConfig`.
    closing
        Kinds of records after which none is missing; empty: one never knows.
    ending
        Kinds of records that tell, together with a count of rows, that a statement has ended; empty: none does.
    ended_ms
        As `AssemblyConfig`.
    """

    product: str
    is_sequential: bool
    gap_records: int
    gap_ms: int
    closing: frozenset[str]
    ending: frozenset[str]
    ended_ms: int


def manner_of(source: str, config: AssemblyConfig) -> Manner:
    """Return how the records of a source come.

    Parameters
    ----------
    source
        Name of the adapter, ``family.format``.
    config
        The waits.

    Examples
    --------
    >>> manner_of("mariadb.server_audit", AssemblyConfig()).product
    'mysql'
    """
    family = source.partition(".")[0]
    gap_records, gap_ms = config.waits.get(family, (config.gap_records, config.gap_ms))
    return Manner(
        product=_SAME_PRODUCT.get(family, family),
        is_sequential=source.startswith(_SEQUENTIAL),
        gap_records=gap_records,
        gap_ms=gap_ms,
        closing=_CLOSING.get(family, frozenset()),
        ending=_ENDING.get(family, frozenset()),
        ended_ms=config.ended_ms,
    )
