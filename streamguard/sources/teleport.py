"""Teleport's audit events of database sessions: the human behind a shared database account.

``user`` is the human, ``db_user`` the account that the human took; the directory knows humans, so ``user`` it is.
A statement and its result (``affected_records``) are events of their own. All events of a session are numbered (``ei``)
and a result follows what it answers, so it joins the event before it. Prepared statements of PostgreSQL run as parse,
bind, execute, result, one after the other: the text of the first joins the count of the last. Results stand in session
recordings and what is exported from them; the plain audit log has no counts.

Texts of protocols that are no SQL (MongoDB, Redis, DynamoDB, Elasticsearch, ...) are values more than words, so they
are not read: who was there and when remains. Parameters of statements are never read.
Source: goteleport.com/docs, "Database Access Audit Events Reference"; RFD 0171; lib/events of the source code.

Known gaps: a prepared statement that is executed again has no text the second time. Results of statements that a client
sends without waiting join the wrong one or none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from streamguard.sources.fields import JsonObject, member, optional_text, required_text, row_count
from streamguard.sources.reasons import IgnoredReason
from streamguard.sources.told import Told, activity_of

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "teleport"

_PREFIX: Final = "db.session."
_DIALECTS: Final = {
    "postgres": "postgres", "cockroachdb": "postgres", "redshift": "redshift", "mysql": "mysql", "sqlserver": "tsql",
    "snowflake": "snowflake", "oracle": "oracle", "clickhouse": "clickhouse", "clickhouse-http": "clickhouse",
    "spanner": "bigquery", "cassandra": "postgres",
}  # fmt: skip
_OFFSETS: Final = {
    "query": 0,
    "query.failed": 0,
    "result": -1,
    "postgres.statements.parse": 2,
    "postgres.statements.execute": 0,
    "mysql.statements.prepare": 1,
    "mysql.statements.execute": 0,
    "mysql.statements.bulk_execute": 0,
    "sqlserver.rpc_request": 0,
    "cassandra.execute": 0,
    "cassandra.prepare": 1,
    "spanner.rpc": 0,
    "dynamodb.request": 0,
    "elasticsearch.request": 0,
    "opensearch.request": 0,
}
"""Events that are statements, and how many events later the one is that stands for the statement."""
_SQLSTATE: Final = re.compile(r"SQLSTATE ([0-9A-Z]{5})\b")


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one event; None if it is of another format.

    Raises
    ------
    Refusal
        When it is an event of a database session and cannot be read.
    """
    event = record.get("event")
    if type(event) is not str or not event.startswith(_PREFIX):
        return None
    kind = event[len(_PREFIX) :]
    if kind == "start":
        return context.ignore(IgnoredReason.CONNECTION)
    if kind == "end":
        return context.ignore(IgnoredReason.DISCONNECTION)
    offset = _OFFSETS.get(kind)
    if offset is None:
        return context.ignore(IgnoredReason.ADMINISTRATION)
    context.instance = optional_text(record, "db_service") or context.instance
    return activity_of(_told(record, kind, offset), context)


def _told(record: JsonObject, kind: str, offset: int) -> Told:
    session, number = optional_text(record, "sid"), record.get("ei")
    dialect = _DIALECTS.get((optional_text(record, "db_protocol") or "").lower())
    key = f"{session}/{number + offset}" if session and type(number) is int else None
    return Told(
        source=NAME,
        dialect=dialect or "postgres",
        user=required_text(record, "user"),
        time=required_text(record, "time"),
        key=key,
        complete=key is None,
        part=kind,
        text=None if dialect is None else _text(record),
        rows=row_count(record.get("affected_records")) if kind == "result" else None,
        error=_error(record, kind),
        database=optional_text(record, "db_name"),
        client=_host(optional_text(record, "addr.remote")),
        session=session,
    )


def _text(record: JsonObject) -> str | None:
    text = optional_text(record, "db_query") or optional_text(record, "query")
    if text is not None:
        return text
    procedure = optional_text(record, "proc_name")
    if procedure is None:
        return optional_text(member(record, "args"), "sql")
    parameters = record.get("parameters")
    if procedure.lower() == "sp_executesql" and type(parameters) is list and parameters and type(parameters[0]) is str:
        return parameters[0]
    return f"EXECUTE {procedure}"


def _error(record: JsonObject, kind: str) -> str | None:
    status = member(record, "status") or record
    if status.get("success") is not False and kind != "query.failed":
        return None
    code = _SQLSTATE.search((optional_text(status, "error") or "")[:4000])
    return code[1] if code is not None else "failure"


def _host(address: str | None) -> str | None:
    """Return the address without its port; IPv6 addresses stand in brackets."""
    return None if address is None else address.rpartition(":")[0].strip("[]") or address
