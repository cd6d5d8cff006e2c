"""Snowflake: QUERY_HISTORY and ACCESS_HISTORY, apart and joined, in any case of keys."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.activity import Activity, Ignored, RawRecord, Rejected, RowsQuality
from streamguard.sources import Decoder, read_records
from streamguard.sources.assemble import Assembler

SAMPLES = Path(__file__).parents[2] / "samples" / "snowflake"
JOINED = "derived-from-docs-joined.ndjson"
APART = "derived-from-docs-queryhistory-fields.ndjson"
ACCESS = "derived-from-docs-accesshistory.ndjson"

EXPECTED = {
    ACCESS: {"snowflake": 2},
    APART: {"snowflake": 2},
    JOINED: {"snowflake": 6, "running": 1, "connection": 1},
    "panther-datatransferhistory.ndjson": {"transfer_total": 2},
    "panther-loginhistory.ndjson": {"connection": 11, "disconnection": 1},
    "panther-queryhistory.ndjson": {"snowflake": 6},
}


def outcomes_of(name):
    decoder = Decoder()
    return [
        outcome
        for offset, value in enumerate(read_records(SAMPLES / name))
        for outcome in decoder.decode(RawRecord("audit", 0, 0, offset, 1_795_400_000_000, value))
    ]


def decode(row, **more):
    [outcome] = Decoder().decode(RawRecord("audit", 0, 0, 0, 1_795_400_000_000, orjson.dumps(row | more)), "snowflake")
    return outcome


ROW = orjson.loads(next(read_records(SAMPLES / JOINED)))
QUERY = {key: value for key, value in ROW.items() if "OBJECTS" not in key}


def test_every_file_is_tested():
    assert {path.name for path in SAMPLES.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_outcomes_are_accounted_for(name):
    tally = Counter(o.source if isinstance(o, Activity) else o.reason for o in outcomes_of(name))
    assert tally == EXPECTED[name]


def test_a_joined_row_is_a_complete_statement():
    activity = outcomes_of(JOINED)[0]
    assert (activity.user, activity.database, activity.session) == ("JOE", "CRM", "28004041468657711")
    assert (activity.client, activity.application) == ("10.1.2.3", "DBeaver_DBeaverUltimate")
    assert (activity.query_tag, activity.time_ms, activity.duration_ms) == ("ticket-4711", 1_795_341_600_000, 1000.0)
    assert (activity.statement_key, activity.complete, activity.part) == ("/01ac-1", True, None)
    assert (activity.verb, activity.export, activity.error) == ("SELECT", None, None)
    assert activity.tables == ("public.customers",)
    assert (activity.rows, activity.rows_quality, activity.bytes) == (1, RowsQuality.EXACT, 412)
    assert "4711" not in activity.statement


def test_the_text_tells_columns_that_only_filter_apart():
    # ACCESS_HISTORY lists ID too: it decided which rows left.
    activity = outcomes_of(JOINED)[0]
    assert [column.rpartition(".")[2] for column in activity.columns] == ["email"]
    assert activity.columns_known


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("select email from customers", {"email"}),
        ("select email from crm.public.customers", {"email"}),
        ("select 1", {"email", "id"}),
        ("select id from identifier('customers')", {"email", "id"}),
        ("select total from orders", {"email", "id"}),
    ],
)
def test_a_text_that_does_not_name_what_was_read_does_not_overrule_the_log(text, columns):
    activity = decode(ROW, QUERY_TEXT=text)
    assert {column.rpartition(".")[2] for column in activity.columns} == columns


def test_behind_a_view_the_log_tells_the_base_columns():
    activity = outcomes_of(JOINED)[1]
    assert activity.tables == ("public.customers", "public.v_contact")
    assert activity.columns == ("public.customers.email", "public.customers.phone")
    assert activity.columns_known
    assert (activity.rows, activity.time_ms) == (5000, 1_795_341_660_000)


def test_ctas_counts_the_rows_it_stored_and_is_an_export():
    activity = outcomes_of(JOINED)[3]
    assert (activity.export, activity.rows, activity.rows_quality) == ("create_table_as", 5000, RowsQuality.PRODUCED)
    assert activity.bytes is None
    # The text names another database than the session's, and for one of the tables only.
    assert activity.database is None


def test_a_failure_carries_its_sqlstate_and_no_count():
    activity = outcomes_of(JOINED)[4]
    assert (activity.error, activity.rows, activity.rows_quality) == ("42000", None, RowsQuality.UNKNOWN)


def test_a_truncated_list_of_columns_is_not_known():
    activity = outcomes_of(JOINED)[5]
    assert (activity.tables, activity.columns, activity.columns_known) == (
        ("public.customers", "public.orders"),
        (),
        False,
    )
    assert (activity.database, activity.part) == (None, "access")


def test_changes_count_what_they_changed():
    activity = outcomes_of(JOINED)[7]
    assert (activity.rows, activity.rows_quality) == (12, RowsQuality.AFFECTED)


def test_the_parts_of_a_statement_share_its_key():
    query, access = outcomes_of(APART)[0], outcomes_of(ACCESS)[1]
    assert query.statement_key == access.statement_key == "/01ac58cc-0504-85a9-0063-7d8700045190"
    assert (query.part, access.part) == ("query", "access")
    assert (query.complete, access.complete) == (False, False)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_parts_become_one_statement_in_either_order(order):
    parts = [outcomes_of(APART)[0], outcomes_of(ACCESS)[1]]
    assembler = Assembler()
    for offset, index in enumerate(order):
        origin = parts[index].origin._replace(offset=offset)
        assembler.feed(msgspec.structs.replace(parts[index], origin=origin))
    [statement] = assembler.take()
    assert (statement.rows, statement.rows_quality, statement.records) == (84_000, RowsQuality.EXACT, 2)
    assert {"public.customers", "public.v_contact"} == set(statement.tables)
    assert {"public.customers.email", "public.customers.phone"} <= set(statement.columns)
    assert (statement.database, statement.export) == ("CRM", "unload")


def test_an_unload_is_counted_by_what_it_unloaded():
    query = outcomes_of(APART)[0]
    assert (query.rows, query.rows_quality, query.bytes) == (84_000, RowsQuality.EXACT, None)
    assert query.export is not None


def test_access_to_a_stage_is_an_export():
    joe, lex = outcomes_of(ACCESS)
    assert (joe.export, joe.tables, joe.columns, joe.database) == (
        None,
        ("tables.t1",),
        ("tables.t1.content",),
        "GOVERNANCE",
    )
    assert (lex.export, lex.rows, lex.rows_quality) == ("unload", None, RowsQuality.UNBOUNDED)


def test_panther_rows_without_a_query_id_stand_alone():
    get = outcomes_of("panther-queryhistory.ndjson")[0]
    assert (get.user, get.time_ms, get.instance) == ("CLARK_KENT", 1_728_502_686_158, "SF-Ben")
    assert (get.statement_key, get.complete) == (str(get.origin), True)
    assert (get.export, get.rows, get.rows_quality) == ("unload", None, RowsQuality.UNBOUNDED)


@pytest.mark.parametrize("change", [str.upper, str.lower, str.title])
def test_the_case_of_keys_does_not_matter(change):
    assert decode({change(key): value for key, value in ROW.items()}) == decode(ROW)


@pytest.mark.parametrize(
    ("counts", "rows", "quality", "bytes_out"),
    [
        ({"QUERY_TYPE": "SELECT", "ROWS_PRODUCED": 7, "ROWS_WRITTEN_TO_RESULT": None}, 7, "exact", 412),
        ({"QUERY_TYPE": "SELECT", "ROWS_PRODUCED": 7.0, "ROWS_WRITTEN_TO_RESULT": "9"}, 9, "exact", 412),
        ({"QUERY_TYPE": "SELECT", "ROWS_PRODUCED": 0, "ROWS_WRITTEN_TO_RESULT": 0}, 0, "exact", 412),
        ({"QUERY_TYPE": "SELECT", "ROWS_PRODUCED": None, "ROWS_WRITTEN_TO_RESULT": None}, None, "unknown", 412),
        ({"QUERY_TYPE": "INSERT", "ROWS_WRITTEN_TO_RESULT": 1, "ROWS_INSERTED": 40}, 40, "affected", None),
        ({"QUERY_TYPE": "MERGE", "ROWS_INSERTED": 40, "ROWS_UPDATED": 2}, 42, "affected", None),
        ({"QUERY_TYPE": "INSERT", "ROWS_WRITTEN_TO_RESULT": 1, "ROWS_PRODUCED": 40}, 40, "affected", None),
        ({"QUERY_TYPE": "UNLOAD", "ROWS_UNLOADED": 0, "ROWS_PRODUCED": 0}, None, "unbounded", None),
        ({"QUERY_TYPE": "UNLOAD", "ROWS_UNLOADED": 8, "OUTBOUND_DATA_TRANSFER_BYTES": 99}, 8, "exact", 99),
        ({"QUERY_TYPE": "UNLOAD", "ROWS_UNLOADED": 8, "BYTES_WRITTEN": 77}, 8, "exact", 77),
        ({"QUERY_TYPE": "GET_FILES", "ROWS_PRODUCED": 3}, None, "unbounded", None),
        ({"QUERY_TYPE": "LIST_FILES", "ROWS_PRODUCED": 3}, None, "unknown", None),
        ({"QUERY_TYPE": "CREATE_TABLE", "ROWS_PRODUCED": 1}, None, "unknown", None),
        ({"QUERY_TYPE": "EXPLAIN", "ROWS_PRODUCED": 9}, None, "unknown", None),
        ({"QUERY_TYPE": None, "ROWS_PRODUCED": 5}, 5, "exact", 412),
    ],
)
def test_what_a_count_is_worth(counts, rows, quality, bytes_out):
    without = {key: value for key, value in QUERY.items() if not key.startswith("ROWS_")}
    activity = decode(without, **counts)
    assert (activity.rows, activity.rows_quality, activity.bytes) == (rows, RowsQuality(quality), bytes_out)


@pytest.mark.parametrize(
    "state",
    [
        {"END_TIME": "1970-01-01 00:00:00.000 Z"},
        {"END_TIME": "1969-12-31 16:00:00.000 -0800"},
        {"END_TIME": 0},
        {"EXECUTION_STATUS": "RUNNING"},
        {"EXECUTION_STATUS": "queued"},
    ],
)
def test_statements_that_still_run_are_ignored(state):
    outcome = decode(QUERY, **state)
    assert isinstance(outcome, Ignored)
    assert outcome.reason == "running"


@pytest.mark.parametrize(
    ("time", "milliseconds"),
    [
        ("2026-11-22 10:00:00.101 +0100", 1_795_338_000_101),
        ("2026-11-22T10:00:00.101Z", 1_795_341_600_101),
        ("2026-11-22 10:00:00.101000000", 1_795_341_600_101),
        (1_795_341_600_101, 1_795_341_600_101),
        ("1795341600.101000000", 1_795_341_600_101),
        (1_795_341_600, 1_795_341_600_000),
        (1_795_341_600_101_000_000, 1_795_341_600_101),
    ],
)
def test_times_of_every_driver(time, milliseconds):
    assert decode(QUERY, START_TIME=time).time_ms == milliseconds


@pytest.mark.parametrize(
    ("text", "database", "tables"),
    [
        ("select * from customers", "CRM", ("public.customers",)),
        ("select * from crm.public.customers", "CRM", ("public.customers",)),
        ("select * from hr.public.staff", "hr", ("public.staff",)),
        ("select * from hr.public.staff join customers using (id)", None, ("public.customers", "public.staff")),
    ],
)
def test_the_database_is_that_of_the_tables_and_not_of_the_session(text, database, tables):
    activity = decode(QUERY, QUERY_TEXT=text)
    assert (activity.database, activity.tables) == (database, tables)


@pytest.mark.parametrize(("field", "reason"), [("USER_NAME", "missing_user"), ("START_TIME", "invalid_time")])
def test_what_cannot_be_read_is_rejected(field, reason):
    outcome = decode(QUERY, **{field: "" if field == "USER_NAME" else "soon UTC"})
    assert isinstance(outcome, Rejected)
    assert outcome.reason == reason


def test_quoted_names_keep_their_dots():
    listed = [{"objectDomain": "Table", "objectName": 'CRM."my.schema"."a""b"', "columns": [{"columnName": "E"}]}]
    activity = decode(ROW, BASE_OBJECTS_ACCESSED=listed, DIRECT_OBJECTS_ACCESSED=[], QUERY_TEXT=None)
    assert (activity.tables, activity.columns, activity.database) == (
        ('my.schema.a"b',),
        ('my.schema.a"b.e',),
        "CRM",
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(ROW)), JSON, max_size=6))
def test_no_row_raises(changes):
    raw = RawRecord("audit", 0, 0, 0, None, orjson.dumps(ROW | {k: v for k, v in changes.items() if _fits(v)}))
    for outcome in Decoder().decode(raw):
        assert getattr(outcome, "reason", "") != "internal_error"


def _fits(value):
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return False
    return True
