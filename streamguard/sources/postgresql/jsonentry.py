"""What of an entry of PostgreSQL's ``jsonlog`` is read."""

from __future__ import annotations

from typing import ClassVar

import msgspec


class JsonEntry(
    msgspec.Struct,
    gc=False,
    rename={
        "time": "timestamp",
        "severity": "error_severity",
        "database": "dbname",
        "client": "remote_host",
        "application": "application_name",
        "session": "session_id",
        "sqlstate": "state_code",
    },
):
    """The members that matter, of the types that PostgreSQL writes.

    It has what a `Session` has, under the same names, so that nothing is copied: one is made of every line.
    """

    source: ClassVar[str] = "postgresql.jsonlog"
    names_user: ClassVar[bool] = True

    time: str
    severity: str
    message: str
    user: str | None = None
    database: str | None = None
    client: str | None = None
    application: str | None = None
    session: str | None = None
    pid: int | None = None
    statement: str | None = None
    sqlstate: str | None = None
    detail: str | None = None


decode = msgspec.json.Decoder(JsonEntry).decode
