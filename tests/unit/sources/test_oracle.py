"""Oracle: the unified trail as rows, and the trail as text whose values say their own length."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import PRODUCED_MS, SAMPLES, damaged, decode, decode_one, merged, objects_of, outcomes_of, tally, told

from streamguard.sources import read_records
from streamguard.sources.oracle.names import without_links

IBM = "oracle/ibm-guardium-unified-audit.ndjson"
ROWS = "oracle/derived-unified-audit-trail.ndjson"
FILES = "oracle/derived-sys-audit.aud"
SYSLOG = "oracle/derived-syslog.log"
XML = "oracle/derived-rds-xml-cloudwatch.ndjson"
EXPECTED = {
    IBM: {"oracle.unified": 1},
    ROWS: {"oracle.unified": 7, "connection": 1, "disconnection": 1},
    FILES: {"oracle.trail": 4, "connection": 2},
    SYSLOG: {"oracle.trail": 3},
    XML: {"oracle.trail": 2, "connection": 1, "transaction": 1},
}
ROW = objects_of(ROWS)[0]
DATE = "Sun Nov 22 03:57:28 2026 +00:00\n"


def read(**changes):
    return decode_one(ROW | changes)


def field(name, value, quote="'"):
    return f"{name}:[{len(value.encode())}] {quote}{value}{quote}"


def entry(action, *more):
    return f"{DATE}LENGTH : '300'\n" + "\n".join(
        (field("ACTION ", action), field("DATABASE USER", "ALICE"), field("STATUS", "0"), *more)
    )


def test_every_file_is_tested():
    assert {f"oracle/{path.name}" for path in (SAMPLES / "oracle").iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_outcomes_are_accounted_for(name):
    assert tally(outcomes_of(name)) == EXPECTED[name]


def test_guardiums_names():
    [activity] = outcomes_of(IBM)
    assert told(activity) == {
        "time_ms": 1_537_484_217_111,
        "source": "oracle.unified",
        "user": "SYSTEM",
        "statement_key": "on8crh7u/373114511/14",
        "instance": "on8crh7u",
        "database": "ON8CRH7U",
        "client": "9.70.157.206",
        "application": "sqlplus@rh7u1x64t-ktap.guard.swg.usma.ibm.com (",
        "session": "373114511",
        "verb": "ALTER",
        "statement": "alter user qa_test default role all",
        "columns_known": True,
    }


def test_one_statement_on_two_objects():
    [statement, *_] = merged(outcomes_of(ROWS))
    assert (statement.records, statement.tables) == (2, ("crm.customers", "crm.orders"))
    assert statement.columns == ("crm.customers.email", "crm.orders.total")
    assert (statement.client, statement.application) == ("10.20.30.40", "SQL Developer")
    assert (statement.rows, statement.rows_quality, statement.columns_known) == (None, "unknown", True)


def test_the_texts_tables_count_besides_the_audited_object():
    row = read(SQL_TEXT="select c.email from orders o, crm.customers c", OBJECT_SCHEMA="CRM", OBJECT_NAME="ORDERS")
    assert row.tables == ("crm.orders", "crm.customers")


@pytest.mark.parametrize("link", ["@hq", "@hq.example.com", ' @ "hq"', "@hq.example.com@fast"])
def test_a_table_behind_a_database_link_is_the_table(link):
    row = read(SQL_TEXT=f"select e.email from hr.emp{link} e where x = 'a@b'", OBJECT_NAME=None)
    assert (row.tables, row.columns) == (("hr.emp",), ("hr.emp.email",))
    assert (row.filters, row.columns_known) == (("hr.emp.x",), True)
    assert read(OBJECT_SCHEMA="HR", OBJECT_NAME=f"EMP{link}", SQL_TEXT=None).tables[0].strip() == "hr.emp"


def test_text_in_literals_and_comments_is_no_link():
    text = """select 'it''s a@b.c', "x@y" from t -- c@d
      where /* e@f ' */ n = 'g@h'"""
    assert without_links(text) == text


def test_a_proxy_and_the_user_that_the_application_names():
    activity = outcomes_of(ROWS)[3]
    assert (activity.user, activity.proxy_user, activity.query_tag) == ("ALICE", "APP_POOL", "bob.jones")


def test_failures_have_their_code():
    assert outcomes_of(ROWS)[2].error == "ORA-00942"
    assert [read(return_code=c, RETURN_CODE=c).error for c in (0, "0", None, 28000)] == [None, None, None, "ORA-28000"]


@pytest.mark.parametrize(
    ("audit_type", "action", "export"),
    [
        ("Datapump", "EXPORT", "unload"),
        ("Datapump", "IMPORT", None),
        ("Direct path API", "", "unload"),
        ("Direct path API", "LOAD", None),
        ("RMAN_AUDIT", "RMAN ACTION", "unload"),
        ("Standard", "SELECT", None),
    ],
)
def test_what_moves_data_out_beside_sql(audit_type, action, export):
    activity = read(AUDIT_TYPE=audit_type, ACTION_NAME=action, SQL_TEXT=None)
    assert activity.export == export
    assert activity.rows_quality == ("unbounded" if export else "unknown")


def test_binds_and_parameters_of_exports_are_not_read():
    for activity in outcomes_of(ROWS) + outcomes_of(XML):
        assert not any(value in msgspec.json.encode(activity) for value in (b"Winter", b"4711", b"SYS_EXPORT"))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"EVENT_TIMESTAMP_UTC": "2026-11-22 03:57:28.833000"}, 1_795_319_848_833),
        ({"EVENT_TIMESTAMP_UTC": 1_795_319_848_833}, 1_795_319_848_833),
        ({"EVENT_TIMESTAMP_UTC": "22-NOV-26 03.57.28.833000000 PM"}, 1_795_363_048_833),
        ({"EVENT_TIMESTAMP_UTC": "22-NOV-26 12.00.00 AM"}, 1_795_305_600_000),
        ({"EVENT_TIMESTAMP_UTC": None, "EVENT_TIMESTAMP": "+000020779 03:57:28.833"}, 1_795_319_848_833),
        ({"EVENT_TIMESTAMP_UTC": None, "EVENT_TIMESTAMP": "2026-11-22 04:57:28.833 +01:00"}, 1_795_319_848_833),
        ({"EVENT_TIMESTAMP_UTC": None, "EVENT_TIMESTAMP": "22-NOV-26 04.57.28.833 AM +01:00"}, 1_795_319_848_833),
    ],
)
def test_times(changes, expected):
    assert read(**changes).time_ms == expected


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"EVENT_TIMESTAMP_UTC": None}, "missing_field"),
        ({"EVENT_TIMESTAMP_UTC": None, "EVENT_TIMESTAMP": "2026-11-22 04:57:28"}, "unknown_time_zone"),
        ({"EVENT_TIMESTAMP_UTC": "32-FOO-26 03.57.28 PM"}, "invalid_time"),
        ({"DBUSERNAME": None}, "missing_user"),
    ],
)
def test_rows_that_cannot_be_read(changes, reason):
    assert read(**changes).reason == reason


def test_a_value_is_what_its_length_says():
    activity = outcomes_of(FILES)[1]
    assert (activity.user, activity.client, activity.session) == ("DBA_EVE", "10.20.30.40", None)
    assert activity.tables == ("crm.customers",)
    assert not any(value in msgspec.json.encode(activity) for value in (b"Brien", b"admin", "Köln".encode()))


def test_whom_the_operating_system_vouched_for():
    activity = outcomes_of(FILES)[0]
    assert (activity.user, activity.proxy_user, activity.verb) == ("SYS", "alice", "SELECT")
    assert activity.time_ms == 1_795_319_848_000


def test_standard_audit_names_the_object_and_no_text():
    activity = outcomes_of(FILES)[4]
    assert (activity.user, activity.verb, activity.tables) == ("BOB", "SELECT", ("crm.customers",))
    assert (activity.statement, activity.statement_key) == (None, "2287733986/160231/14")
    assert outcomes_of(FILES)[3].error == "ORA-00942"


def test_syslog_brings_the_host_and_the_line_ends():
    first, second, unified = outcomes_of(SYSLOG)
    assert (first.instance, first.time_ms) == ("crmdb1", 1_795_319_848_123)
    assert second.statement == "select email from crm.customers"
    assert (unified.user, unified.verb, unified.tables) == ("ALICE", "SELECT", ("crm.customers",))


def test_syslog_without_a_year_takes_the_kafka_time():
    text = (
        next(iter(read_records(SAMPLES / SYSLOG)))
        .decode()
        .replace("2026-11-22T03:57:28.123456+00:00", "Nov 22 03:57:28")
    )
    assert decode_one(text).time_ms == PRODUCED_MS


def test_xml_of_rds():
    first, failed = outcomes_of(XML)[:2]
    assert (first.user, first.instance, first.time_ms) == ("ALICE", "crm-1", 1_795_319_848_288)
    assert first.statement == "select email from crm.customers where id < ? and last_name = ?"
    assert (failed.error, failed.tables, failed.statement) == (
        "ORA-00942",
        ("crm.salaries",),
        "select * from crm.salaries",
    )


def test_an_entry_that_is_cut_off_is_read_as_far_as_it_goes():
    text = f"{DATE}LENGTH: '300'\n{field('DATABASE USER', 'ALICE')} ACTION :[5000] 'select email from crm.customers where a = 'Win"
    activity = decode_one(text)
    assert (activity.user, activity.tables, activity.columns_known) == ("ALICE", ("crm.customers",), False)
    assert b"Win" not in msgspec.json.encode(activity)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{DATE}LENGTH : '9'\nACTION :[3] 'select email from t'", "malformed_audit"),
        (f"{DATE}LENGTH : '9'\nACTION :[8] 'select 1'", "missing_user"),
        ("ACTION :[8] 'select 1'", "partial_line"),
        ('LENGTH: "361"', "partial_line"),
        ("DATABASE USER:[1] '/'", "partial_line"),
        ("<AuditRecord><Action>3</Action></AuditRecord>", "missing_user"),
        ("<AuditRecord></AuditRecord>", "administration"),
    ],
)
def test_entries_that_cannot_be_read(text, reason):
    assert decode_one(text).reason == reason


_TEXT = st.text(alphabet=st.sampled_from("aä\n' :[]1\"#01DATABSEUR"), max_size=40)


@given(_TEXT, st.integers(0, 30))
def test_no_statement_passes_for_another_field(text, length):
    forged = f"{text}' DATABASE USER:[{length}] 'MALLORY'\nDATABASE USER:[7] 'MALLORY"
    assert decode_one(entry(f"select email from t {forged}")).user == "ALICE"


@given(st.text(max_size=60), st.integers(0, 9999))
def test_damaged_text_is_never_a_defect(text, length):
    for value in (
        f"{DATE}LENGTH: '1'\nACTION :[{length}] '{text}",
        f"<AuditRecord>{text}",
        f"{DATE}LENGTH: '1' {text}",
    ):
        assert all(getattr(o, "reason", "") != "internal_error" for o in decode(value.encode("utf-8", "replace")))


@given(damaged(objects_of(IBM, ROWS, XML)))
def test_a_damaged_record_is_never_a_defect(record):
    assert all(getattr(o, "reason", "") != "internal_error" for o in decode(record))
