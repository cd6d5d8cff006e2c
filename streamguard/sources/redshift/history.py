"""Amazon Redshift's SYS_QUERY_HISTORY, as connectors write its rows (keys in lower or upper case).

One row is one statement, complete, with the rows and bytes that were returned to the client. The view knows the user
by number only: the connector's statement joins the name in (``user_name`` of SVV_USER_INFO), and the client and program
(``remote_host``, ``application_name`` of SYS_CONNECTION_LOG). An UNLOAD returns nothing to the client: its rows are
``unloaded_rows`` and its bytes ``unloaded_files_size`` (of SYS_UNLOAD_HISTORY) where joined in, else unbounded.
Source: docs.aws.amazon.com, Redshift database developer guide, SYS_QUERY_HISTORY.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.activity import RowsQuality
from streamguard.sources.reasons import IgnoredReason, RejectedReason
from streamguard.sources.told import Told, activity_of
from streamguard.sources.warehouse import lower_keys, moment_in, required, rows_in, text_in, whole

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context
    from streamguard.sources.fields import JsonObject

NAME = "redshift.history"

_SIGNS = frozenset({"returned_rows", "RETURNED_ROWS", "Returned_Rows"})
_RUNNING = frozenset({"planning", "queued", "running", "returning"})
_FAILED = frozenset({"failed", "canceled"})
_CUT_AT_CHARACTERS = 4_000
_CUT = " ..."
"""Makes a text that was cut ungrammatical: what stands behind the cut may read more columns."""


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one row; None if it is of another format.

    Raises
    ------
    Refusal
        When it is a row of SYS_QUERY_HISTORY and cannot be read.
    """
    if _SIGNS.isdisjoint(record):
        return None
    row = lower_keys(record)
    if "query_text" not in row or "query_id" not in row:
        return None
    status = (text_in(row, "status") or "").lower()
    if status in _RUNNING:
        return context.ignore(IgnoredReason.RUNNING)
    return _statement(row, status, context)


def _statement(row: JsonObject, status: str, context: Context) -> Activity:
    text = text_in(row, "query_text")
    kind = (text_in(row, "query_type") or "").upper()
    rows, quality = _rows(row, kind)
    label = text_in(row, "query_label")
    elapsed_us, pid = whole(row.get("elapsed_time")), text_in(row, "session_id")
    return activity_of(
        Told(
            source=NAME,
            dialect="redshift",
            user=required(row, RejectedReason.MISSING_USER, "username", "usename", "user_name", "user_id"),
            time=moment_in(row, "start_time", "end_time"),
            key=text_in(row, "query_id"),
            complete=True,
            text=text + _CUT if text is not None and len(text) >= _CUT_AT_CHARACTERS else text,
            verb=kind or None,
            export="unload" if kind == "UNLOAD" else None,
            rows=rows,
            rows_quality=quality,
            # What is written returns nothing; a failed statement may have returned rows before it failed.
            zero_is_unknown=kind not in {"SELECT", ""} or status in _FAILED,
            bytes=whole(row.get("unloaded_files_size" if kind == "UNLOAD" else "returned_bytes")),
            duration_ms=None if elapsed_us is None else elapsed_us / 1000,
            error="failure" if status == "failed" else status if status in _FAILED else None,
            database=text_in(row, "database_name"),
            client=text_in(row, "remote_host", "remotehost"),
            application=text_in(row, "application_name"),
            session=None if pid is None else f"pid:{pid}",
            query_tag=None if label == "default" else label,
        ),
        context,
    )


def _rows(row: JsonObject, kind: str) -> tuple[int | None, RowsQuality | None]:
    if kind == "UNLOAD":
        return rows_in(row, "unloaded_rows", "unloaded_rows_count"), RowsQuality.EXACT
    return rows_in(row, "returned_rows"), RowsQuality.EXACT
