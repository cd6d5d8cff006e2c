"""Azure Database for MySQL: diagnostic records of category ``MySqlAuditLogs``.

    {"category": "MySqlAuditLogs", "resourceId": ".../FLEXIBLESERVERS/DB-1", "properties": {"event_class":
     "general_log", "event_subclass": "LOG", "event_time": "2023-04-17T06:22:08.0000000Z", "error_code": 0,
     "thread_id": 21, "ip": "10.0.0.9", "user": "ann[ann] @  [10.0.0.9]", "sql_text": "select * from customers"}}

No record counts rows. ``table_access_log`` names the tables, ``connection_log`` is of no interest.
Source: learn.microsoft.com/azure/mysql/flexible-server/concepts-audit-logs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.sources.fields import JsonObject, optional_text, required_text
from streamguard.sources.mysql.fields import (
    DIALECT,
    account_of,
    failure_of,
    statement_of,
    tables_of,
    whole_number,
)
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason
from streamguard.sources.told import Told, activity_of

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "mysql.azure"

_TABLE_VERBS: Final = {"READ": "SELECT", "INSERT": "INSERT", "UPDATE": "UPDATE", "DELETE": "DELETE"}


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one diagnostic record; None if it is of another format.

    Raises
    ------
    Refusal
        When it is an audit record of MySQL and cannot be read.
    """
    properties = record.get("properties")
    if type(properties) is not dict or record.get("category") != "MySqlAuditLogs":
        return None
    resource = optional_text(record, "resourceId") or optional_text(record, "_ResourceId")
    context.instance = (resource or "").rpartition("/")[2].lower() or context.instance
    event = required_text(properties, "event_class")
    if event == "connection_log":
        left = optional_text(properties, "event_subclass") == "DISCONNECT"
        return context.ignore(IgnoredReason.DISCONNECTION if left else IgnoredReason.CONNECTION)
    text = optional_text(properties, "sql_text")
    if text is None and event != "table_access_log":
        return context.ignore(IgnoredReason.ADMINISTRATION)
    return activity_of(_told(properties, text, is_access=event == "table_access_log", context=context), context)


def _told(properties: JsonObject, text: str | None, *, is_access: bool, context: Context) -> Told:
    account = account_of(optional_text(properties, "user") or "")
    if account.user is None:
        raise Refusal(RejectedReason.MISSING_USER, "properties.user names nobody")
    time = required_text(properties, "event_time")
    thread = whole_number(properties.get("thread_id", properties.get("connection_id")))
    statement = None if text is None else statement_of(text, context)
    database = optional_text(properties, "db")
    second, fingerprint = time[:19], "" if statement is None else statement.fingerprint
    return Told(
        source=NAME,
        dialect=DIALECT,
        user=account.user,
        proxy_user=account.proxy_user,
        client=optional_text(properties, "ip") or account.client or optional_text(properties, "host"),
        time=time,
        key=None if thread is None else f"{thread}/{second}/{fingerprint}",
        part=None if is_access else f"general.{optional_text(properties, 'event_subclass') or ''}".lower(),
        text=text,
        verb=_TABLE_VERBS.get(optional_text(properties, "event_subclass") or "") if is_access else None,
        tables=tables_of(statement, database, optional_text(properties, "table") if is_access else None),
        database=database,
        session=None if thread is None else str(thread),
        error=failure_of(properties.get("error_code")),
    )
