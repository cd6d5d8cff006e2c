"""AWS Database Activity Streams of Aurora and RDS, decrypted: the items of a ``databaseActivityEventList``.

The list is an envelope (see `streamguard.sources.envelopes`) that names the instance; this reads its items. Engines:
PostgreSQL, MySQL, SQL Server and Oracle. MySQL writes one MAIN record a statement and one AUX record a table, the
others one record for each relation: all share ``sessionId`` and ``statementId``. ``rowCount`` of an AUX record, of
PostgreSQL's INSERT and UPDATE and of SQL Server on RDS is 0 whatever moved. ``paramList`` holds personal data and is
never read, nor is ``errorMessage``, which quotes values. A stream as Amazon Kinesis delivers it is encrypted: it is
refused, because the keys belong in a bridge and not here.
Source: Amazon Aurora User Guide, "databaseActivityEventList JSON array for database activity streams".

Known gaps: a PostgreSQL cursor or COPY counts nothing, as in pgaudit; Oracle has no counts at all.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from streamguard.sources.fields import JsonObject, label, member, optional_text, required_text, row_count
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason
from streamguard.sources.told import Told, activity_of

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "aws.das"

_DIALECTS = {"postgresql": "postgres", "mysql": "mysql", "sqlserver": "tsql", "oracle": "oracle"}
_RELATIONS = ("TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE", "PARTITIONED TABLE")
_CONNECTIONS = frozenset({"CONNECT", "FAILED_CONNECT", "LOGON", "LOGIN", "LOGIN SUCCEEDED", "LOGIN FAILED"})
_DISCONNECTIONS = frozenset({"DISCONNECT", "LOGOFF", "LOGOUT"})
_AUX_VERBS = {"READ": "SELECT", "WRITE": None, "QUERY": None}
_COUNTED: dict[str, frozenset[str]] = {
    "postgres": frozenset({"SELECT"}),
    "mysql": frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE"}),
    "tsql": frozenset(),
    "oracle": frozenset(),
}
"""Commands whose count of 0 means that there was nothing."""
_ESCAPED = re.compile(r"\\(['\"\\])")
_SUCCESS = {"tsql": "1"}
"""SQL Server's exit code is the column ``succeeded`` of its audit; elsewhere 0 is success."""


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one item of the list; None if it is of another format.

    Raises
    ------
    Refusal
        When it is encrypted, or an item that cannot be read.
    """
    if type(record.get("databaseActivityEvents")) is str:
        raise Refusal(
            RejectedReason.UNSUPPORTED_FORMAT,
            "an AWS Database Activity Stream as it left Kinesis is encrypted: let a bridge decrypt it (AWS KMS, AWS "
            "Encryption SDK, gunzip) and write the databaseActivityEventList to this topic",
        )
    kind = record.get("type")
    if kind == "heartbeat" and (len(record) <= 3 or "dbUserName" in record):
        return context.ignore(IgnoredReason.HEARTBEAT)
    if kind != "record" or "dbUserName" not in record or "commandText" not in record:
        return None
    command = (optional_text(record, "command") or "").upper()
    if command in _CONNECTIONS:
        return context.ignore(IgnoredReason.CONNECTION)
    if command in _DISCONNECTIONS:
        return context.ignore(IgnoredReason.DISCONNECTION)
    return activity_of(_told(record, command, context), context)


def _told(record: JsonObject, command: str, context: Context) -> Told:
    dialect = _DIALECTS.get((optional_text(record, "serverType") or "").lower(), "postgres")
    is_aux = record.get("class") == "AUX"
    context.instance = context.instance or optional_text(record, "serverHost")
    session, statement = label(record.get("sessionId")), label(record.get("statementId"))
    key = f"{session}/{statement}" if session and statement else None
    rows = None if is_aux else row_count(record.get("rowCount"))
    # An AUX record has the name of a table where the others have the statement.
    text = None if is_aux else _text(record, dialect)
    return Told(
        source=NAME,
        dialect=dialect,
        user=required_text(record, "dbUserName"),
        time=required_text(record, "logTime"),
        key=key,
        complete=key is None,
        text=text,
        verb=_AUX_VERBS.get(command, command or None) if is_aux or dialect == "mysql" else command or None,
        tables=_tables(record, dialect, is_aux=is_aux),
        rows=rows,
        zero_is_unknown=_verb(command, text, dialect, context) not in _COUNTED[dialect],
        duration_ms=_duration_ms(record, context),
        error=_error(record, dialect),
        database=optional_text(record, "databaseName"),
        client=optional_text(record, "remoteHost"),
        application=optional_text(record, "clientApplication"),
        session=session,
    )


def _verb(command: str, text: str | None, dialect: str, context: Context) -> str:
    if dialect != "mysql" or text is None:
        return command
    return context.tools.analyser.analyse(text, dialect).verb


def _text(record: JsonObject, dialect: str) -> str | None:
    text = optional_text(record, "commandText")
    if text is None or dialect != "mysql" or "\\" not in text:
        return text
    quote = next((place for place, character in enumerate(text) if character in "'\""), -1)
    if quote > 0 and text[quote - 1] == "\\":
        # Aurora MySQL escapes the quotes of the whole text; no SQL has a backslash before its first quote.
        return _ESCAPED.sub(r"\1", text)
    return text


def _tables(record: JsonObject, dialect: str, *, is_aux: bool) -> tuple[str, ...] | None:
    """Return the relation of the record; None leaves it to the text, which names all of a MAIN record's tables."""
    name = optional_text(record, "objectName")
    if name is None or record.get("objectType") not in _RELATIONS or (dialect == "mysql" and not is_aux):
        return None
    native = member(record, "engineNativeAuditFields")
    schema = optional_text(native, "schema_name") or optional_text(native, "OBJECT_SCHEMA")
    full = f"{schema}.{name}" if schema and "." not in name else name
    return (full.replace('"', "").lower(),)


def _duration_ms(record: JsonObject, context: Context) -> float | None:
    start, end = optional_text(record, "startTime"), optional_text(record, "endTime")
    clock = context.tools.clock
    # A statement is not worth losing for the times beside its own.
    with suppress(Refusal):
        if start is not None and end is not None:
            return float(max(clock.read(end) - clock.read(start), 0))
    return None


def _error(record: JsonObject, dialect: str) -> str | None:
    code = label(record.get("exitCode"))
    if code is not None and code != _SUCCESS.get(dialect, "0"):
        return "failure" if dialect == "tsql" else code
    return "failure" if optional_text(record, "errorMessage") else None
