"""OCSF Datastore Activity as the neutral format."""

from __future__ import annotations

import orjson
import pytest

from streamguard.activity import Activity, RawRecord, RowsQuality
from streamguard.sources import Decoder

EVENT = {
    "class_uid": 6005,
    "activity_id": 4,
    "time": 1_795_319_848_833,
    "status_id": 1,
    "metadata": {"version": "1.8.0", "uid": "evt-1", "product": {"name": "pgaudit"}},
    "actor": {"user": {"name": "ann"}, "session": {"uid": "s-1"}, "app_name": "crm-ui"},
    "src_endpoint": {"ip": "10.0.0.9"},
    "dst_endpoint": {"hostname": "db-1"},
    "database": {"name": "crm"},
    "table": {"name": "Public.Customers"},
    "query_info": {"uid": "q-1", "query_string": "select email from customers where id = 42", "bytes": 99},
    "duration": 12,
    "unmapped": {"rows_returned": 5},
}


def decode(**changes):
    [outcome] = Decoder().decode(RawRecord("t", 0, 0, 0, None, orjson.dumps(EVENT | changes)))
    return outcome


def test_the_fields_of_an_activity():
    activity = decode()
    assert isinstance(activity, Activity)
    assert activity.complete
    assert (activity.source, activity.time_ms, activity.user) == ("ocsf", 1_795_319_848_833, "ann")
    assert (activity.instance, activity.statement_key, activity.session) == ("db-1", "db-1/q-1", "s-1")
    assert (activity.database, activity.client, activity.application) == ("crm", "10.0.0.9", "crm-ui")
    assert (activity.tables, activity.columns, activity.columns_known) == (
        ("public.customers",),
        ("customers.email",),
        True,
    )
    assert (activity.rows, activity.rows_quality) == (5, RowsQuality.EXACT)
    assert (activity.bytes, activity.duration_ms, activity.error) == (99, 12.0, None)
    assert "42" not in activity.statement


@pytest.mark.parametrize(
    "changes",
    [
        {"unmapped": {"rows_returned": 7}},
        {"unmapped": {"rows": 7}},
        {"unmapped": {"rows": "7"}},
        {"unmapped": {}, "query_info": {"uid": "1", "data": {"rows_returned": 7}}},
        {"unmapped": {}, "query_info": {"uid": "1", "data": {"rows": 7}}},
        {"unmapped": {}, "rows_returned": 7},
    ],
)
def test_places_of_a_row_count(changes):
    assert (decode(**changes).rows, decode(**changes).rows_quality) == (7, RowsQuality.EXACT)


@pytest.mark.parametrize(
    ("sql", "rows", "expected", "quality"),
    [
        ("select 1", None, None, "unknown"),
        ("select 1", 0, 0, "exact"),
        ("copy customers to stdout", 0, None, "unbounded"),
        ("copy customers to stdout", None, None, "unbounded"),
        ("copy customers to stdout", 9, 9, "exact"),
        ("update customers set a = 1", 9, 9, "affected"),
    ],
)
def test_what_a_row_count_is_worth(sql, rows, expected, quality):
    activity = decode(unmapped={"rows": rows}, query_info={"uid": "1", "query_string": sql})
    assert (activity.rows, activity.rows_quality) == (expected, RowsQuality(quality))


@pytest.mark.parametrize(
    ("said", "quality"), [("estimate", "estimate"), ("lower_bound", "lower_bound"), ("?", "exact")]
)
def test_a_producer_may_say_what_its_count_is_worth(said, quality):
    assert decode(unmapped={"rows": 5, "rows_quality": said}).rows_quality == RowsQuality(quality)


def test_columns_that_the_producer_lists_are_complete():
    activity = decode(unmapped={"columns": ["Email", "phone"]})
    assert (activity.columns, activity.columns_known) == (("public.customers.email", "public.customers.phone"), True)


def test_without_a_statement_the_activity_id_is_the_verb():
    activity = decode(activity_id=7, query_info={"uid": "1"})
    assert (activity.verb, activity.statement, activity.columns_known) == ("DELETE", None, False)


@pytest.mark.parametrize(("code", "error"), [({"status_code": "42501"}, "42501"), ({}, "failure")])
def test_failures_carry_their_code(code, error):
    assert decode(status_id=2, **code).error == error


@pytest.mark.parametrize(
    ("user", "name"), [({"email_addr": "ann@example.com"}, "ann@example.com"), ({"uid": "S-1-5"}, "S-1-5")]
)
def test_a_user_without_a_name(user, name):
    assert decode(actor={"user": user}).user == name


def test_without_any_uid_a_record_is_its_own_statement():
    activity = decode(query_info={}, metadata={})
    assert activity.statement_key == str(activity.origin)


def test_several_tables():
    assert decode(unmapped={"tables": ["public.customers", "Public.Orders", 3]}).tables == (
        "public.customers",
        "public.orders",
    )


def test_connections_are_ignored_and_other_classes_refused_by_number():
    assert decode(activity_id=3).reason == "connection"
    outcome = decode(class_uid=4001)
    assert (outcome.reason, "4001" in outcome.detail) == ("unsupported_format", True)


@pytest.mark.parametrize(
    "key", ["metadata", "src_endpoint", "dst_endpoint", "database", "table", "query_info", "unmapped"]
)
@pytest.mark.parametrize("value", [None, 3, "x", []])
def test_optional_members_of_another_type_are_as_good_as_missing(key, value):
    assert isinstance(decode(**{key: value}), Activity)
