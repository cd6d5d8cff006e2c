"""MySQL Enterprise Audit in JSON, and Percona Server's audit_log_filter in JSON and JSONL, which copies it.

    {"timestamp": "2020-08-26 17:31:22", "id": 1, "class": "general", "event": "status", "connection_id": 42,
     "account": {"user": "ann", "host": ""}, "login": {"user": "ann", "ip": "192.0.2.1", "proxy": ""},
     "general_data": {"command": "Query", "sql_command": "select", "query": "select * from pet", "status": 0},
     "query_statistics": {"query_time": 0.1, "rows_sent": 3, "bytes_sent": 18384}}

A statement writes one ``table_access`` event for every table it opens and one ``general`` event at its end; only that
one may carry rows (``query_statistics``, MySQL 8.0.30 on). ``id`` counts within the second and orders nothing across
sessions, so the records of a statement share (connection, second, fingerprint of the text).
Source: dev.mysql.com/doc/refman/8.4/en/audit-log-file-formats.html; docs.percona.com, audit-log-filter-formats.

Known gaps: a statement that takes longer than the second in which its tables were opened is two activities, the
first without rows. A client that reads the binary log (``Binlog Dump``) gets all changes of all tables; such
commands are counted as replication and not judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.sources.fields import JsonObject, member, optional_text, required_text
from streamguard.sources.mysql.fields import (
    ANONYMOUS,
    DIALECT,
    Account,
    account_of,
    bytes_out,
    count_rows,
    failure_of,
    milliseconds,
    statement_of,
    tables_of,
    utc_time,
    whole_number,
)
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason
from streamguard.sources.told import Told, activity_of

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "mysql.enterprise"

_DATA: Final = {"general": "general_data", "table_access": "table_access_data", "query": "query_data"}
_SESSIONS: Final = {
    "disconnect": IgnoredReason.DISCONNECTION,
    "change_user": IgnoredReason.CONNECTION,
    "pre_authenticate": IgnoredReason.CONNECTION,
    "connect": IgnoredReason.CONNECTION,
}
_RUNS: Final = frozenset({"Query", "Execute", ""})
"""Protocol commands that run a text; Prepare reads nothing yet."""
_EVENT_CHARACTERS: Final = 32
_STARTS: Final = frozenset({"start", "nested_start", "query_start", "query_nested_start"})
_TABLE_EVENTS: Final = {"read": "SELECT", "insert": "INSERT", "update": "UPDATE", "delete": "DELETE"}


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one event; None if it is of another format.

    Raises
    ------
    Refusal
        When it is an event of this log and cannot be read.
    """
    kind = record.get("class")
    if type(kind) is not str or not ("timestamp" in record or _DATA.get(kind) in record):
        return None
    if kind not in _DATA or _DATA[kind] not in record:
        return _other(kind, record, context)
    data = member(record, _DATA[kind])
    reason = _without_result(kind, record, data)
    return activity_of(_told(kind, record, data, context), context) if reason is None else context.ignore(reason)


def _without_result(kind: str, record: JsonObject, data: JsonObject) -> IgnoredReason | None:
    """Return why an event of a statement is of no interest; None if it is of interest."""
    if kind == "query" and not member(record, "account"):
        # Percona's events of this class name nobody; the general event beside them does.
        return IgnoredReason.NO_USER
    if optional_text(record, "event") in _STARTS:
        return IgnoredReason.STATEMENT_START
    command = optional_text(data, "command") or ""
    if command.startswith("Binlog Dump"):
        return IgnoredReason.REPLICATION
    if command not in _RUNS or (kind == "general" and not data.get("query")):
        return IgnoredReason.ADMINISTRATION
    return None


def _other(kind: str, record: JsonObject, context: Context) -> Ignored | None:
    """Return why an event without a statement is of no interest; None if it is no event of this log."""
    event = optional_text(record, "event")
    if kind == "connection" and ("connection_data" in record or "connection_id" in record):
        return context.ignore(_SESSIONS.get(event or "", IgnoredReason.CONNECTION))
    if kind == "audit" and ("server_id" in record or "startup_data" in record or event in {"startup", "shutdown"}):
        return context.ignore(IgnoredReason.SERVER_LOG)
    if event and "connection_id" in record and ("account" in record or f"{kind}_data" in record):
        # Messages, variables, authentication, stored programs: none of them holds a statement's result.
        return context.ignore(IgnoredReason.ADMINISTRATION)
    return None


def _told(kind: str, record: JsonObject, data: JsonObject, context: Context) -> Told:
    text = required_text(data, "query")
    account, login = member(record, "account"), member(record, "login")
    statistics = member(record, "query_statistics")
    statement = statement_of(text, context)
    database = optional_text(data, "db")
    connection, timestamp = whole_number(record.get("connection_id")), required_text(record, "timestamp")
    bytes_sent = whole_number(statistics.get("bytes_sent"))
    rows, quality = count_rows(statement, statistics.get("rows_sent"), None, bytes_sent)
    who = _account(account, login)
    if who.user is None:
        raise Refusal(RejectedReason.MISSING_USER, "neither account.user nor login.user names anybody")
    is_access, event = kind == "table_access", optional_text(record, "event") or ""
    return Told(
        source=NAME,
        dialect=DIALECT,
        user=who.user,
        proxy_user=who.proxy_user,
        client=who.client,
        time=utc_time(timestamp),
        key=None if connection is None else f"{connection}/{timestamp}/{statement.fingerprint}",
        part=None if is_access else f"{kind}.{event[:_EVENT_CHARACTERS]}",
        text=text,
        verb=_TABLE_EVENTS.get(event) if is_access else None,
        tables=tables_of(statement, database, optional_text(data, "table") if is_access else None),
        rows=rows,
        rows_quality=quality,
        bytes=bytes_out(statement, bytes_sent),
        duration_ms=milliseconds(statistics.get("query_time")),
        error=failure_of(data.get("status")),
        database=database,
        session=None if connection is None else str(connection),
    )


def _account(account: JsonObject, login: JsonObject) -> Account:
    """Return who ran the statement and who logged in; Percona writes ``user[login] @ host [address]`` for either."""
    whole = account_of(optional_text(account, "user") or "")
    logged_in = account_of(optional_text(login, "user") or "").user
    client = optional_text(login, "ip") or whole.client or optional_text(account, "host")
    user = whole.user or logged_in or (ANONYMOUS if client else None)
    other = whole.proxy_user or logged_in
    return Account(user, other if other != user else None, client)
