"""Why a record did not become an activity: the stable words that metrics and the dead-letter topic carry.

The words are an interface: dashboards and alert rules name them. Add new ones, do not rename old ones.
"""

from __future__ import annotations

from enum import StrEnum


class RejectedReason(StrEnum):
    """A record that could not be understood, and what was wrong with it."""

    EMPTY_RECORD = "empty_record"
    RECORD_TOO_LARGE = "record_too_large"
    UNPACKED_TOO_LARGE = "unpacked_too_large"
    TOO_MANY_RECORDS = "too_many_records"
    TOO_DEEPLY_NESTED = "too_deeply_nested"
    INVALID_COMPRESSION = "invalid_compression"
    INVALID_BASE64 = "invalid_base64"
    INVALID_UTF8 = "invalid_utf8"
    INVALID_JSON = "invalid_json"
    TRUNCATED_JSON = "truncated_json"
    NOT_A_NUMBER = "not_a_number"
    SCHEMA_REGISTRY_ENCODING = "schema_registry_encoding"
    UNKNOWN_FORMAT = "unknown_format"
    UNSUPPORTED_FORMAT = "unsupported_format"
    UNKNOWN_FORMAT_NAME = "unknown_format_name"
    FORMAT_MISMATCH = "format_mismatch"
    UNKNOWN_LOG_LINE_PREFIX = "unknown_log_line_prefix"
    AMBIGUOUS_LINE = "ambiguous_line"
    MALFORMED_AUDIT = "malformed_audit"
    MALFORMED_CSV = "malformed_csv"
    WRONG_COLUMN_COUNT = "wrong_column_count"
    SYSLOG_SPLIT = "syslog_split"
    PARTIAL_LINE = "partial_line"
    MISSING_FIELD = "missing_field"
    MISSING_USER = "missing_user"
    WRONG_TYPE = "wrong_type"
    INVALID_TIME = "invalid_time"
    UNKNOWN_TIME_ZONE = "unknown_time_zone"
    TIME_IN_FUTURE = "time_in_future"
    TIME_OUT_OF_RANGE = "time_out_of_range"
    INVALID_ROWS = "invalid_rows"
    NEGATIVE_ROWS = "negative_rows"
    ROWS_OUT_OF_RANGE = "rows_out_of_range"
    INTERNAL_ERROR = "internal_error"
    """A defect of an adapter. It must never be seen; the guard exists so that one record cannot stop a worker."""


class IgnoredReason(StrEnum):
    """A record that was understood and is no statement of interest."""

    CONNECTION = "connection"
    DISCONNECTION = "disconnection"
    DURATION = "duration"
    PLAN = "plan"
    STATEMENT_LINE = "statement_line"
    DETAIL_LINE = "detail_line"
    ERROR_LINE = "error_line"
    CHECKPOINT = "checkpoint"
    MAINTENANCE = "maintenance"
    REPLICATION = "replication"
    SERVER_LOG = "server_log"
    OPERATOR_LOG = "operator_log"
    FOREIGN_KEY_CHECK = "foreign_key_check"
    NO_USER = "no_user"
    CONTROL_MESSAGE = "control_message"
    EMPTY_BATCH = "empty_batch"
    ARRAY_PUNCTUATION = "array_punctuation"
    """A line that holds only a bracket or comma of the array that a log file is."""
    HEARTBEAT = "heartbeat"
    ADMINISTRATION = "administration"
    """A command on the server, the schema or the accounts, which reads nobody's data."""
    TRANSACTION = "transaction"
    STATEMENT_START = "statement_start"
    """A statement has begun; the record of its end says the same and more."""
    BY_MAPPING = "by_mapping"
    """A mapping of the operator's own says that such records are of no interest."""
    RUNNING = "running"
    """The state of a statement that has not ended: its last record tells all."""
    PARENT_STATEMENT = "parent_statement"
    """A script whose statements have records of their own."""
    RESULT_FETCH = "result_fetch"
    """The delivery of a result that the record of its statement has counted."""
    DRY_RUN = "dry_run"
    """A statement that was checked and not run."""
    STATEMENT_END = "statement_end"
    """The end of a statement that succeeded, without a word on what it did."""
    TRANSFER_TOTAL = "transfer_total"
    """Totals of bytes moved between regions, of no user."""


class Refusal(Exception):  # noqa: N818 -- it becomes a value (`Rejected`), no caller ever sees it as an error
    """Raised inside this room when a record cannot be read; the decoder turns it into a `Rejected`.

    Parameters
    ----------
    reason
        The stable word.
    detail
        One sentence for people. It must never hold a value of the record.
    """

    def __init__(self, reason: RejectedReason, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
