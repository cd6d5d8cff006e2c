"""The flat records of MySQL's first audit plugins: Enterprise Audit in XML, Percona Server's audit_log in XML and JSON.

They have the same members, in capitals or not: NAME says what happened, USER who did it, SQLTEXT which statement.
None of them counts rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.sources.fields import optional_text, required_text
from streamguard.sources.mysql.fields import (
    DIALECT,
    account_of,
    failure_of,
    statement_of,
    tables_of,
    utc_time,
)
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason
from streamguard.sources.told import Told, activity_of

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context
    from streamguard.sources.fields import JsonObject
    from streamguard.sources.statement import Statement

_IGNORED: Final = {
    "Connect": IgnoredReason.CONNECTION,
    "Change user": IgnoredReason.CONNECTION,
    "Quit": IgnoredReason.DISCONNECTION,
    "Audit": IgnoredReason.SERVER_LOG,
    "NoAudit": IgnoredReason.SERVER_LOG,
    "Prepare": IgnoredReason.ADMINISTRATION,
    "Query Start": IgnoredReason.STATEMENT_START,
    "Query Nested Start": IgnoredReason.STATEMENT_START,
    # Of Percona's audit_log_filter; it names nobody, and the record Query beside it does.
    "Query Status End": IgnoredReason.NO_USER,
    "Query Nested Status End": IgnoredReason.NO_USER,
}
_TABLE_VERBS: Final = {
    "TableRead": "SELECT",
    "TableInsert": "INSERT",
    "TableUpdate": "UPDATE",
    "TableDelete": "DELETE",
}


def read_flat(record: JsonObject, source: str, context: Context, *, one_each: bool = False) -> Activity | Ignored:
    """Return the outcome of one record, its members named in lower case.

    Parameters
    ----------
    record
        NAME, USER, TIMESTAMP, SQLTEXT, ...
    source
        Name of the adapter.
    context
        The record being read.
    one_each
        Whether the source writes one record a statement.

    Raises
    ------
    Refusal
        When it names no event, no time or no user; as `activity_of`.
    """
    name = required_text(record, "name")
    if name in _IGNORED:
        return context.ignore(_IGNORED[name])
    text = optional_text(record, "sqltext")
    if text is None and name not in _TABLE_VERBS:
        return context.ignore(IgnoredReason.ADMINISTRATION)
    account = account_of(optional_text(record, "user") or "")
    if account.user is None:
        raise Refusal(RejectedReason.MISSING_USER, "the record names no user: MySQL 5.6 in the old style never does")
    connection, timestamp = optional_text(record, "connection_id"), required_text(record, "timestamp")
    database = optional_text(record, "db")
    statement = None if text is None else statement_of(text, context)
    is_access = name in _TABLE_VERBS
    command = optional_text(record, "command_class")
    told = Told(
        source=source,
        dialect=DIALECT,
        user=account.user,
        proxy_user=account.proxy_user,
        client=optional_text(record, "ip") or account.client or optional_text(record, "host"),
        time=utc_time(timestamp),
        key=_key(record, connection, timestamp, statement, one_each=one_each),
        part=None if is_access or one_each else "general",
        text=text,
        verb=_TABLE_VERBS.get(name) or (command.replace("_", " ").upper() if command else None),
        tables=tables_of(statement, database, optional_text(record, "table") if is_access else None),
        database=database,
        session=connection,
        error=failure_of(record.get("status")),
    )
    return activity_of(told, context)


def _key(
    record: JsonObject, connection: str | None, timestamp: str, statement: Statement | None, *, one_each: bool
) -> str | None:
    if connection is None:
        return None
    if one_each:
        number = optional_text(record, "record")
        return f"{connection}/{number}" if number else None
    return f"{connection}/{timestamp}/{'' if statement is None else statement.fingerprint}"
