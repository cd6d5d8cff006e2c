"""What the actions of Databricks' audit log tell of data: a table of the few that do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from streamguard.sources.databricks.history import DIALECT, database_in, error_in
from streamguard.sources.reasons import IgnoredReason
from streamguard.sources.told import Told
from streamguard.sources.warehouse import name_parts, text_in, whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamguard.sources.context import Context
    from streamguard.sources.fields import JsonObject

_MAGIC: Final = re.compile(r"\s*%sql\b\s*")
_SQL: Final = re.compile(
    r"(?:\s|--[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)*+"
    r"(?:(?:select|insert|update|delete|merge|create|copy|values|table)\s|with\s+\w+\s*(?:\([^()]*\)\s*)?as\s*\()",
    re.IGNORECASE,
)
"""How a cell without a declared language must begin to be taken for SQL: ``with open(...) as f`` is Python."""
_FAILURES_FROM: Final = 400
_REFUSED: Final = frozenset({401, 403})

Parts: TypeAlias = dict[str, Any]


class Event(NamedTuple):
    """One record of the audit log, whatever its carrier."""

    action: str
    user: str | None
    run_by: str | None
    """Who ran what runs as ``user``."""
    time: str | int | None
    client: str | None
    application: str | None
    session: str | None
    request: str | None
    parameters: JsonObject
    response: JsonObject


def told_of(source: str, event: Event, context: Context) -> Told | IgnoredReason:
    """Return what an event tells of a statement, or why it is none.

    Parameters
    ----------
    source
        Name of the adapter.
    event
        The record.
    context
        The record being read.
    """
    build = _ACTIONS.get(event.action)
    if build is None:
        return IgnoredReason.ADMINISTRATION
    parts = build(event, context)
    if isinstance(parts, IgnoredReason):
        return parts
    common: Parts = {
        "user": event.user or "",
        "time": event.time,
        "client": event.client,
        "application": event.application,
        "session": event.session,
        "error": _error(event),
        "proxy_user": None if event.run_by == event.user else event.run_by,
    }
    return Told(source=source, dialect=DIALECT, **{**common, **parts})


def _error(event: Event) -> str | None:
    status = whole(event.response.get("statusCode", event.response.get("status_code"))) or 0
    if status < _FAILURES_FROM:
        return None
    state = error_in(text_in(event.response, "errorMessage", "error_message"))
    return state or ("42501" if status in _REFUSED else str(status))


def _submitted(event: Event, context: Context) -> Parts | IgnoredReason:
    text = text_in(event.parameters, "commandText")
    return {"key": _command(event), "text": text, "database": database_in(text, context)}


def _finished(event: Event, _context: Context) -> Parts | IgnoredReason:
    return IgnoredReason.STATEMENT_END if _error(event) is None else {"key": _command(event)}


def _notebook(event: Event, context: Context) -> Parts | IgnoredReason:
    status = (text_in(event.parameters, "status") or "").lower()
    if status == "skipped":
        return IgnoredReason.DRY_RUN
    text = _sql(event.parameters)
    error = {"failed": "failure", "cancelled": "canceled"}.get(status)
    return {
        "key": _command(event),
        "complete": True,
        "text": text,
        "database": database_in(text, context),
        "duration_ms": _milliseconds(event.parameters.get("executionTime")),
        "error": error or _error(event),
    }


def _sql(parameters: JsonObject) -> str | None:
    """Return the text of a cell if it is SQL. Code is not: its literals are not those of SQL, and would stay."""
    text = text_in(parameters, "commandText")
    language = (text_in(parameters, "commandLanguage") or "").lower()
    if text is None:
        return None
    magic = _MAGIC.match(text)
    if magic is not None:
        return text[magic.end() :] or None
    return text if language == "sql" or (not language and _SQL.match(text)) else None


def _milliseconds(seconds: object) -> float | None:
    try:
        value = float(seconds) if isinstance(seconds, str | int | float) else -1.0
    except (ValueError, OverflowError):
        return None
    return round(value * 1000, 3) if 0 <= value < 1e9 else None


def _download(_event: Event, _context: Context) -> Parts | IgnoredReason:
    return {"complete": True, "verb": "DOWNLOAD", "export": "download"}


def _credential(event: Event, _context: Context) -> Parts | IgnoredReason:
    parameters = event.parameters
    own_compute = str(parameters.get("is_permissions_enforcing_client")).lower() == "true"
    name = text_in(parameters, "table_full_name", "full_name_arg", "volume_full_name", "table_name")
    return {"complete": True, "verb": "SELECT", "export": None if own_compute else "credential", **_table(name)}


def _shared(event: Event, _context: Context) -> Parts | IgnoredReason:
    parameters = event.parameters
    schema, table = text_in(parameters, "schema"), text_in(parameters, "name", "table")
    name = f"{schema}.{table}" if schema is not None and table is not None else table
    # The recipient of a share is no user of the workspace.
    user = event.user or text_in(parameters, "recipient_name") or ""
    read = _table(name)
    # The recipient gets the files, with all their columns.
    columns = tuple(f"{shared}.*" for shared in read.get("tables", ())) or None
    return {
        "user": user,
        "complete": True,
        "verb": "SELECT",
        "export": "delta_sharing",
        "columns": columns,
        **read,
    }


def _table(name: str | None) -> Parts:
    """Return a table's own name and its catalogue, from a name in up to three parts, quoted or not."""
    parts = name_parts((name or "").lower())
    if not parts:
        return {}
    return {"tables": (".".join(parts[-2:]),), "database": parts[-3] if len(parts) >= 3 else None}


def _command(event: Event) -> str | None:
    return text_in(event.parameters, "commandId", "statementId", "command_id", "statement_id") or event.request


_CREDENTIALS: Final = (
    "generateTemporaryTableCredential", "generateTemporaryTableCredentials", "generateTemporaryVolumeCredential",
    "generateTemporaryVolumeCredentials", "generateTemporaryPathCredential", "generateTemporaryPathCredentials",
)  # fmt: skip
_DOWNLOADS: Final = ("downloadPreviewResults", "downloadLargeResults", "downloadQueryResult", "downloadQueryResults")
_SHARED: Final = (
    "deltaSharingQueryTable", "deltaSharingQueriedTable", "deltaSharingQueryTableChanges",
    "deltaSharingQueriedTableChanges",
)  # fmt: skip

_ACTIONS: Final[dict[str, Callable[[Event, Context], Parts | IgnoredReason]]] = {
    "commandSubmit": _submitted,
    "commandFinish": _finished,
    "runCommand": _notebook,
    **dict.fromkeys(_CREDENTIALS, _credential),
    **dict.fromkeys(_DOWNLOADS, _download),
    **dict.fromkeys(_SHARED, _shared),
}
