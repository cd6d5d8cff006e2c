"""PostgreSQL's ``jsonlog`` (since version 15): one JSON object per entry, also with members a shipper added."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamguard.sources.fields import JsonObject, optional_text, required_text
from streamguard.sources.postgresql.auditrow import AUDIT, split_audit
from streamguard.sources.postgresql.pgaudit import read_audit
from streamguard.sources.postgresql.serverline import FAILURES, TELLING, ServerLine, read_line
from streamguard.sources.postgresql.session import Session

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "postgresql.jsonlog"

BEGINNING = b'{"timestamp":"'
"""How PostgreSQL begins every entry. `read_bytes` is worth a try on what begins like this."""


class _Entry(msgspec.Struct, gc=False):
    """The members that matter, of the types that PostgreSQL writes."""

    timestamp: str
    error_severity: str
    message: str
    user: str | None = None
    dbname: str | None = None
    remote_host: str | None = None
    application_name: str | None = None
    session_id: str | None = None
    pid: int | None = None
    statement: str | None = None
    state_code: str | None = None
    detail: str | None = None


_decode = msgspec.json.Decoder(_Entry).decode


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
    if not (severity in FAILURES or message.startswith(TELLING)):
        return read_line(ServerLine(severity, message, _NOBODY), context)
    pid = record.get("pid")
    entry = _Entry(
        timestamp=required_text(record, "timestamp"),
        error_severity=severity,
        message=message,
        user=required_text(record, "user") if record.get("user") else None,
        dbname=optional_text(record, "dbname"),
        remote_host=optional_text(record, "remote_host"),
        application_name=optional_text(record, "application_name"),
        session_id=optional_text(record, "session_id"),
        pid=pid if type(pid) is int else None,
        statement=optional_text(record, "statement"),
        state_code=optional_text(record, "state_code"),
        detail=optional_text(record, "detail"),
    )
    return _read_entry(entry, context)


def read_bytes(value: bytes, context: Context) -> Activity | Ignored | None:
    """Read one entry as PostgreSQL itself writes it, without a dictionary between; None: let `read` look at it.

    Half of the cost of a line was to build the members that nobody reads.

    Raises
    ------
    Refusal
        As `read`, which gives the same for the same entry.
    """
    try:
        entry = _decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if not (entry.timestamp and entry.error_severity and entry.message):
        return None
    return _read_entry(entry, context)


def _read_entry(entry: _Entry, context: Context) -> Activity | Ignored:
    session = Session(
        NAME,
        entry.timestamp,
        entry.user,
        entry.dbname,
        entry.remote_host,
        entry.application_name,
        entry.session_id,
        None if entry.pid is None else str(entry.pid),
    )
    message, severity = entry.message, entry.error_severity
    if message.startswith(AUDIT) and severity not in FAILURES:
        return read_audit(split_audit(message), session, context)
    statement, sqlstate = entry.statement or None, entry.state_code or None
    return read_line(ServerLine(severity, message, session, statement, sqlstate, entry.detail or None), context)


_NOBODY = Session(source=NAME, time=None, user=None)
