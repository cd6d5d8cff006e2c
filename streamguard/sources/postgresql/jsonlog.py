"""PostgreSQL's ``jsonlog`` (since version 15): one JSON object per entry, also with members a shipper added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.sources.fields import JsonObject, optional_text, required_text
from streamguard.sources.postgresql.pgaudit import AUDIT, Session, read_audit, split_audit
from streamguard.sources.postgresql.serverline import FAILURES, TELLING, ServerLine, read_line

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "postgresql.jsonlog"


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one entry; None if it is of another format.

    Raises
    ------
    Refusal
        When it is an entry of jsonlog and cannot be read.
    """
    if "error_severity" not in record or not ("message" in record or "timestamp" in record):
        return None
    message, severity = required_text(record, "message"), required_text(record, "error_severity")
    is_failure = severity in FAILURES
    if message.startswith(AUDIT) and not is_failure:
        return read_audit(split_audit(message), _session(record), context)
    tells = is_failure or message.startswith(TELLING)
    line = ServerLine(
        severity=severity,
        message=message,
        session=_session(record) if tells else _NOBODY,
        statement=optional_text(record, "statement"),
        sqlstate=optional_text(record, "state_code"),
        detail=optional_text(record, "detail"),
    )
    return read_line(line, context)


def _session(record: JsonObject) -> Session:
    pid = record.get("pid")
    return Session(
        source=NAME,
        time=required_text(record, "timestamp"),
        user=required_text(record, "user") if record.get("user") else None,
        database=optional_text(record, "dbname"),
        client=optional_text(record, "remote_host"),
        application=optional_text(record, "application_name"),
        session=optional_text(record, "session_id"),
        pid=str(pid) if type(pid) is int else None,
    )


_NOBODY = Session(source=NAME, time=None, user=None)
