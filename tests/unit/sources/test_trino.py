"""Trino's and PrestoDB's events: created and completed, masks, and columns that only decide."""

from __future__ import annotations

import pytest
from hypothesis import given
from reading import SAMPLES, damaged, decode, decode_one, merged, objects_of, outcomes_of, tally, told

from streamguard.activity import Activity

IBM = "trino/ibm-guardium-event-listener.ndjson"
COMPLETED = "trino/bloomberg-query-completed.ndjson"
KAFKA = "trino/derived-kafka-envelope.ndjson"
DERIVED = "trino/derived-presto-and-created.ndjson"
EXPECTED = {
    IBM: {"trino.event": 3},
    COMPLETED: {"trino.event": 1},
    KAFKA: {"trino.event": 1},
    DERIVED: {"presto.event": 1, "statement_start": 2},
}
CREATED = objects_of(DERIVED)[2]
EVENT = {
    "createTime": "2026-11-22T03:57:28.000Z",
    "endTime": "2026-11-22T03:57:30.500Z",
    "context": {"user": "alice", "principal": "alice", "queryType": "SELECT", "serverAddress": "coordinator"},
    "metadata": {
        "queryId": "20261122_035728_00001_abcde",
        "query": "select email from crm.customers where last_name = 'Winter'",
        "queryState": "FINISHED",
        "tables": [
            {
                "catalog": "hive",
                "schema": "crm",
                "table": "customers",
                "columns": [{"column": "email"}, {"column": "last_name"}],
            }
        ],
    },
    "statistics": {"outputRows": 120, "outputBytes": 4800, "writtenRows": 0},
}


def read(context=(), metadata=(), statistics=(), **changes):
    event = EVENT | changes
    for name, more in (("context", context), ("metadata", metadata), ("statistics", statistics)):
        event = event | {name: EVENT[name] | dict(more)}
    return decode_one(event)


def relation(columns, table="customers", **more):
    return {"catalog": "hive", "schema": "crm", "table": table, "columns": columns} | more


def test_every_file_is_tested():
    assert {f"trino/{path.name}" for path in (SAMPLES / "trino").iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_outcomes_are_accounted_for(name):
    assert tally(outcomes_of(name)) == EXPECTED[name]


def test_a_completed_query():
    [activity] = outcomes_of(COMPLETED)
    assert told(activity) == {
        "time_ms": 1_626_773_734_000,
        "source": "trino.event",
        "user": "test-user",
        "statement_key": "localhost/20210720_093342_00012_pzafy",
        "complete": True,
        "instance": "localhost",
        "database": "postgresql",
        "client": "127.0.0.1",
        "application": "datalake-cli",
        "verb": "SELECT",
        "statement": "select * from table",
        "tables": ("test-schema.test-table-1", "test-schema.test-table-2"),
        "columns": (
            "test-schema.test-table-1.test-column-1_1",
            "test-schema.test-table-1.test-column-1_2",
            "test-schema.test-table-2.test-column-2_1",
        ),
        "columns_known": True,
        "rows": 160_908,
        "rows_quality": "exact",
        "bytes": 9_019_074,
        "duration_ms": 112_000.0,
        "part": "completed",
    }


def test_the_kafka_listener_says_the_same_as_the_http_listener():
    assert [told(a) for a in outcomes_of(KAFKA)] == [told(a) for a in outcomes_of(COMPLETED)]


def test_events_of_the_http_listener_without_statistics():
    first, second, third = outcomes_of(IBM)
    assert {a.user for a in (first, second, third)} == {"trino"}
    assert (first.client, first.application, first.database) == ("127.0.0.1", "trino-cli", "hive")
    assert first.tables == ("my_database1.test_table",)
    assert first.columns[0] == "my_database1.test_table.city"
    assert (first.rows, first.rows_quality, first.complete, first.part) == (None, "unknown", False, "created")
    assert second.time_ms == 1_749_153_009_000  # no time of its own: that of its id
    assert (second.tables, second.columns) == (("test_db.test_table",), ("test_db.test_table.*",))
    assert (third.verb, third.error, third.columns) == ("INSERT", "HIVE_FILESYSTEM_ERROR", ())
    assert third.statement == "insert into hive.test_db.test_table values (?)"


def test_prestos_names():
    activity = outcomes_of(DERIVED)[0]
    assert (activity.rows, activity.bytes, activity.duration_ms) == (120, 4_800, 3_000.0)
    assert (activity.user, activity.proxy_user, activity.query_tag) == ("alice", "svc_bi", "team-a")
    assert (activity.tables, activity.columns) == (("crm.customers",), ("crm.customers.email",))


def test_a_created_event_is_not_counted_beside_the_completed_one():
    completed = EVENT | {"metadata": EVENT["metadata"] | {"queryId": CREATED["metadata"]["queryId"]}}
    assert len(merged([decode_one(CREATED), decode_one(completed)])) == 1
    assert decode_one(CREATED).reason == "statement_start"
    assert decode_one(CREATED, "trino").reason == "statement_start"
    assert decode_one({"eventPayload": CREATED, "eventMetadata": {}}).reason == "statement_start"


def test_a_topic_of_created_events_alone_is_read_on_request():
    activity = decode_one(CREATED, "trino.created")
    assert (activity.source, activity.complete, activity.rows) == ("trino.created", True, None)
    assert (activity.user, activity.tables, activity.columns) == ("alice", ("crm.customers",), ("crm.customers.email",))
    assert decode_one(EVENT, "trino.created").reason == "format_mismatch"


def test_what_looks_created_joins_the_completed_event_that_is_near():
    [first, *_] = objects_of(IBM)
    completed = first | {"endTime": "2025-06-09T18:26:42.000Z", "statistics": {"outputRows": 10}}
    [statement] = merged([decode_one(first), decode_one(completed, offset=1)])
    assert (statement.records, statement.rows, statement.rows_quality) == (2, 10, "exact")


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ([{"column": "email", "mask": "NULL"}], ()),
        ([{"column": "email", "mask": "cast('***' as varchar(10))"}], ()),
        ([{"column": "email", "mask": "substr(email, 3)"}], ("crm.customers.email",)),
        (["email"], ("crm.customers.email",)),
        ([{"column": "email"}, {"column": "last_name"}], ("crm.customers.email",)),
    ],
)
def test_columns_that_left(columns, expected):
    activity = read(metadata={"tables": [relation(columns)]})
    assert activity.columns_known is True
    assert activity.columns == expected


def test_a_star_takes_all_that_the_log_lists():
    activity = read(metadata={"query": "select * from crm.customers where last_name = 'x'"})
    assert activity.columns == ("crm.customers.email", "crm.customers.last_name")


def test_views_are_listed_with_their_tables():
    tables = [relation([{"column": "mail"}], "v_contact"), relation([{"column": "email"}])]
    activity = read(metadata={"query": "select mail from crm.v_contact", "tables": tables})
    assert activity.tables == ("crm.v_contact", "crm.customers")
    assert activity.columns == ("crm.v_contact.mail", "crm.customers.email")


def test_several_catalogs_leave_the_database_open():
    tables = [relation(["a"]), relation(["b"], "t", catalog="mysql")]
    assert read(metadata={"tables": tables}).database is None


@pytest.mark.parametrize(
    ("query", "statistics", "count"),
    [
        ("insert into t select email from crm.customers", {"outputRows": 1, "writtenRows": 4500}, (4500, "affected")),
        ("create table t as select * from c", {"outputRows": 1, "writtenRows": 4500}, (4500, "affected")),
        ("explain select email from crm.customers", {"outputRows": 1}, (None, "unknown")),
        ("select email from crm.customers", {"outputRows": 0}, (0, "exact")),
        ("select email from crm.customers", {"outputRows": None}, (None, "unknown")),
    ],
)
def test_what_the_counts_are_worth(query, statistics, count):
    activity = read(metadata={"query": query}, statistics=statistics)
    assert (activity.rows, activity.rows_quality) == count


def test_explain_shows_no_values():
    activity = read(metadata={"query": "explain select email from crm.customers"})
    assert (activity.verb, activity.columns, activity.columns_known) == ("EXPLAIN", (), True)
    assert (activity.tables, activity.bytes) == (("crm.customers",), None)


def test_rows_of_a_failed_query_are_those_until_then():
    activity = read(failureInfo={"errorCode": {"name": "USER_CANCELED"}, "failureMessage": "Winter"})
    assert (activity.rows, activity.rows_quality, activity.error) == (120, "lower_bound", "USER_CANCELED")


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("2026-11-22T03:57:30.500Z", 1_795_319_850_500),
        (1_795_319_850.5, 1_795_319_850_500),
        (1_795_319_850_500, 1_795_319_850_500),
        (None, 1_795_319_848_000),
    ],
)
def test_times_of_every_version(time, expected):
    assert read(endTime=time).time_ms == expected


@pytest.mark.parametrize(("time", "reason"), [("then", "invalid_time"), (True, "invalid_time"), (-5, "invalid_time")])
def test_a_time_that_is_none(time, reason):
    assert read(endTime=time).reason == reason


def test_a_session_that_took_another_user_names_who_logged_in():
    activity = read(context={"user": "etl", "originalUser": "alice", "principal": "alice@CORP"})
    assert (activity.user, activity.proxy_user) == ("etl", "alice")


def test_a_query_without_its_user_is_refused():
    assert read(context={"user": None}).reason == "missing_field"
    assert decode_one({"queryCompletedEvent": {}}).reason == "missing_field"


@pytest.mark.parametrize(
    "record", [{"metadata": {"queryId": "1"}}, {"context": {}, "metadata": {}}, {"eventPayload": {}}]
)
def test_what_merely_resembles_an_event_is_left_to_others(record):
    assert not isinstance(decode_one(record), Activity)
    assert decode_one(record).reason == "unknown_format"


@given(damaged([*objects_of(IBM, COMPLETED, KAFKA, DERIVED), EVENT]))
def test_a_damaged_event_is_never_a_defect(record):
    assert all(getattr(o, "reason", "") != "internal_error" for o in decode(record))
