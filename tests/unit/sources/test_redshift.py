"""Amazon Redshift: the user activity log, and SYS_QUERY_HISTORY."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.activity import Activity, RawRecord, Rejected, RowsQuality
from streamguard.sources import Decoder, read_records

SAMPLES = Path(__file__).parents[2] / "samples" / "redshift"
HISTORY = "derived-from-docs-sys-query-history.ndjson"
LINES = "derived-from-docs-useractivity.log"

EXPECTED = {
    HISTORY: {"redshift.history": 6, "running": 1},
    "ibm-guardium-connectionlog.log": {"connection": 1},
    # Without its prefix a statement names nobody.
    "ibm-guardium-useractivitylog-bodies-only.log": {"unknown_format": 24},
    "ibm-guardium-useractivitylog-full.log": {"redshift.useractivity": 1},
    LINES: {"redshift.useractivity": 2, "maintenance": 1, "no_user": 1},
}


def decode(value, name=None):
    [outcome] = Decoder().decode(RawRecord("audit", 0, 0, 0, 1_795_400_000_000, value), name)
    return outcome


def outcomes_of(name):
    return [decode(value) for value in read_records(SAMPLES / name)]


ROW = orjson.loads(next(read_records(SAMPLES / HISTORY)))
LINE = b"'2026-11-22T10:00:00Z UTC [ db=dev user=ann pid=7 userid=104 xid=9 ]' LOG: "


def test_every_file_is_tested():
    assert {path.name for path in SAMPLES.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_outcomes_are_accounted_for(name):
    tally = Counter(o.source if isinstance(o, Activity) else o.reason for o in outcomes_of(name))
    assert tally == EXPECTED[name]


def test_a_line_of_the_user_activity_log():
    [activity] = outcomes_of("ibm-guardium-useractivitylog-full.log")
    assert (activity.user, activity.database, activity.session) == ("meenakshi", "dev", "pid:1073979586")
    assert (activity.time_ms, activity.complete, activity.verb) == (1_646_900_162_000, True, "SELECT")
    assert activity.statement == "select * from demo where connectors = ?"
    assert (activity.tables, activity.columns, activity.columns_known) == (("demo",), ("demo.*",), True)
    assert (activity.rows, activity.rows_quality) == (None, RowsQuality.UNKNOWN)
    assert (activity.client, activity.application) == (None, None)


def test_a_statement_goes_on_over_lines():
    for activity in (outcomes_of(LINES)[2], decode(LINE + b"select email,\nphone\nfrom crm.customers\n")):
        assert activity.statement == "select email, phone from crm.customers"


@pytest.mark.parametrize(
    "text",
    [
        b"unload ('select email from crm.customers where name = ''Ann''') to 's3://out/'",
        b"UNLOAD( 'select email from crm.customers where name = \\'Ann\\'' )\nTO 's3://out/'",
        b"unload ($$select email from crm.customers where name = 'Ann'$$) to 's3://out/'",
        b"/* job 7 */ unload ($q$select email from crm.customers$q$) to 's3://out/'",
    ],
)
def test_the_query_inside_of_an_unload_is_read_and_does_not_leave(text):
    activity = decode(LINE + text)
    assert (activity.verb, activity.export, activity.tables) == ("UNLOAD", "unload", ("crm.customers",))
    assert [column.rpartition(".")[2] for column in activity.columns] == ["email"]
    assert (activity.columns_known, activity.rows_quality) == (True, RowsQuality.UNBOUNDED)
    assert "ann" not in activity.statement.lower()


@pytest.mark.parametrize(
    "value",
    [LINE[:60], LINE.replace(b"userid=104 ", b""), LINE.replace(b"LOG:", b"")],
)
def test_a_damaged_line_is_rejected(value):
    outcome = decode(value)
    assert isinstance(outcome, Rejected)
    assert outcome.reason == "malformed_audit"


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("authenticated", "connection"),
        ("set application_name", "connection"),
        ("disconnecting session", "disconnection"),
    ],
)
def test_the_connection_log_beside_it_is_understood(event, reason):
    line = f"{event} |Sun, 22 Nov 2026 10:00:04:766|::ffff:10.1.2.3 |1224 |7|dev |ann |password |0|TLSv1.2"
    assert decode(line.encode()).reason == reason


def test_a_row_of_the_history():
    activity = outcomes_of(HISTORY)[0]
    assert (activity.user, activity.database, activity.session) == ("ann", "dev", "pid:1073979586")
    assert (activity.client, activity.application, activity.query_tag) == ("10.1.2.3", "DBeaver", None)
    assert (activity.time_ms, activity.duration_ms) == (1_795_341_600_123, 2000.0)
    assert (activity.statement_key, activity.complete) == ("/1", True)
    assert (activity.rows, activity.rows_quality, activity.bytes) == (1, RowsQuality.EXACT, 21)
    assert activity.tables == ("crm.customers",)
    assert "4711" not in activity.statement


def test_an_unload_returns_nothing_to_the_client_and_still_exports():
    upper, counted = outcomes_of(HISTORY)[1:3]
    assert (upper.export, upper.rows, upper.rows_quality) == ("unload", None, RowsQuality.UNBOUNDED)
    assert upper.tables == ("crm.customers",)
    assert (counted.rows, counted.rows_quality) == (5000, RowsQuality.EXACT)
    assert (counted.tables, counted.columns) == (("crm.customers",), ("crm.customers.*",))


def test_zero_is_no_count_of_what_failed_or_wrote():
    failed, inserted = outcomes_of(HISTORY)[4:6]
    assert (failed.error, failed.rows, failed.rows_quality) == ("failure", None, RowsQuality.UNKNOWN)
    assert (inserted.rows, inserted.query_tag) == (None, "nightly")


def test_without_the_join_the_user_is_a_number():
    fetched = outcomes_of(HISTORY)[6]
    assert (fetched.user, fetched.client, fetched.application) == ("104", None, None)
    assert (fetched.export, fetched.rows) == ("cursor", 1000)


def test_a_text_that_was_cut_does_not_tell_all_columns():
    text = "select email from crm.customers where id in (1)" + " " * 5 + "or 1 = 1 " * 500
    assert decode(orjson.dumps(ROW | {"query_text": text[:3_999]})).columns_known
    assert not decode(orjson.dumps(ROW | {"query_text": text[:4_000].ljust(4_000, "1")})).columns_known


@given(st.text(max_size=300))
def test_no_line_raises(text):
    for outcome in Decoder().decode(RawRecord("audit", 0, 0, 0, None, LINE + text.encode("utf-8", "replace"))):
        assert getattr(outcome, "reason", "") != "internal_error"


@given(
    st.dictionaries(
        st.sampled_from(sorted(ROW)), st.none() | st.integers(-(2**63), 2**64 - 1) | st.text() | st.booleans()
    )
)
def test_no_row_raises(changes):
    for outcome in Decoder().decode(RawRecord("audit", 0, 0, 0, None, orjson.dumps(ROW | changes))):
        assert getattr(outcome, "reason", "") != "internal_error"
