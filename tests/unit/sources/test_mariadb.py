"""MariaDB's server_audit and Aurora's lines: quotes, joins by query id, and what counts nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import SAMPLES, decode, decode_one, merged, outcomes_of, tally, told

from streamguard.activity import Activity, Ignored, Rejected, RowsQuality
from streamguard.sources import read_records

GENERATED = "mariadb/generated-mariadb-10.11.19-server_audit.log"
SLOW = "mariadb/generated-mariadb-10.11.19-slow.log"
IBM = "mariadb/ibm-guardium-server_audit.log"
SYSLOG = "mariadb/derived-server_audit-syslog.log"
AURORA = "aurora-mysql/ibm-guardium-audit.log"
AURORA_TABLES = "aurora-mysql/derived-audit-with-tables.log"
EXPECTED = {
    GENERATED: {"mariadb.server_audit": 87, "connection": 6, "disconnection": 6, "maintenance": 6},
    SLOW: {"mysql.slow": 51, "server_log": 3},
    IBM: {"mariadb.server_audit": 27, "connection": 2, "disconnection": 1},
    SYSLOG: {"mariadb.server_audit": 2},
    AURORA: {"mysql.aurora": 4, "malformed_audit": 1},
    AURORA_TABLES: {"mysql.aurora": 2, "disconnection": 1},
}
TIME = "20261122 04:00:45"


def line(text, code=0, database="crm", user="ann", time=f"{TIME},"):
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"{time}db1,{user},10.0.0.9,5,17,QUERY,{database},'{escaped}',{code}"


def test_every_file_is_tested():
    files = {f"{room}/{path.name}" for room in ("mariadb", "aurora-mysql") for path in (SAMPLES / room).iterdir()}
    assert files == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_outcomes_are_accounted_for(name):
    assert tally(outcomes_of(name)) == EXPECTED[name]


def test_a_join_is_one_statement_with_its_base_tables():
    [join] = [a for a in merged(outcomes_of(GENERATED)) if a.statement and " join " in a.statement]
    assert told(join) == {
        "time_ms": 1_795_320_045_000,
        "source": "mariadb.server_audit",
        "user": "alice.smith",
        "statement_key": "vm/5/18",
        "instance": "vm",
        "database": "crm",
        "client": "localhost",
        "session": "5",
        "verb": "SELECT",
        "statement": "select c.email,o.total from customers c join orders o on o.customer_id=c.id where o.total>?",
        "tables": ("crm.customers", "crm.orders"),
        "columns": ("customers.email", "orders.total"),
        "columns_known": True,
        "filters": ("customers.id", "orders.customer_id", "orders.total"),
        "records": 3,
    }


def test_a_view_is_resolved_by_the_log():
    [view] = [a for a in merged(outcomes_of(GENERATED)) if a.statement == "select * from v_contact"]
    assert view.tables == ("crm.customers", "crm.v_contact")


def test_no_statement_has_rows_and_exports_are_unbounded():
    found = merged(outcomes_of(GENERATED))
    assert {a.rows for a in found if a.verb != "PREPARE"} == {None}
    assert {a.rows_quality for a in found if a.export} == {RowsQuality.UNBOUNDED}
    assert {a.export for a in found} >= {"outfile", "aggregate_into_one_row", None}


def test_failures_carry_their_number():
    failed = {a.statement: a.error for a in merged(outcomes_of(GENERATED)) if a.error}
    assert failed["select * from nonexistent"] == "1146"
    assert failed["update customers set phone=? where id=?"] == "1142"
    assert failed["select email into outfile ? from customers"] == "1227"


def test_the_coverage_of_the_prototype_is_reached():
    found = [o for name in (GENERATED, IBM) for o in outcomes_of(name) if isinstance(o, Activity)]
    assert all(a.user and a.client for a in found)
    lines = [value for name in (GENERATED, IBM) for value in read_records(SAMPLES / name)]
    assert sum(a.statement is not None for a in found) == sum(b",QUERY," in value for value in lines)
    assert sum(bool(a.tables) for a in found) >= 41


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=60))
def test_quotes_and_line_ends_inside_a_text_end_nothing(value):
    sql = "select email from customers where name = '" + value.replace("\\", "\\\\").replace("'", "''") + "'"
    found = decode_one(line(sql, code=1317))
    assert (found.error, found.columns, found.tables) == ("1317", ("customers.email",), ("crm.customers",))
    assert found.statement == "select email from customers where name = ?"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (f"{TIME},db1,ann,10.0.0.9,5,0,CONNECT,crm,,0", "connection"),
        (f"{TIME},db1,,localhost,3,0,FAILED_CONNECT,,,1158", "connection"),
        (f"{TIME},db1,ann,10.0.0.9,5,0,DISCONNECT,crm,,0", "disconnection"),
        (f"{TIME},db1,ann,10.0.0.9,5,9,READ,mysql,column_stats,", "maintenance"),
        (f"{TIME},db1,,,5,9,WRITE,crm,customers,", "no_user"),
    ],
)
def test_what_is_of_no_interest_says_why(text, outcome):
    found = decode_one(text)
    assert isinstance(found, Ignored)
    assert found.reason == outcome


@pytest.mark.parametrize(
    "text",
    [
        f"{TIME},db1,ann,10.0.0.9,5,9,QUERY,crm,0",
        f"{TIME},db1,ann,10.0.0.9,5,9,QUERY,crm,'select 1",
        f"{TIME},d,a,h,5,9,READ,,x,",
    ],
)
def test_a_line_that_was_cut_off_is_rejected(text):
    found = decode_one(text)
    assert isinstance(found, Rejected)
    assert found.reason == "malformed_audit"


def test_reading_the_servers_own_tables_on_purpose_is_not_passed_over():
    records = [
        f"{TIME},db1,ann,h,5,9,READ,mysql,column_stats,",
        f"{TIME},db1,ann,h,5,9,QUERY,crm,'select * from mysql.column_stats',0",
    ]
    [found] = merged([o for record in records for o in decode(record)])
    assert found.tables == ("mysql.column_stats",)


def test_an_anonymous_account_is_somebody():
    assert decode_one(line("select 1", user="")).user == "''"


def test_a_name_with_commas_moves_no_field():
    found = decode_one(line("select 1", user="a,1,2,b"))
    assert (found.user, found.client, found.session) == ("a,1,2,b", "10.0.0.9", "5")


def test_a_renamed_table_is_the_old_one():
    assert decode_one(f"{TIME},db1,ann,h,5,9,RENAME,crm,Leads|crm.old,").tables == ("crm.leads",)


def test_a_password_is_not_repeated():
    found = decode_one(line("create user bob identified by 'hunter2'"))
    assert "hunter2" not in repr(told(found))


@pytest.mark.parametrize("size", [1_022, 1_024, 2_048, 5_000, 65_536])
def test_a_text_as_long_as_a_common_limit_may_have_been_cut(size):
    start = "select email from customers where id in ("
    text = start + "1," * ((size - len(start)) // 2) + "1" * ((size - len(start)) % 2)
    assert not decode_one(line(text)).columns_known
    whole = "select email from customers where name = '" + "x" * 900 + "'"
    assert decode_one(line(whole)).columns_known


@given(st.integers(0, 3_000))
def test_a_text_cut_at_the_default_limit_is_never_taken_for_whole(filler):
    # What was cut away could have been a UNION.
    text = f"select 1 from orders where 'x' <> '{'y' * filler}' union select email from customers"
    escaped = text.replace("'", "\\'")
    cut = escaped[:1_024]
    found = decode_one(f"{TIME},db1,ann,h,5,17,QUERY,crm,'{cut}',0")
    if isinstance(found, Activity) and cut != escaped:
        assert not found.columns_known


def test_prepare_returns_nothing_for_sure():
    found = decode_one(line("prepare st from 'select email from customers'"))
    assert (found.verb, found.rows, found.rows_quality) == ("PREPARE", 0, RowsQuality.EXACT)


def test_aurora_has_microseconds():
    [found, *_] = outcomes_of(AURORA)
    assert (found.time_ms, found.instance, found.user) == (1_638_806_583_399, "testauroracluster-instance-1", "admin")
    [statement] = merged(outcomes_of(AURORA_TABLES))
    assert (statement.tables, statement.records) == (("crm.customers",), 2)
    assert statement.source == "mysql.aurora"


def test_a_setting_for_mariadb_does_not_read_aurora():
    record = line("select 1", time="1795320045000493,")
    assert decode_one(record, "mysql.aurora").time_ms == 1_795_320_045_000
    assert decode_one(record, "mariadb.server_audit").reason == "format_mismatch"


def test_through_syslog_the_time_is_kafkas_and_the_server_the_senders():
    [statement] = merged(outcomes_of(SYSLOG))
    assert (statement.time_ms, statement.instance, statement.records) == (1_795_400_000_000, "db1", 2)
