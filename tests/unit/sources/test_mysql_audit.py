"""MySQL Enterprise Audit (JSON, XML), Percona Server and Azure: who, which tables, and when rows are known."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import SAMPLES, damaged, decode, decode_one, merged, objects_of, outcomes_of, tally, told

from streamguard.activity import Activity, Rejected, RowsQuality
from streamguard.sources.mysql.fields import account_of

SYSLOG = "mysql/ibm-guardium-enterprise-audit-syslog.log"
STATISTICS = "mysql/derived-enterprise-audit-statistics.log"
NEW = "mysql/derived-enterprise-audit-new-style.log"
OLD = "mysql/derived-enterprise-audit-old-style.log"
PERCONA = "percona/ibm-guardium-audit-syslog.log"
FILTER = "percona/derived-audit-log-filter.log"
AZURE = "azure-mysql/ibm-guardium-eventhub.ndjson"
EXPECTED = {
    SYSLOG: {"mysql.enterprise": 5, "connection": 3},
    STATISTICS: {"mysql.enterprise": 5, "server_log": 1, "connection": 1, "administration": 1},
    NEW: {"mysql.enterprise_xml": 2, "array_punctuation": 2, "server_log": 1, "connection": 1, "disconnection": 1},
    OLD: {"mysql.enterprise_xml": 1, "array_punctuation": 3, "connection": 1, "disconnection": 1},
    PERCONA: {"percona.audit_log": 4, "connection": 1},
    FILTER: {"mysql.enterprise": 2, "server_log": 1, "administration": 1, "no_user": 2},
    AZURE: {"mysql.azure": 14, "connection": 1, "disconnection": 2, "administration": 2, "missing_field": 1},
}
EVENT = {
    "timestamp": "2026-11-22 04:00:45",
    "id": 0,
    "class": "general",
    "event": "status",
    "connection_id": 8,
    "account": {"user": "ann", "host": "10.0.0.9"},
    "login": {"user": "ann", "os": "", "ip": "10.0.0.9", "proxy": ""},
    "general_data": {
        "command": "Query",
        "sql_command": "select",
        "query": "select email from crm.customers",
        "status": 0,
    },
}
RECORD = {
    "name": "Query",
    "record": "106_2026-11-22T00:00:00",
    "timestamp": "2026-11-22T04:00:45 UTC",
    "command_class": "select",
    "connection_id": "12",
    "status": 0,
    "sqltext": "select email from customers",
    "user": "ann[ann] @ localhost []",
    "host": "localhost",
    "os_user": "",
    "ip": "",
    "db": "crm",
}


def general(statistics=None, **data):
    event = EVENT | {"general_data": EVENT["general_data"] | data}
    return event if statistics is None else event | {"query_statistics": statistics}


def azure(**changes):
    properties = {
        "event_class": "general_log",
        "event_subclass": "LOG",
        "event_time": "2026-11-22T04:00:45.0000000Z",
        "error_code": 0,
        "thread_id": 21,
        "ip": "10.0.0.9",
        "user": "ann[ann] @  [10.0.0.9]",
        "sql_text": "select email from customers",
    }
    return {"category": "MySqlAuditLogs", "resourceId": "/X/FLEXIBLESERVERS/DB-1", "properties": properties | changes}


@pytest.mark.parametrize("name", EXPECTED)
def test_outcomes_are_accounted_for(name):
    assert tally(outcomes_of(name)) == EXPECTED[name]


def test_every_file_is_tested():
    files = {
        f"{room}/{path.name}" for room in ("mysql", "percona", "azure-mysql") for path in (SAMPLES / room).iterdir()
    }
    assert {name for name in files if "slow-log" not in name} == set(EXPECTED)


def test_table_access_and_its_statement_are_one_with_rows():
    join, update, failed = merged(outcomes_of(STATISTICS))
    assert told(join) == {
        "time_ms": 1_795_320_045_000,
        "source": "mysql.enterprise",
        "user": "alice.smith",
        "statement_key": f"/8/2026-11-22 04:00:45/{join.fingerprint}",
        "database": "crm",
        "client": "10.0.0.9",
        "session": "8",
        "verb": "SELECT",
        "statement": "select c.email, o.total from customers c join orders o on o.customer_id = c.id",
        "tables": ("crm.customers", "crm.orders"),
        "columns": ("customers.email", "orders.total"),
        "columns_known": True,
        "filters": ("customers.id", "orders.customer_id"),
        "rows": 667,
        "rows_quality": "exact",
        "bytes": 18_384,
        "duration_ms": 116.25,
        "records": 3,
    }
    # rows_sent of an UPDATE is 0 whatever it changed.
    assert (update.verb, update.rows, update.rows_quality) == ("UPDATE", None, RowsQuality.UNKNOWN)
    assert (failed.user, failed.proxy_user, failed.error, failed.export) == ("developer", "bob", "1290", "outfile")
    assert failed.rows_quality is RowsQuality.UNBOUNDED


def test_syslog_names_the_server():
    found = [o for o in outcomes_of(SYSLOG) if isinstance(o, Activity)]
    assert {a.instance for a in found} == {"rh7u4x64t", None}
    assert [a.error for a in found] == [None, "1046", None, None, None]
    pet = merged(found)[2]
    assert (pet.tables, pet.client, pet.records) == (("guardium_qa.pet",), "192.0.2.1", 2)


def test_two_statements_of_one_second_are_two():
    records = [
        general({"rows_sent": n, "bytes_sent": n * 50}, query=f"select email from t where id < {n}") for n in (5, 9)
    ]
    found = merged([o for offset, record in enumerate(records) for o in decode(record, offset=offset)])
    assert [a.rows for a in found] == [5, 9]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"class": "connection", "event": "disconnect", "connection_data": {}}, "disconnection"),
        ({"class": "connection", "event": "connect", "connection_data": {}}, "connection"),
        ({"class": "audit", "event": "shutdown"}, "server_log"),
        ({"class": "message", "event": "user", "message_data": {}}, "administration"),
        ({"class": "query", "event": "start", "query_data": {"query": "select 1"}}, "statement_start"),
        ({"general_data": {"command": "Prepare", "query": "select email from customers"}}, "administration"),
        ({"general_data": {"command": "Quit", "query": ""}}, "administration"),
        ({"general_data": {"command": "Binlog Dump GTID"}}, "replication"),
    ],
)
def test_events_without_a_result_are_ignored(change, reason):
    assert decode_one(EVENT | change).reason == reason


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (EVENT | {"timestamp": None}, "missing_field"),
        (EVENT | {"timestamp": "yesterday"}, "invalid_time"),
        (EVENT | {"account": {}, "login": {}}, "missing_user"),
        (general(query=["select 1"]), "wrong_type"),
        ({"audit_record": 7}, "wrong_type"),
        ({"audit_record": RECORD | {"user": ""}}, "missing_user"),
        ({"audit_record": RECORD | {"name": None}}, "missing_field"),
        (azure(user=""), "missing_user"),
        (azure(event_time=None), "missing_field"),
    ],
)
def test_what_cannot_be_read_says_why(record, reason):
    found = decode_one(record)
    assert isinstance(found, Rejected)
    assert found.reason == reason


def test_an_open_array_is_read_line_by_line_too():
    lines = (SAMPLES / STATISTICS).read_bytes().splitlines()
    found = [o for offset, value in enumerate(lines) for o in decode(value, offset=offset)]
    assert tally(found) == EXPECTED[STATISTICS] | {"array_punctuation": 1}


def test_percona_writes_one_record_a_statement():
    found = [o for o in outcomes_of(PERCONA) if isinstance(o, Activity)]
    assert [a.user for a in found] == ["root", "rootAAAA", "root", "root"]
    assert [a.proxy_user for a in found] == [None, "rootKKKKKK", None, None]
    assert told(found[2]) == {
        "time_ms": 1_612_378_557_000,
        "source": "percona.audit_log",
        "user": "root",
        "statement_key": "/2/39_2021-02-03T18:54:45",
        "database": "mysql",
        "client": "localhost",
        "session": "2",
        "verb": "SELECT",
        "statement": "select * from users",
        "tables": ("mysql.users",),
        "columns": ("users.*",),
        "columns_known": True,
        "error": "1146",
    }


def test_perconas_filter_writes_whole_accounts():
    [found] = merged(outcomes_of(FILTER))
    assert (found.user, found.client, found.tables, found.records) == ("root", "localhost", ("crm.customers",), 2)


def test_azure():
    found = decode_one(azure())
    assert told(found) == {
        "time_ms": 1_795_320_045_000,
        "source": "mysql.azure",
        "user": "ann",
        "statement_key": f"db-1/21/2026-11-22T04:00:45/{found.fingerprint}",
        "instance": "db-1",
        "client": "10.0.0.9",
        "session": "21",
        "verb": "SELECT",
        "statement": "select email from customers",
        "tables": ("customers",),
        "columns": ("customers.email",),
        "columns_known": True,
        "part": "general.log",
    }
    access = decode_one(azure(event_class="table_access_log", event_subclass="READ", db="CRM", table="Customers"))
    assert (access.tables, access.database, access.part) == (("crm.customers",), "CRM", None)


def test_azures_failures_and_coverage():
    found = [o for o in outcomes_of(AZURE) if isinstance(o, Activity)]
    assert [a.error for a in found if a.error] == ["1146"]
    assert {a.instance for a in found} == {"mysql-test-guardium"}
    assert all(a.user == "test" and a.client and a.statement for a in found)


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ("root[root] @ localhost []", ("root", None, "localhost")),
        ("app[ann] @ localhost [10.0.0.9]", ("app", "ann", "10.0.0.9")),
        ("[ann] @ localhost []", ("ann", None, "localhost")),
        ("[] @ localhost []", ("''", None, "localhost")),
        ("[] @  []", (None, None, None)),
        ("test[test] @  [20.204.110.141]", ("test", None, "20.204.110.141")),
        ("root", ("root", None, None)),
        ("", (None, None, None)),
    ],
)
def test_accounts(text, account):
    assert account_of(text) == account


def test_secrets_and_values_stay_out():
    statement = "select email from customers where email = 'ada@example.com'"
    for record in (
        general(query=statement),
        {"audit_record": RECORD | {"sqltext": statement}},
        azure(sql_text=statement),
        EVENT
        | {
            "class": "connection",
            "event": "connect",
            "connection_data": {"connection_attributes": {"a": "ada@example.com"}},
        },
    ):
        assert "ada@" not in repr(decode_one(record))


SEEDS = [EVENT, general({"rows_sent": 3, "bytes_sent": 90, "query_time": 0.1}), {"audit_record": RECORD}, azure()]


@given(damaged(SEEDS + objects_of(STATISTICS, AZURE)))
def test_no_damage_is_a_defect(record):
    for outcome in decode(record):
        assert getattr(outcome, "reason", None) != "internal_error"


@given(
    st.text(max_size=80),
    st.sampled_from(["<AUDIT_RECORD>", "<AUDIT_RECORD ", "20261122 04:00:45,db,u,h,1,2,QUERY,", "# User@Host: "]),
)
def test_no_text_is_a_defect(text, start):
    for outcome in decode(start + text):
        assert getattr(outcome, "reason", None) != "internal_error"


def test_it_takes_whatever_json_whitespace():
    assert decode_one(orjson.dumps(EVENT, option=orjson.OPT_INDENT_2)).user == "ann"
