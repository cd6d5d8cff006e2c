"""What of an entry of PostgreSQL's ``jsonlog`` is read."""

from __future__ import annotations

import msgspec


class JsonEntry(msgspec.Struct, gc=False):
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


decode = msgspec.json.Decoder(JsonEntry).decode
