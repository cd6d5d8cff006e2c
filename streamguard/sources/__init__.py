"""Sources: bytes of audit logs in, activities out.

The room's contract. A `Decoder` takes one Kafka record (or one record of a file) and returns one outcome for every
audit record inside, in order: an `Activity` for a statement that somebody ran, `Ignored` for what was understood and
is of no interest, `Rejected` with a stable reason for what could not be understood. It never raises, whatever the
bytes; it bounds the time and memory that any record can cost; it keeps no state between records and reads no clock, so
the same record always gives the same outcomes. Nothing it returns holds a literal value of personal data: statements
are normalised, bind parameters are not read, and the detail of a rejection never quotes the record.

What it may not know: which tables hold personal data, who the employees are, and Kafka.

Formats: PostgreSQL with pgaudit (jsonlog, csvlog, plain lines, CloudNativePG, Azure), and OCSF 6005 for everything
else; bare or in the envelopes of `streamguard.sources.envelopes`. `registry` says how to add one.
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
