"""PostgreSQL's ``jsonlog`` (since version 15): one JSON object per entry, also with members a shipper added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.sources.fields import JsonObject, optional_text, required_text
from streamguard.sources.postgresql.jsonentry import JsonEntry, decode
from streamguard.sources.postgresql.serverline import FAILURES, TELLING, read_entry
from streamguard.sources.postgresql.session import Session
from streamguard.sources.timed import settled

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context
    from streamguard.sources.timed import Timed

NAME: Final = JsonEntry.source

BEGINNING: Final[bytes] = b'{"timestamp":"'
"""How PostgreSQL begins every entry. `read_bytes` is worth a try on what begins like this."""


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
        return settled(read_entry(severity, message, _NOBODY, context))
    pid = record.get("pid")
    entry = JsonEntry(
        time=required_text(record, "timestamp"),
        severity=severity,
        message=message,
        user=required_text(record, "user") if record.get("user") else None,
        database=optional_text(record, "dbname"),
        client=optional_text(record, "remote_host"),
        application=optional_text(record, "application_name"),
        session=optional_text(record, "session_id"),
        pid=pid if type(pid) is int else None,
        statement=optional_text(record, "statement"),
        sqlstate=optional_text(record, "state_code"),
        detail=optional_text(record, "detail"),
    )
    return settled(_read_entry(entry, context))


def read_bytes(value: bytes, context: Context) -> Activity | Ignored | Timed | None:
    """Read one entry as PostgreSQL itself writes it, without a dictionary between; None: let `read` look at it.

    Half of the cost of a line was to build the members that nobody reads.

    Raises
    ------
    Refusal
        As `read`, which gives the same for the same entry.
    """
    try:
        entry = decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if not (entry.time and entry.severity and entry.message):
        return None
    return _read_entry(entry, context)


def _read_entry(entry: JsonEntry, context: Context) -> Activity | Ignored | Timed:
    statement, sqlstate, detail = entry.statement or None, entry.sqlstate or None, entry.detail or None
    return read_entry(entry.severity, entry.message, entry, context, statement, sqlstate, detail)


_NOBODY: Final = Session(source=NAME, time=None, user=None)
