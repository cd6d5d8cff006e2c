"""Sources: bytes of audit logs in, activities out.

The room's contract. A `Decoder` takes one Kafka record (or one record of a file) and returns one outcome for every
audit record inside, in order: an `Activity` for a statement that somebody ran, `Ignored` for what was understood and
is of no interest, `Rejected` with a stable reason for what could not be understood. It never raises, whatever the
bytes; it bounds the time and memory that any record can cost; it keeps no state between records and reads no clock, so
the same record always gives the same outcomes. Statements leave normalised; values that identify people leave as keyed
hashes at most, those of neutral columns only if they look like a word; the detail of a rejection never quotes the
record. An activity's ``comment`` and ``query_tag`` can still hold anything: the exposure room takes them off.

What it may not know: which tables hold personal data, who the employees are, and Kafka.

    bytes -> walk (unpack, envelopes, lines) -> matching -> <family>.<format>.read -> told -> statement -> Outcome
    activities of one partition -> assemble (waiting, merging, manners) -> one activity per statement

One package per family of formats, one file per format, listed in `registry`, which says how to add one; `mapping` reads
home-grown JSON. ``docs/sources.md`` says of each format where rows, columns and bytes come from, and what it hides.
"""

from __future__ import annotations

from streamguard.sources.config import DEFAULT_LOG_LINE_PREFIXES, DecoderConfig
from streamguard.sources.decoder import Decoder
from streamguard.sources.lines import read_records, split_records
from streamguard.sources.mapping.file import load_mappings
from streamguard.sources.mapping.record import Mapping
from streamguard.sources.reasons import IgnoredReason, RejectedReason
from streamguard.sources.registry import format_names

__all__ = [
    "DEFAULT_LOG_LINE_PREFIXES",
    "Decoder",
    "DecoderConfig",
    "IgnoredReason",
    "Mapping",
    "RejectedReason",
    "format_names",
    "load_mappings",
    "read_records",
    "split_records",
]
