"""The limits and local facts that decoding depends on."""

from __future__ import annotations

import msgspec

from streamguard.sources.mapping.record import Mapping

DEFAULT_LOG_LINE_PREFIXES = (
    "%m [%p] %q%u@%d/%a %h %c ",
    "%t:%r:%u@%d:[%p]:",  # Amazon RDS and Aurora, fixed by the service
    "%t:%r:%u@%d:[%p]:%a:%e",  # Azure Database for PostgreSQL
    "%m [%p] %q%u@%d ",  # Debian and Ubuntu packages
    "%m [%p]: [%l-1] db=%d,user=%u ",  # Cloud SQL and AlloyDB
    "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",  # pgBadger's recommendation
    "%t [%p]: user=%u,db=%d,app=%a,client=%h ",
    "%m [%p] ",  # PostgreSQL's default: it names no user, so it comes last and audit lines are refused with advice
)
"""Tried in this order, more specific ones first, because a poorer prefix also fits a richer line."""


class DecoderConfig(msgspec.Struct, frozen=True):
    """Limits of the decoder. Every one of them bounds what a hostile or broken producer can cost.

    Parameters
    ----------
    max_record_bytes
        Largest single audit record; a larger one is rejected as ``record_too_large``.
    max_unpacked_bytes
        Largest Kafka message, and most bytes that its compressed parts may unpack to in total.
    max_depth
        Envelopes around one record, at most (compression, base64, arrays and wrapper objects count). Firehose with
        CloudWatch's gzip around a syslog line has five.
    max_records_per_message
        Audit records in one Kafka message; what is beyond is rejected as ``too_many_records``.
    max_statement_bytes
        Statement text that is analysed; of a longer text only this prefix is, and its columns count as unknown.
    statement_cache_size
        Statement texts whose analysis is remembered.
    max_future_ms
        How far an event time may lie after the Kafka time of its record.
    log_line_prefixes
        Values of PostgreSQL's ``log_line_prefix`` to recognise in plain log lines, most specific first.
    time_zones
        (abbreviation, minutes east of UTC) of servers whose ``log_timezone`` is not UTC, where the abbreviation
        is ambiguous in the world (CST, IST, PST and their summer times) or unknown here.
    identifying_columns
        Bare names of columns that identify people: values that a statement compares them with leave as keyed hashes.
    neutral_columns
        Bare names of columns such as a country code, whose values may leave in clear if they look like a word.
    subject_key
        The key of those hashes, a secret; None: no hashes.
    seal_public_key
        For whom complete statement texts are sealed, beside those hashes; None: they are not kept.
    mappings
        Home-grown JSON formats; they go before the built-in ones, in this order.
    """

    max_record_bytes: int = 1024 * 1024
    max_unpacked_bytes: int = 16 * 1024 * 1024
    max_depth: int = 6
    max_records_per_message: int = 10_000
    max_statement_bytes: int = 32 * 1024
    statement_cache_size: int = 20_000
    max_future_ms: int = 24 * 60 * 60 * 1000
    log_line_prefixes: tuple[str, ...] = DEFAULT_LOG_LINE_PREFIXES
    time_zones: tuple[tuple[str, int], ...] = ()
    mappings: tuple[Mapping, ...] = ()
    identifying_columns: frozenset[str] = frozenset()
    neutral_columns: frozenset[str] = frozenset()
    subject_key: bytes | None = None
    seal_public_key: str | None = None

    def __repr__(self) -> str:
        """Show everything but the key."""
        shown = (f"{name}={getattr(self, name)!r}" for name in self.__struct_fields__ if name != "subject_key")
        return f"DecoderConfig({', '.join(shown)}, subject_key={'set' if self.subject_key else None})"
