"""Audit formats that are recognised and not read (yet), so that their rejection can say what they are.

The signatures follow the vendors' documentation; those of Oracle's text trail, SQL Server, Teleport, MySQL's XML and
Cloud SQL were not tried on real records. A format that gets an adapter of its own leaves this file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streamguard.sources.fields import JsonObject, member

if TYPE_CHECKING:
    from collections.abc import Callable

_TEXTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("MariaDB server_audit", re.compile(r"\d{8} \d\d:\d\d:\d\d,")),
    ("Aurora MySQL audit", re.compile(r"\d{16},")),
    ("Amazon Redshift user activity log", re.compile(r"'?\d{4}-\d\d-\d\dT\S{8,16} UTC \[ db=")),
    ("Amazon Redshift connection log", re.compile(r"[\w ]{1,64}\|\w{3}, \d\d \w{3} \d{4} [\d:]{8,12}\s*\|")),
    ("MySQL slow query log", re.compile(r"# (?:Time: |User@Host: )")),
    ("MySQL Enterprise Audit (XML)", re.compile(r"\s*(?:<\?xml[^>]{0,200}>\s*)?<AUDIT(?:_RECORD)?>?")),
    ("Oracle audit trail", re.compile(r"(?s).{0,2000}?ACTION ?:\[\d+\] ")),
    ("MySQL audit behind a syslog tag", re.compile(r"(?:mysql_audit_log|percona-audit): ?\{")),
)


def _google_cloud(record: JsonObject) -> str | None:
    """Google Cloud writes the audit logs of all its services alike; the service tells them apart."""
    payload = member(record, "protoPayload") or member(record, "protopayload")  # some data lakes lower the keys
    if not payload:
        return None
    if "PgAuditEntry" in str(member(payload, "request").get("@type")):
        return "Cloud SQL pgAudit"
    described = f"{payload.get('serviceName')} {member(payload, 'metadata').get('@type')}"
    return "BigQuery audit" if "bigquery" in described.lower() else "Google Cloud audit log"


def _lower_keys(record: JsonObject) -> frozenset[str]:
    return frozenset(key.lower() for key in record)


_OBJECTS: tuple[tuple[str, Callable[[JsonObject], bool]], ...] = (
    ("Percona audit_log", lambda r: "audit_record" in r),
    (
        "MySQL Enterprise Audit",
        lambda r: (
            any(key in r for key in ("general_data", "table_access_data", "connection_data"))
            or ("class" in r and "event" in r and "connection_id" in r)
        ),
    ),
    (
        "AWS Database Activity Stream",
        lambda r: (
            "databaseActivityEventList" in r
            or "databaseActivityEvents" in r
            or r.get("type") == "DatabaseActivityMonitoringRecords"
        ),
    ),
    ("Azure MySQL audit", lambda r: r.get("category") == "MySqlAuditLogs"),
    ("Trino event listener", lambda r: "eventPayload" in r or ("queryId" in member(r, "metadata"))),
    ("Trino event listener", lambda r: "context" in r and "metadata" in r),
    ("MongoDB audit", lambda r: "atype" in r and "ts" in r),
    ("Databricks audit", lambda r: bool({"actionName", "action_name"} & r.keys())),
    ("Databricks audit", lambda r: str(r.get("operationName", "")).startswith("Microsoft.Databricks/")),
    ("Teleport audit", lambda r: str(r.get("event", "")).startswith("db.session.")),
    ("SQL Server audit", lambda r: "audit_schema_version" in r or "server_principal_name" in r),
    ("Oracle unified audit", lambda r: {"unified_audit_policies", "dbusername"} <= _lower_keys(r)),
    ("Oracle unified audit", lambda r: {"sessionid", "instance_name", "sql_text"} <= _lower_keys(r)),
    (
        "Snowflake account usage",
        lambda r: (
            "query_id" in (keys := _lower_keys(r))
            or {"query_text", "user_name"} <= keys
            or str(r.get("p_log_type", "")).startswith("Snowflake.")
            or {"transfer_type", "bytes_transferred"} <= keys
        ),
    ),
)


def name_of_object(record: JsonObject) -> str | None:
    """Return the name of the known format that a JSON object is of, or None."""
    return _google_cloud(record) or next((name for name, matches in _OBJECTS if matches(record)), None)


def name_of_text(text: str) -> str | None:
    """Return the name of the known format that a text is of, or None."""
    return next((name for name, pattern in _TEXTS if pattern.match(text)), None)
