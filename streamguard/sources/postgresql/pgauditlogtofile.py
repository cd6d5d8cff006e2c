"""The files of pgauditlogtofile, an add-on that writes pgaudit's lines apart from the server's log, in JSON.

Every member is a text; ``content`` holds the rest of pgaudit's row: statement, parameter and, with
``pgaudit.log_rows``, the rows. Its CSV files are not read: their quoting changed between versions (since 2026 it is
that of JSON), and no field says which it is. Set ``pgaudit.log_format = 'json'``.
Source: github.com/fmbiete/pgauditlogtofile, README and logtofile_json.c. No real record was available.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.sources.csvrow import split_row
from streamguard.sources.fields import JsonObject, optional_text, required_text
from streamguard.sources.postgresql.auditrow import checked
from streamguard.sources.postgresql.pgaudit import read_audit
from streamguard.sources.postgresql.session import Session
from streamguard.sources.reasons import IgnoredReason, RejectedReason

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "postgresql.pgauditlogtofile"

_ROW = ("audit_type", "statement_id", "substatement_id", "class", "command", "object_type", "object_name")


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one record; None if it is of another format.

    Raises
    ------
    Refusal
        When it is a record of pgauditlogtofile and cannot be read.
    """
    if record.get("log.source") != "pgauditlogtofile":
        return None
    if "custom.audit_type" not in record:
        is_end = optional_text(record, "custom.command_tag") == "disconnection"
        return context.ignore(IgnoredReason.DISCONNECTION if is_end else IgnoredReason.CONNECTION)
    row = [optional_text(record, f"custom.{name}") or "" for name in _ROW]
    # Object names that need quotes are quoted as CSV, like the whole row once was.
    row[-1] = split_row(row[-1], RejectedReason.MALFORMED_AUDIT)[0] if row[-1] else ""
    row += split_row(required_text(record, "content"), RejectedReason.MALFORMED_AUDIT)
    return read_audit(checked(row), _session(record), context)


def _session(record: JsonObject) -> Session:
    return Session(
        source=NAME,
        time=required_text(record, "timestamp"),
        user=optional_text(record, "db.user"),
        database=optional_text(record, "db.name"),
        client=optional_text(record, "net.peer.name"),
        application=optional_text(record, "custom.application_name"),
        session=optional_text(record, "custom.session_id"),
        pid=optional_text(record, "custom.process_id"),
    )
