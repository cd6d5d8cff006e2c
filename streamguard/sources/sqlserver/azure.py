"""Azure SQL Database and Managed Instance: diagnostic records of category ``SQLSecurityAuditEvents``.

The row of the audit stands in ``properties``. Azure counts: ``response_rows`` is what was returned to the client.
Source: learn.microsoft.com, "SQL Database audit log format".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.sources.fields import JsonObject, optional_text
from streamguard.sources.reasons import Refusal, RejectedReason
from streamguard.sources.sqlserver.action import read_row

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "sqlserver.azure"

_CATEGORIES = frozenset({"SQLSecurityAuditEvents", "DevOpsOperationsAudit"})


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one diagnostic record; None if it is of another format.

    Raises
    ------
    Refusal
        When it is a record of Azure SQL's audit and cannot be read.
    """
    if optional_text(record, "category") not in _CATEGORIES:
        return None
    properties = record.get("properties")
    if type(properties) is not dict:
        raise Refusal(RejectedReason.MISSING_FIELD, "properties must hold the row of the audit")
    context.instance = optional_text(record, "LogicalServerName") or context.instance
    row = properties if properties.get("event_time") else properties | {"event_time": record.get("time")}
    return read_row(row, context, NAME, has_counts=True)
