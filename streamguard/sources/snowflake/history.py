"""Snowflake: rows of QUERY_HISTORY and ACCESS_HISTORY, apart or joined, as connectors write them (any case of keys).

A statement has a row in QUERY_HISTORY (text, counts) and, if it read or wrote tables, one in ACCESS_HISTORY (tables,
columns). Joined in one row the statement is ``complete``: the supported way. Apart they are parts ``query`` and
``access`` of one statement, whose key is the query id; but ACCESS_HISTORY comes up to 180 minutes later, and nothing
waits that long, since all behind it would wait too. So rows told apart are as a rule two activities: rows are counted
once, the statement twice. Client address and program are in neither: they come from columns of SESSIONS and
LOGIN_HISTORY that the connector's statement joins in (see the documentation of sources).
Source: docs.snowflake.com, Account Usage.

Ignored, since nobody's statement: SESSIONS and LOGIN_HISTORY rows, statements that still run (they come again when
they have ended), and DATA_TRANSFER_HISTORY: its hourly totals name no user, and the bytes are told by the row of the
UNLOAD that sent them.

Known gaps: Snowflake logs the reading of an earlier result (RESULT_SCAN) without its tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.sources.naming import MAX_QUALIFIER_CHARACTERS
from streamguard.sources.reasons import IgnoredReason, RejectedReason
from streamguard.sources.snowflake.objects import Accessed, accessed, is_access
from streamguard.sources.snowflake.rows import Counts, count, kind_of
from streamguard.sources.told import Told, activity_of
from streamguard.sources.warehouse import (
    database_of,
    lower_keys,
    moment_in,
    parsed_object,
    required,
    text_in,
    whole,
)

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context
    from streamguard.sources.fields import JsonObject
    from streamguard.sources.statement import Statement

NAME = "snowflake"

_DIALECT = "snowflake"
_SIGNS = frozenset(
    name
    for lower in ("query_id", "query_text", "event_type", "login_event_id", "transfer_type", "p_log_type")
    for name in (lower, lower.upper(), lower.title())
)
_RUNNING = frozenset({"RUNNING", "QUEUED", "BLOCKED", "RESUMING_WAREHOUSE", "QUEUED_REPARING_WAREHOUSE"})
_SUCCEEDED = frozenset({"SUCCESS", "SUCCEEDED", ""})
# Snowflake's own numbers of errors that come before the first row, as SQLSTATEs that everybody understands.
_SQLSTATES = {904: "42000", 1003: "42000", 2003: "42S02", 2043: "42S02", 3001: "42501", 3003: "42501"}


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one row; None if it is of another format.

    Raises
    ------
    Refusal
        When it is a row of a view above and cannot be read.
    """
    if _SIGNS.isdisjoint(record):
        return None
    row = lower_keys(record)
    if ("query_text" in row and ("user_name" in row or "query_type" in row)) or ("query_id" in row and is_access(row)):
        context.instance = text_in(row, "account_name", "account_locator", "p_source_label") or context.instance
        return _statement(row, context)
    reason = _other_view(row)
    return None if reason is None else context.ignore(reason)


def _other_view(row: JsonObject) -> IgnoredReason | None:
    log_type = str(row.get("p_log_type"))
    if {"transfer_type", "bytes_transferred"} <= row.keys():
        return IgnoredReason.TRANSFER_TOTAL
    if log_type == "Snowflake.LoginHistory" or {"event_type", "is_success", "user_name"} <= row.keys():
        return IgnoredReason.DISCONNECTION if row.get("event_type") == "LOGOUT" else IgnoredReason.CONNECTION
    if {"login_event_id", "session_id"} <= row.keys():
        return IgnoredReason.CONNECTION
    return IgnoredReason.ADMINISTRATION if log_type.startswith("Snowflake.") else None


def _statement(row: JsonObject, context: Context) -> Activity | Ignored:
    if _is_running(row):
        return context.ignore(IgnoredReason.RUNNING)
    text = text_in(row, "query_text")
    analysed = None if text is None else context.tools.analyser.analyse(text, _DIALECT)
    objects = accessed(row)
    has_query, key = "query_text" in row, text_in(row, "query_id")
    is_joined = has_query and is_access(row)
    counts = _counts(row, analysed) if has_query else Counts(None, None, None, None)
    error = _error(row)
    return activity_of(
        Told(
            source=NAME,
            dialect=_DIALECT,
            user=required(row, RejectedReason.MISSING_USER, "user_name"),
            time=moment_in(row, "start_time", "query_start_time", "p_event_time", "end_time"),
            key=key,
            complete=is_joined or key is None,
            part=None if is_joined else "query" if has_query else "access",
            text=text,
            verb=_verb(row),
            export=counts.export or ("unload" if objects is not None and objects.to_stage else None),
            tables=_tables(row, analysed, objects),
            columns=_columns(row, analysed, objects),
            rows=counts.rows,
            rows_quality=counts.quality,
            zero_is_unknown=error is not None,
            bytes=counts.bytes,
            duration_ms=_duration_ms(row),
            error=error,
            database=_database(row, analysed, objects),
            client=text_in(row, "client_ip"),
            application=_application(row),
            session=text_in(row, "session_id"),
            query_tag=text_in(row, "query_tag"),
        ),
        context,
    )


def _is_running(row: JsonObject) -> bool:
    """Tell a statement that has not ended: its end is the beginning of 1970, in whatever time zone."""
    end = row.get("end_time")
    is_epoch = end.startswith(("1970-01-01", "1969-12-31")) if type(end) is str else end == 0
    return is_epoch or str(row.get("execution_status")).upper() in _RUNNING


def _counts(row: JsonObject, analysed: Statement | None) -> Counts:
    verb, export = ("UNKNOWN", None) if analysed is None else (analysed.verb, analysed.export)
    return count(row, kind_of(row, verb, export))


def _verb(row: JsonObject) -> str | None:
    kind = text_in(row, "query_type")
    return None if kind is None or kind == "UNKNOWN" else kind.replace("_", " ")


def _tables(row: JsonObject, analysed: Statement | None, objects: Accessed | None) -> tuple[str, ...] | None:
    """Return the log's tables, else the text's: names without a schema are of the session's schema."""
    if objects is not None:
        return objects.tables
    schema = text_in(row, "schema_name")
    if analysed is None or schema is None:
        return None
    schema = schema[:MAX_QUALIFIER_CHARACTERS].lower()
    return tuple(table if "." in table else f"{schema}.{table}" for table in analysed.tables)


def _columns(row: JsonObject, analysed: Statement | None, objects: Accessed | None) -> tuple[str, ...] | None:
    """Return the log's columns unless the text is more exact: it tells those that only filter apart.

    A text that does not name every table that was read (dynamic SQL, policies) is not.
    """
    if objects is None:
        return None
    if (
        analysed is not None
        and analysed.columns_known
        and not objects.through_views
        and _names_all(row, analysed, objects.tables)
    ):
        is_exact = not any(column == "*" or column.endswith(".*") for column in analysed.columns)
        return None if is_exact else objects.columns
    return objects.columns


def _names_all(row: JsonObject, analysed: Statement, read: tuple[str, ...]) -> bool:
    """Whether the text names all the tables that were read; where no schema is told, any may be meant."""
    named = set(_tables(row, analysed, None) or analysed.tables)
    return all(table in named or table.rpartition(".")[2] in named for table in read)


def _database(row: JsonObject, analysed: Statement | None, objects: Accessed | None) -> str | None:
    if objects is not None:
        return objects.database
    own = text_in(row, "database_name")
    return own if analysed is None else database_of(analysed.text, analysed.tables, own)


def _application(row: JsonObject) -> str | None:
    """Return the program: what it calls itself says more than the driver it uses."""
    environment = parsed_object(row.get("client_environment"))
    return text_in(environment, "APPLICATION") or text_in(row, "client_application_id", "reported_client_type")


def _duration_ms(row: JsonObject) -> float | None:
    elapsed = whole(row.get("total_elapsed_time"))
    return None if elapsed is None else float(elapsed)


def _error(row: JsonObject) -> str | None:
    status = row.get("execution_status")
    if type(status) is not str or status.upper() in _SUCCEEDED:
        return None
    code = text_in(row, "error_code")
    number = whole(code)
    return _SQLSTATES.get(number or 0, code or "failure")
