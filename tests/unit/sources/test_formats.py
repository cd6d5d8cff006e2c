"""The public face, the registry, the formats that are named and not read, and the setting that overrides detection."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

import streamguard.sources
from streamguard.activity import Activity, RawRecord, Rejected
from streamguard.sources import Decoder, format_names

JSONLOG = orjson.dumps(
    {
        "timestamp": "2026-11-22 03:57:28.833 UTC",
        "user": "ann",
        "error_severity": "LOG",
        "message": "AUDIT: SESSION,1,1,READ,SELECT,,,select 1,<none>,5",
    }
)
PLAIN = b"2026-11-22 03:57:28.833 UTC [7] ann@crm LOG:  AUDIT: SESSION,1,1,READ,SELECT,,,select 1,<none>,5"


def decode(value, **arguments):
    [outcome] = Decoder().decode(RawRecord("t", 0, 0, 0, None, value), **arguments)
    return outcome


def test_the_public_face():
    assert set(streamguard.sources.__all__) == {
        "DEFAULT_LOG_LINE_PREFIXES",
        "Decoder",
        "DecoderConfig",
        "IgnoredReason",
        "RejectedReason",
        "format_names",
        "read_records",
        "split_records",
    }


def test_format_names_hold_families_and_members():
    assert format_names() == (
        "ocsf",
        "postgresql",
        "postgresql.azure",
        "postgresql.cnpg",
        "postgresql.csvlog",
        "postgresql.jsonlog",
        "postgresql.stderr",
    )


@pytest.mark.parametrize("name", [None, "postgresql", "postgresql.jsonlog"])
def test_a_fitting_setting_changes_nothing(name):
    assert isinstance(decode(JSONLOG, format=name), Activity)


@pytest.mark.parametrize("name", [None, "postgresql", "postgresql.stderr"])
def test_envelopes_are_peeled_whatever_the_setting(name):
    assert isinstance(decode(orjson.dumps({"message": PLAIN.decode(), "host": "db"}), format=name), Activity)


@pytest.mark.parametrize(("value", "name"), [(PLAIN, "postgresql.jsonlog"), (PLAIN, "ocsf"), (JSONLOG, "ocsf")])
def test_a_setting_that_does_not_fit_is_said_so(value, name):
    assert decode(value, format=name).reason == "format_mismatch"


@pytest.mark.parametrize("name", ["", "postgres", "postgresql.", "mysql"])
def test_a_setting_that_names_nothing_is_a_value_too(name):
    assert decode(JSONLOG, format=name).reason == "unknown_format_name"


# The smallest records that carry each format's signature; members and spelling as the vendors document them.
UNSUPPORTED = {
    "MariaDB server_audit": [b"20261122 04:00:45,vm,ann,localhost,5,17,QUERY,crm,'select 1',0"],
    "Aurora MySQL audit": [b"1638806583399975,db-1,ann,10.0.0.9,5,17,QUERY,crm,'select 1',0"],
    "Amazon Redshift user activity log": [b"'2022-03-10T08:16:02Z UTC [ db=dev user=ann pid=1 ]' LOG: select 1"],
    "Amazon Redshift connection log": [b"authentication failure |Mon, 16 Mar 2022 08:18:14:766|::ffff:10.0.0.9 |1"],
    "MySQL slow query log": [b"# Time: 2026-11-22T03:57:28Z", b"# User@Host: ann[ann] @ localhost []"],
    "MySQL Enterprise Audit (XML)": [b"<AUDIT_RECORD>", b'<?xml version="1.0" encoding="UTF-8"?><AUDIT>'],
    "Oracle audit trail": [b"Sun Nov 22 03:57:28 2026 +00:00 LENGTH : '250' ACTION :[8] 'select 1'"],
    "Percona audit_log": [b'{"audit_record": {"name": "Query"}}'],
    "MySQL Enterprise Audit": [
        b'{"class": "general", "event": "status", "connection_id": 1, "general_data": {}}',
        b'Nov 22 03:57:28 db mysql_audit_log: {"class": "connection", "event": "connect", "connection_id": 1 },',
    ],
    "MySQL audit behind a syslog tag": [b"percona-audit: {"],
    "AWS Database Activity Stream": [b'{"databaseActivityEventList": []}', b'{"databaseActivityEvents": "x"}'],
    "Azure MySQL audit": [
        b'{"records": [{"category": "MySqlAuditLogs", "properties": {"event_class": "general_log"}}]}'
    ],
    "BigQuery audit": [b'{"protoPayload": {"metadata": {"@type": "x.BigQueryAuditMetadata"}}}'],
    "Google Cloud audit log": [
        b'{"protopayload": {"serviceName": "storage.googleapis.com"}}',
        b'{"protoPayload": {"serviceName": "storage.googleapis.com"}}',
    ],
    "Cloud SQL pgAudit": [b'{"protoPayload": {"request": {"@type": "x/google.cloud.sql.audit.v1.PgAuditEntry"}}}'],
    "Trino event listener": [b'{"eventPayload": {}}', b'{"metadata": {"queryId": "1"}, "context": {"user": "ann"}}'],
    "MongoDB audit": [b'{"atype": "authCheck", "ts": {"$date": "2026-11-22T03:57:28Z"}}'],
    "Databricks audit": [
        b'{"actionName": "login", "serviceName": "accounts"}',
        b'{"operationName": "Microsoft.Databricks/accounts/tokenLogin", "category": "accounts"}',
    ],
    "Teleport audit": [b'{"event": "db.session.query", "user": "ann", "db_query": "select 1"}'],
    "SQL Server audit": [b'{"audit_schema_version": 1, "action_id": "SL"}'],
    "Oracle unified audit": [b'{"DBUSERNAME": "ANN", "UNIFIED_AUDIT_POLICIES": "P"}'],
    "Snowflake account usage": [b'{"QUERY_ID": "1", "QUERY_TEXT": "x"}', b'{"query_text": "x", "user_name": "ANN"}'],
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_a_known_format_that_is_not_read_is_named(name):
    for value in UNSUPPORTED[name]:
        outcome = decode(value)
        assert isinstance(outcome, Rejected)
        assert outcome.reason == "unsupported_format"
        assert outcome.detail.startswith(f"{name} is known")


def test_only_the_registry_knows_every_format():
    room = Path(streamguard.sources.__file__).parent
    for path in room.glob("*.py"):
        names = sum(name in path.read_text() for name in ("postgresql_jsonlog", "postgresql_azure", "ocsf,"))
        assert (names > 1) == (path.name == "registry.py")
