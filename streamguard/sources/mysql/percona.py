"""Percona Server's audit_log plugin in JSON: one record a statement, without rows.

    {"audit_record": {"name": "Query", "record": "106_2021-02-12T00:00:00", "timestamp": "2021-02-12T12:18:30 UTC",
     "command_class": "select", "connection_id": "12", "status": 0, "sqltext": "select * from products",
     "user": "root[root] @ localhost []", "host": "localhost", "os_user": "", "ip": "", "db": "shop"}}

Its successor audit_log_filter writes the records of MySQL Enterprise Audit (`streamguard.sources.mysql.enterprise`),
and its XML is read by `streamguard.sources.mysql.enterprise_xml`.
Source: docs.percona.com/percona-server/8.0/audit-log-plugin.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.sources.mysql.flat import read_flat
from streamguard.sources.reasons import Refusal, RejectedReason

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context
    from streamguard.sources.fields import JsonObject

NAME = "percona.audit_log"


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one record; None if it is of another format.

    Raises
    ------
    Refusal
        When it is a record of this log and cannot be read.
    """
    inner = record.get("audit_record")
    if inner is None:
        return None
    if type(inner) is not dict:
        raise Refusal(RejectedReason.WRONG_TYPE, "audit_record must be an object")
    return read_flat(inner, NAME, context, one_each=True)
