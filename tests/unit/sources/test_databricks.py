"""Databricks: the audit log of every carrier, and the query history."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.activity import Activity, Ignored, RawRecord, Rejected, RowsQuality
from streamguard.sources import Decoder, read_records

SAMPLES = Path(__file__).parents[2] / "samples" / "databricks"
AUDIT = "derived-from-docs-audit-system-table.ndjson"
HISTORY = "derived-from-docs-query-history.ndjson"
AZURE = "ibm-guardium-azure-diagnostic.ndjson"
PANTHER = "panther-audit.ndjson"

EXPECTED = {
    AUDIT: {
        "databricks.audit": 11,
        "statement_end": 1,
        "dry_run": 1,
        "administration": 1,
        "disconnection": 1,
        "missing_user": 1,
    },
    HISTORY: {"databricks.history": 4},
    AZURE: {"databricks.audit": 6, "connection": 2},
    PANTHER: {"databricks.audit": 1, "connection": 14, "administration": 85},
}


def decode(value):
    [outcome] = Decoder().decode(RawRecord("audit", 0, 0, 0, 1_795_400_000_000, value))
    return outcome


def outcomes_of(name):
    return [decode(value) for value in read_records(SAMPLES / name)]


def record(name, index):
    return orjson.loads(list(read_records(SAMPLES / name))[index])


def test_every_file_is_tested():
    assert {path.name for path in SAMPLES.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_outcomes_are_accounted_for(name):
    tally = Counter(o.source if isinstance(o, Activity) else o.reason for o in outcomes_of(name))
    assert tally == EXPECTED[name]


def test_a_statement_of_the_system_table():
    activity = outcomes_of(AUDIT)[0]
    assert (activity.user, activity.client, activity.application) == ("ann@example.com", "10.1.2.3", "Mozilla/5.0")
    assert (activity.instance, activity.session) == ("1234567890123456", "s-1")
    assert (activity.statement_key, activity.complete) == ("1234567890123456/c-1", False)
    assert (activity.time_ms, activity.database) == (1_795_341_600_000, "main")
    assert (activity.verb, activity.tables) == ("SELECT", ("crm.customers",))
    assert (activity.rows, activity.rows_quality) == (None, RowsQuality.UNKNOWN)
    assert "4711" not in activity.statement


def test_azure_holds_texts_of_json():
    activity = outcomes_of(AZURE)[3]
    assert (activity.user, activity.instance) == ("abc@abc.com", "databrick-test")
    assert activity.session == "01f03a49-77e8-12ce-a914-5ad6d3cf3b47"
    assert activity.statement_key == "databrick-test/01f03a49-77ec-1901-9623-18fcec1c5e2c"
    assert (activity.time_ms, activity.statement) == (1_748_274_766_000, "select * from test")
    assert (activity.client, activity.application) == (None, None)


def test_every_azure_statement_has_its_text():
    activities = [o for o in outcomes_of(AZURE) if isinstance(o, Activity)]
    assert all(activity.statement for activity in activities)


def test_raw_control_characters_inside_of_inner_json_are_read():
    azure = record(AZURE, 3)
    inner = '{"commandId":"c","commandText":"select email\n\tfrom test"}'
    value = orjson.dumps(azure | {"properties": azure["properties"] | {"requestParams": inner}})
    # The same characters raw in the outer JSON, as real records have them.
    for text in (value, value.replace(rb"\n", b"\n").replace(rb"\t", b"\t")):
        assert decode(text).statement == "select email from test"


def test_camel_and_snake_case_are_the_same():
    snake = record(AUDIT, 0)
    names = {
        "event_time": "timestamp",
        "workspace_id": "workspaceId",
        "service_name": "serviceName",
        "action_name": "actionName",
        "source_ip_address": "sourceIPAddress",
        "user_agent": "userAgent",
        "session_id": "sessionId",
        "request_params": "requestParams",
        "user_identity": "userIdentity",
        "request_id": "requestId",
    }
    camel = {names.get(key, key): value for key, value in snake.items()} | {"timestamp": 1_795_341_600_000}
    assert decode(orjson.dumps(camel)) == outcomes_of(AUDIT)[0]


def test_a_failed_end_carries_the_error_to_its_statement():
    finished = outcomes_of(AUDIT)[2]
    assert (finished.error, finished.statement_key) == ("42501", "1234567890123456/c-2")
    assert (finished.tables, finished.statement) == ((), None)


def test_cells_of_notebooks_are_read_if_they_are_sql():
    sql, python = outcomes_of(AUDIT)[3:5]
    assert (sql.statement, sql.duration_ms) == ("select email from crm.customers", 13_789.0)
    assert (python.statement, python.error, python.duration_ms) == (None, "failure", 2000.0)


@pytest.mark.parametrize(
    ("text", "language", "is_read"),
    [
        ("with a as (select 1) select * from a", None, True),
        ("-- comment\n/* more */ select 1", None, True),
        ("with open('x') as f: pass", None, False),
        ("df = spark.sql('select email from customers')", None, False),
        ("select 1", "python", False),
        ("show tables", "sql", True),
        ("%sql", None, False),
        ("%python\nselect = 1", None, False),
        (" " * 30_000 + "x", None, False),
    ],
)
def test_code_is_no_statement(text, language, is_read):
    cell = record(AUDIT, 3)
    parameters = cell["request_params"] | {"commandText": text, "commandLanguage": language}
    activity = decode(orjson.dumps(cell | {"request_params": parameters}))
    assert (activity.statement is not None) == is_read


@pytest.mark.parametrize("place", [(AUDIT, 6), (AUDIT, 7), (PANTHER, 32)])
def test_downloads_are_exports_of_what_they_do_not_say(place):
    name, index = place
    activity = outcomes_of(name)[index]
    assert (activity.verb, activity.export, activity.tables) == ("DOWNLOAD", "download", ())
    assert (activity.complete, activity.rows_quality) == (True, RowsQuality.UNBOUNDED)


def test_credentials_are_reads_of_own_compute_and_exports_elsewhere():
    own, outside, volume = outcomes_of(AUDIT)[8:11]
    assert (own.export, own.tables, own.database) == (None, ("crm.customers",), "main")
    assert (outside.export, outside.tables) == ("credential", ("crm.odd.name",))
    assert (volume.export, volume.tables, volume.rows_quality) == (
        "credential",
        ("crm.exports",),
        RowsQuality.UNBOUNDED,
    )
    assert not own.columns_known


def test_the_recipient_of_a_share_is_the_user():
    shared = outcomes_of(AUDIT)[11]
    assert (shared.user, shared.export, shared.tables) == ("partner", "delta_sharing", ("crm.customers",))
    assert (shared.columns, shared.columns_known) == (("crm.customers.*",), True)


def test_who_runs_as_a_service_principal_is_told():
    activity = outcomes_of(AUDIT)[15]
    assert (activity.user, activity.proxy_user) == ("sp-1", "ann@example.com")
    # Only one of the tables is named with its catalogue.
    assert (activity.database, activity.tables) == (None, ("crm.customers", "crm.staff"))


def test_a_row_of_the_query_history():
    activity = outcomes_of(HISTORY)[0]
    assert (activity.user, activity.application) == ("ann@example.com", "Databricks SQL Editor")
    # The same key as in the audit log.
    assert activity.statement_key == outcomes_of(AUDIT)[0].statement_key
    assert (activity.complete, activity.time_ms, activity.duration_ms) == (True, 1_795_341_600_000, 1500.0)
    assert (activity.rows, activity.rows_quality, activity.bytes) == (1, RowsQuality.EXACT, 104_000)
    assert (activity.database, activity.tables, activity.query_tag) == ("main", ("crm.customers",), "team:support")


def test_writes_affect_and_run_as_somebody():
    inserted = outcomes_of(HISTORY)[1]
    assert (inserted.rows, inserted.rows_quality) == (5000, RowsQuality.AFFECTED)
    assert (inserted.user, inserted.proxy_user) == ("etl", "ann@example.com")


def test_zero_is_no_count_of_what_was_cached_or_failed():
    cached, failed = outcomes_of(HISTORY)[2:4]
    assert (cached.rows, cached.statement) == (None, None)
    assert (failed.rows, failed.error) == (None, "42S02")


def test_without_a_user_a_statement_is_rejected():
    outcome = outcomes_of(AUDIT)[14]
    assert isinstance(outcome, Rejected)
    assert outcome.reason == "missing_user"


def test_no_path_and_no_token_leaves():
    for name in EXPECTED:
        for outcome in outcomes_of(name):
            assert "alice@example.com" not in repr(outcome)
            assert "kfhjgjfhdgjkdh39284783297423943hejhfkdsfh39" not in repr(outcome)


KEYS = sorted({key for index in (0, 3, 9, 11) for key in record(AUDIT, index)["request_params"]})
VALUES = st.none() | st.booleans() | st.integers(-3, 2**60) | st.text(alphabet="ab.`%{1", max_size=9)


@given(st.integers(0, 15), st.dictionaries(st.sampled_from(KEYS), VALUES), VALUES)
def test_no_record_raises(index, parameters, identity):
    base = record(AUDIT, index)
    value = orjson.dumps(base | {"request_params": parameters, "user_identity": identity})
    [outcome] = Decoder().decode(RawRecord("audit", 0, 0, 0, None, value))
    assert isinstance(outcome, Activity | Ignored | Rejected)
    assert getattr(outcome, "reason", "") != "internal_error"
