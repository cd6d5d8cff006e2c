"""CloudNativePG: ``{"logger": "pgaudit", "record": {..., "audit": {...}}}`` with every number as a text.

Older operators did not know rows with a count and left them as ``message`` under another logger; both are read. The
operator's own entries travel in the same stream and name the pod likewise.
Source: CloudNativePG documentation, "Logging", and pull request cloudnative-pg#4394.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.sources.fields import JsonObject, member, optional_text, required_text
from streamguard.sources.postgresql.csvlog import host_of
from streamguard.sources.postgresql.pgaudit import read_audit
from streamguard.sources.postgresql.serverline import read_line
from streamguard.sources.postgresql.session import ServerLine, Session
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "postgresql.cnpg"

_AUDIT_FIELDS = (
    "audit_type",
    "statement_id",
    "substatement_id",
    "class",
    "command",
    "object_type",
    "object_name",
    "statement",
    "parameter",
    "rows",
)


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one entry; None if it is of another format.

    Raises
    ------
    Refusal
        When it is an entry of CloudNativePG and cannot be read.
    """
    entry = record.get("record")
    if type(entry) is not dict or "log_time" not in entry:
        is_operator = "logger" in record and "logging_pod" in record and "record" not in record
        return context.ignore(IgnoredReason.OPERATOR_LOG) if is_operator else None
    context.instance = optional_text(record, "logging_pod") or context.instance
    if type(entry.get("audit")) is dict:
        return read_audit(_audit_fields(member(entry, "audit")), _session(entry), context)
    if not entry.get("message"):
        return context.ignore(IgnoredReason.SERVER_LOG)
    line = ServerLine(
        severity=required_text(entry, "error_severity"),
        message=required_text(entry, "message"),
        session=_session(entry),
        statement=optional_text(entry, "query"),
        sqlstate=optional_text(entry, "sql_state_code"),
        detail=optional_text(entry, "detail"),
    )
    return read_line(line, context)


def _audit_fields(audit: JsonObject) -> list[str]:
    fields = [audit.get(key, "") for key in _AUDIT_FIELDS]
    if any(type(field) is not str for field in fields):
        raise Refusal(RejectedReason.WRONG_TYPE, "the members of record.audit must be texts")
    return fields


def _session(entry: JsonObject) -> Session:
    connection = optional_text(entry, "connection_from")
    return Session(
        source=NAME,
        time=required_text(entry, "log_time"),
        user=optional_text(entry, "user_name"),
        database=optional_text(entry, "database_name"),
        client=host_of(connection) if connection else None,
        application=optional_text(entry, "application_name"),
        session=optional_text(entry, "session_id"),
        pid=optional_text(entry, "process_id"),
    )
