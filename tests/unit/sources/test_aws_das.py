"""AWS Database Activity Streams: every engine, the two kinds of MySQL's records, and what is not believed."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from reading import SAMPLES, damaged, decode, decode_one, merged, objects_of, outcomes_of, tally, told

from streamguard.activity import Activity, Ignored, Rejected

DOCS = "aws-das/aws-docs-decrypted.ndjson"
DERIVED = "aws-das/derived-heartbeat-and-escapes.ndjson"
EXPECTED = {
    DOCS: {"connection": 2, "aws.das": 7, "unsupported_format": 1},
    DERIVED: {"heartbeat": 1, "empty_batch": 1, "aws.das": 2},
    "wrapped-derived/aws-das-outer-encrypted-shape.json": {"unsupported_format": 1},
}
ITEM = {
    "type": "record", "logTime": "2026-11-22 03:57:28.250221+00", "dbUserName": "alice", "databaseName": "crm",
    "remoteHost": "10.20.30.40", "command": "SELECT", "commandText": "select email from customers",
    "objectType": "TABLE", "objectName": "public.customers", "statementId": 7, "substatementId": 1,
    "sessionId": "5ce7", "rowCount": 10, "serverType": "PostgreSQL", "class": "READ", "paramList": ["Winter"],
    "exitCode": None, "errorMessage": None,
}  # fmt: skip


def read(**changes):
    return decode_one({"instanceId": "db-1", "databaseActivityEventList": [ITEM | changes]})


def test_every_file_is_tested():
    assert {f"aws-das/{path.name}" for path in (SAMPLES / "aws-das").iterdir()} <= set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_outcomes_are_accounted_for(name):
    assert tally(outcomes_of(name)) == EXPECTED[name]


def test_a_read_of_postgresql():
    assert told(outcomes_of(DOCS)[5]) == {
        "time_ms": 1_558_658_389_940,
        "source": "aws.das",
        "user": "rdsadmin",
        "statement_key": "db-FZJTMYKCXQBUUZ6VLU7NW3ITCM/5ce73c6f.7e64/6",
        "instance": "db-FZJTMYKCXQBUUZ6VLU7NW3ITCM",
        "database": "postgres",
        "client": "172.31.3.195",
        "application": "psql",
        "session": "5ce73c6f.7e64",
        "verb": "SELECT",
        "statement": "select * from my_table",
        "tables": ("public.my_table",),
        "columns": ("my_table.*",),
        "columns_known": True,
        "rows": 10,
        "rows_quality": "exact",
    }


def test_main_and_aux_of_mysql_are_one_statement_with_its_rows_once():
    [statement] = merged(outcomes_of(DOCS)[7:9])
    assert (statement.records, statement.rows, statement.rows_quality) == (2, 2, "exact")
    assert (statement.verb, statement.tables, statement.columns) == ("SELECT", ("test1",), ("test1.*",))
    assert statement.columns_known
    assert (statement.instance, statement.user, statement.duration_ms) == ("db-some_id", "master", 0.0)


def test_aux_records_name_the_tables_and_never_the_text():
    aux = outcomes_of(DERIVED)[3]
    assert (aux.statement, aux.tables, aux.rows) == (None, ("orders",), None)


def test_the_escapes_of_mysql_are_undone_before_the_literals_go():
    main = outcomes_of(DERIVED)[2]
    assert main.statement == "select email from customers join orders using (id) where last_name = ? and city = ?"
    [statement] = merged(outcomes_of(DERIVED))
    assert (statement.tables, statement.rows) == (("customers", "orders"), 12)


@pytest.mark.parametrize("text", [r"select 'it\'s Winter'", r"select \'it\\\'s Winter\'", 'select \\"it\'s Winter\\"'])
def test_no_escape_lets_a_literal_out(text):
    assert b"Winter" not in msgspec.json.encode(read(serverType="MySQL", command="QUERY", commandText=text))


def test_sql_server_on_rds_counts_nothing():
    activity = outcomes_of(DOCS)[6]
    assert (activity.rows, activity.rows_quality) == (None, "unknown")
    assert (activity.tables, activity.user, activity.error) == (("dbo.testtable",), "test", None)
    assert activity.statement_key.endswith("/62/0x03baed90412f564fad640ebe51f89b99")


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"rowCount": 0}, (0, "exact")),
        ({"rowCount": None}, (None, "unknown")),
        ({"command": "INSERT", "commandText": "insert into t values (1)", "rowCount": 0}, (None, "unknown")),
        ({"command": "UPDATE", "commandText": "update t set a = 1", "rowCount": 3}, (3, "affected")),
        ({"command": "COPY", "commandText": "copy customers to stdout", "rowCount": 0}, (None, "unbounded")),
        ({"command": "FETCH", "commandText": "fetch 100 from c", "class": "MISC", "rowCount": 0}, (None, "unbounded")),
        ({"serverType": "MySQL", "command": "QUERY", "commandText": "delete from t", "rowCount": 0}, (0, "affected")),
        ({"serverType": "MySQL", "command": "QUERY", "commandText": "drop table t", "rowCount": 0}, (None, "unknown")),
        ({"serverType": "Oracle", "rowCount": 0}, (None, "unknown")),
    ],
)
def test_a_zero_is_believed_only_where_it_is_counted(changes, count):
    activity = read(**changes)
    assert (activity.rows, activity.rows_quality) == count


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"exitCode": "0"}, None),
        ({"exitCode": 942}, "942"),
        ({"errorMessage": "relation Winter does not exist"}, "failure"),
        ({"serverType": "SQLSERVER", "exitCode": 1}, None),
        ({"serverType": "SQLSERVER", "exitCode": 0}, "failure"),
    ],
)
def test_errors_are_codes_and_never_messages(changes, error):
    activity = read(**changes)
    assert activity.error == error
    assert b"Winter" not in msgspec.json.encode(activity)


@pytest.mark.parametrize("command", ["CONNECT", "LOGIN SUCCEEDED", "LOGON", "FAILED_CONNECT"])
def test_connections_are_ignored(command):
    assert read(command=command, commandText=None).reason == "connection"
    assert read(command="LOGOUT", commandText=None).reason == "disconnection"


def test_an_encrypted_stream_says_what_to_do():
    outcome = decode_one({"type": "DatabaseActivityMonitoringRecords", "databaseActivityEvents": "AYADe", "key": "x"})
    assert isinstance(outcome, Rejected)
    assert "decrypt" in outcome.detail


def test_a_damaged_time_beside_the_statements_own_costs_only_the_duration():
    activity = read(startTime="yesterday", endTime="today")
    assert isinstance(activity, Activity)
    assert activity.duration_ms is None


def test_a_list_of_several_items_keeps_its_order():
    kinds = decode({"instanceId": "i", "databaseActivityEventList": [{"type": "heartbeat"}, ITEM, {"type": "x"}]})
    assert [getattr(o, "reason", "activity") for o in kinds] == ["heartbeat", "activity", "unknown_format"]
    assert isinstance(kinds[0], Ignored)


@given(damaged(objects_of(DOCS, DERIVED)))
def test_a_damaged_record_is_never_a_defect(record):
    assert all(getattr(o, "reason", "") != "internal_error" for o in decode(record))
