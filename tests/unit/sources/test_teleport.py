"""Teleport: the human behind the account, and results that join what they answer."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from reading import SAMPLES, damaged, decode, decode_one, merged, objects_of, outcomes_of, tally, told

EVENTS = "teleport/derived-events.ndjson"
QUERY = objects_of(EVENTS)[1]


def read(**changes):
    return decode_one(QUERY | changes)


def test_every_file_is_tested():
    assert {f"teleport/{path.name}" for path in (SAMPLES / "teleport").iterdir()} == {EVENTS}


def test_outcomes_are_accounted_for():
    assert tally(outcomes_of(EVENTS)) == {"teleport": 12, "connection": 1, "disconnection": 1, "administration": 1}


def test_a_query_is_its_humans():
    assert told(outcomes_of(EVENTS)[1]) == {
        "time_ms": 1_795_319_848_880,
        "source": "teleport",
        "user": "alice.smith",
        "statement_key": "crm-prod/307b49d6-56c7-4d20-8cf0-5bc5348a7101/1",
        "instance": "crm-prod",
        "database": "crm",
        "session": "307b49d6-56c7-4d20-8cf0-5bc5348a7101",
        "verb": "SELECT",
        "statement": "select email from customers where region = ?",
        "tables": ("customers",),
        "columns": ("customers.email",),
        "columns_known": True,
        "filters": ("customers.region",),
        "part": "query",
    }
    assert b"readonly" not in msgspec.json.encode(outcomes_of(EVENTS)[1])


def test_results_join_their_statements():
    statements = merged(outcomes_of(EVENTS))
    assert [(s.records, s.rows, s.error, s.tables) for s in statements] == [
        (2, 4500, None, ("customers",)),
        (2, 0, "42703", ("customers",)),
        (1, None, "failure", ("salaries",)),
        (3, 1, None, ("customers",)),  # parse, execute, result
        (1, None, None, ()),
        (2, None, None, ("customers",)),
        (1, None, None, ("dbo.customers",)),
    ]
    assert statements[0].rows_quality == "exact"
    assert all(s.columns_known for s in statements if s.statement is not None)


@pytest.mark.parametrize("protocol", ["mongodb", "redis", "dynamodb", "elasticsearch", "opensearch", "", "new"])
def test_texts_that_are_no_sql_are_not_read(protocol):
    activity = read(db_protocol=protocol, db_query='OpMsg(Body={"find": "c", "filter": {"name": "Winter"}})')
    assert activity.statement is None
    assert b"Winter" not in msgspec.json.encode(activity)


@pytest.mark.parametrize("value", [b"Winter", b"4711", b"51000", b"access denied"])
def test_parameters_and_messages_are_not_read(value):
    assert all(value not in msgspec.json.encode(outcome) for outcome in outcomes_of(EVENTS))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"event": "db.session.sqlserver.rpc_request", "proc_name": "dbo.find", "parameters": ["x"]}, "execute dbo.find"),
        ({"event": "db.session.spanner.rpc", "db_protocol": "spanner", "args": {"sql": "select a from t"}}, "select a from t"),
        ({"event": "db.session.cassandra.execute", "db_protocol": "cassandra", "query": "select a from t"}, "select a from t"),
    ],
)  # fmt: skip
def test_statements_of_other_protocols(changes, expected):
    assert read(**({"db_query": None} | changes)).statement == expected


def test_failures():
    assert read(event="db.session.query.failed").error == "failure"
    assert read(success=False, error="ERROR: x (SQLSTATE 42501)").error == "42501"
    assert read(event="db.session.result", status={"success": False, "error": "x"}).error == "failure"


def test_where_the_human_came_from():
    assert [read(**{"addr.remote": a}).client for a in ("10.0.0.1:5", "[::1]:5", None)] == ["10.0.0.1", "::1", None]


@pytest.mark.parametrize("event", ["db.session.malformed_packet", "db.session.user.create", "db.session.mysql.debug"])
def test_other_events_of_sessions_are_ignored(event):
    assert read(event=event).reason == "administration"


def test_events_of_other_sessions_are_left_to_others():
    assert read(event="session.start").reason == "unknown_format"


@pytest.mark.parametrize(("changes", "reason"), [({"user": ""}, "missing_field"), ({"time": "x"}, "invalid_time")])
def test_events_that_cannot_be_read(changes, reason):
    assert read(**changes).reason == reason


def test_an_event_without_its_number_stands_alone():
    assert read(ei=None).complete
    assert read(ei=None).statement_key.startswith("audit[0]")


@given(damaged(objects_of(EVENTS)))
def test_a_damaged_event_is_never_a_defect(record):
    assert all(getattr(o, "reason", "") != "internal_error" for o in decode(record))
