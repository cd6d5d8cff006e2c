"""What an operator says of a home-grown JSON format: which records are of it, and which member means what."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from streamguard.activity import RowsQuality
from streamguard.sources.mapping.paths import Path

Scalar: TypeAlias = str | int | float | bool | None
TimeUnit: TypeAlias = Literal["iso", "s", "ms", "us", "ns"]

FIELDS = (
    "time", "user", "statement", "tables", "columns", "verb", "rows", "bytes", "duration_ms", "error", "database",
    "client", "application", "session", "key", "instance", "proxy_user", "query_tag",
)  # fmt: skip
"""What a mapping can fill: all that `streamguard.sources.told.Told` knows and a record can tell."""


class Condition(msgspec.Struct, frozen=True):
    """One line of a signature.

    Parameters
    ----------
    path
        Where the value stands.
    values
        What it may be; None: anything that is there.
    """

    path: Path
    values: tuple[Scalar, ...] | None = None


class Field(msgspec.Struct, frozen=True):
    """Where a field's value stands.

    Parameters
    ----------
    paths
        Tried in order; the first that leads to a value counts.
    default
        The value where none of them does.
    """

    paths: tuple[Path, ...] = ()
    default: Scalar = None


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """One home-grown format.

    Parameters
    ----------
    name
        Lower-case word; the format is called ``mapping.<name>``.
    when
        Its signature: conditions that all hold.
    fields
        (name of `FIELDS`, where it stands).
    time_unit
        How ``time`` is written: a date and time as text, or a number since 1970 UTC.
    dialect
        sqlglot's name of the SQL dialect of the statements.
    rows_quality
        What the count of rows counts; None: exact for reads, affected for writes.
    zero_is_unknown
        Whether a count of 0 stands for "not counted".
    complete
        Whether one record is one statement, so that nothing needs to be merged.
    ignore
        Signatures of records that are of no interest.
    """

    name: str
    when: tuple[Condition, ...]
    fields: tuple[tuple[str, Field], ...]
    time_unit: TimeUnit = "iso"
    dialect: str = "postgres"
    rows_quality: RowsQuality | None = None
    zero_is_unknown: bool = False
    complete: bool = True
    ignore: tuple[tuple[Condition, ...], ...] = ()

    @property
    def format_name(self) -> str:
        """What a topic's ``format`` setting calls it."""
        return f"mapping.{self.name}"
