"""Databricks' ``system.query.history``, as connectors write its rows (keys in lower or upper case).

One row is one statement that has ended, complete; ``produced_rows`` are the rows of its result. Neither the tables nor
the catalogue in use are told: they come from the text, and a name without a catalogue may be of any. ``bytes`` are
those read: the size of the result is not logged. Its key is the statement id, which the audit log calls
``commandId``.
Source: docs.databricks.com, "Query history system table reference".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streamguard.sources.reasons import RejectedReason
from streamguard.sources.told import Told, activity_of
from streamguard.sources.warehouse import (
    database_of,
    lower_keys,
    moment_in,
    parsed_object,
    required,
    rows_in,
    text_in,
    whole,
)

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context
    from streamguard.sources.fields import JsonObject

NAME = "databricks.history"

DIALECT = "databricks"

_SIGNS = frozenset({"executed_by", "EXECUTED_BY", "Executed_By"})
_SQLSTATE = re.compile(r"SQLSTATE: ?([0-9A-Z]{5})\b")
# Error classes that come before the first row and are logged without their SQLSTATE.
_CLASSES = {"INSUFFICIENT_PERMISSIONS": "42501", "PERMISSION_DENIED": "42501", "TABLE_OR_VIEW_NOT_FOUND": "42S02",
            "PARSE_SYNTAX_ERROR": "42601", "UNRESOLVED_COLUMN": "42703"}  # fmt: skip


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one row; None if it is of another format.

    Raises
    ------
    Refusal
        When it is a row of the query history and cannot be read.
    """
    if _SIGNS.isdisjoint(record):
        return None
    row = lower_keys(record)
    if "statement_id" not in row:
        return None
    context.instance = text_in(row, "workspace_id") or context.instance
    text = text_in(row, "statement_text")
    by = required(row, RejectedReason.MISSING_USER, "executed_by", "executed_by_user_id")
    run_as = text_in(row, "executed_as") or by
    elapsed_ms = whole(row.get("total_duration_ms"))
    error = _error(row)
    return activity_of(
        Told(
            source=NAME,
            dialect=DIALECT,
            user=run_as,
            time=moment_in(row, "start_time", "end_time"),
            key=text_in(row, "statement_id"),
            complete=True,
            text=text,
            verb=text_in(row, "statement_type"),
            rows=rows_in(row, "produced_rows"),
            zero_is_unknown=error is not None or row.get("from_result_cache") is True,
            bytes=whole(row.get("read_bytes")),
            duration_ms=None if elapsed_ms is None else float(elapsed_ms),
            error=error,
            database=database_in(text, context),
            application=text_in(row, "client_application", "client_driver"),
            session=text_in(row, "session_id"),
            proxy_user=None if by == run_as else by,
            query_tag=_tags(row),
        ),
        context,
    )


def database_in(text: str | None, context: Context) -> str | None:
    """Return the catalogue that a statement names for all its tables; None: any."""
    if text is None:
        return None
    statement = context.tools.analyser.analyse(text, DIALECT)
    return database_of(statement.text, statement.tables, None)


def error_in(message: str | None) -> str | None:
    """Return the SQLSTATE that a message ends with, or that of the error class it begins with; else None."""
    if message is None:
        return None
    state = _SQLSTATE.search(message)
    if state is not None:
        return state[1]
    return next((code for name, code in _CLASSES.items() if f"[{name}" in message[:200]), None)


def _error(row: JsonObject) -> str | None:
    status = (text_in(row, "execution_status") or "").upper()
    if status in {"FAILED", "CANCELED"}:
        return error_in(text_in(row, "error_message")) or ("failure" if status == "FAILED" else "canceled")
    return None


def _tags(row: JsonObject) -> str | None:
    tags = parsed_object(row.get("query_tags"))
    return ",".join(sorted(f"{key}:{value}" for key, value in tags.items() if type(value) is str)) or None
