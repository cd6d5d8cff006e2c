"""SQL Server Audit as rows in JSON: ``sys.fn_get_audit_file`` read by Kafka Connect's or Logstash's JDBC source.

Column names in any one case. On-premises and RDS servers count no rows, so a 0 is no count; if the rows come from Azure
SQL, a count other than 0 is believed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.sources.sqlserver.action import read_row

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context
    from streamguard.sources.fields import JsonObject

NAME = "sqlserver.audit"


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one row; None if it is of another format.

    Raises
    ------
    Refusal
        When it is a row of the audit and cannot be read.
    """
    if "server_principal_name" in record:
        row = record
    elif "SERVER_PRINCIPAL_NAME" in record:
        row = {key.lower(): value for key, value in record.items()}
    else:
        return None
    if "event_time" not in row and "action_id" not in row:
        return None
    return read_row(row, context, NAME, has_counts=False)
