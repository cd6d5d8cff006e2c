"""MongoDB: the audit log, the profiler, and commands told as SQL without a value."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import SAMPLES, damaged, decode, decode_one, objects_of, outcomes_of, tally, told

from streamguard.sources.mongodb.command import command_of
from streamguard.sources.statement import Analyser

IBM = "mongodb/ibm-guardium-auditlog.ndjson"
PROFILE = "mongodb/derived-profile-and-log.ndjson"
EXPECTED = {
    IBM: {"mongodb.audit": 12, "administration": 7, "connection": 2, "no_user": 1},
    PROFILE: {"mongodb.profile": 3, "administration": 1, "no_user": 1, "server_log": 1},
}
RECORD = {
    "atype": "authCheck",
    "ts": {"$date": "2026-11-22T03:57:28.833+01:00"},
    "uuid": {"$binary": "Kpla0w==", "$type": "04"},
    "local": {"ip": "10.0.0.1", "port": 27017},
    "remote": {"ip": "10.20.30.40", "port": 51000},
    "users": [{"user": "alice", "db": "admin"}],
    "roles": [],
    "param": {"command": "find", "ns": "crm.Customers", "args": {"find": "Customers"}},
    "result": 0,
}


def run(name, arguments=None, namespace="crm.Customers", **changes):
    param = {"command": name, "ns": namespace, "args": {name: namespace.partition(".")[2]} | (arguments or {})}
    return decode_one(RECORD | {"param": param} | changes)


def test_every_file_is_tested():
    assert {f"mongodb/{path.name}" for path in (SAMPLES / "mongodb").iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_outcomes_are_accounted_for(name):
    assert tally(outcomes_of(name)) == EXPECTED[name]


def test_a_find_over_a_whole_collection():
    assert told(outcomes_of(IBM)[3]) == {
        "time_ms": 1_591_883_051_070,
        "source": "mongodb.audit",
        "user": "realAdmin",
        "statement_key": "audit[0]@0:3.0",
        "complete": True,
        "instance": "9.70.147.59:27017",
        "database": "admin",
        "client": "9.148.202.94",
        "verb": "SELECT",
        "export": "cursor",
        "statement": 'select * from "admin"."users"',
        "tables": ("admin.users",),
        "columns": ("admin.users.*",),
        "columns_known": True,
        "rows_quality": "unbounded",
    }


def test_a_find_with_projection_and_filter():
    activity = outcomes_of(IBM)[10]
    assert (activity.user, activity.database, activity.tables) == ("realAdmin", "config", ("config.transactions",))
    assert activity.columns == ("config.transactions._id",)
    assert activity.filters == ("config.transactions.lastwritedate",)
    assert (activity.export, activity.rows, activity.rows_quality) == (None, None, "unknown")


def test_a_pipeline_that_computes_tells_its_tables_and_no_columns():
    activity = outcomes_of(IBM)[18]
    assert activity.tables == ("test.users", "test.posts", "test.packages")
    assert (activity.columns, activity.columns_known) == ((), False)
    assert activity.statement == 'aggregate "test"."users" match lookup lookup project'
    assert activity.user == "(unauthenticated)"


def test_an_insert_counts_its_documents_and_copies_none():
    activity = outcomes_of(IBM)[14]
    assert (activity.user, activity.verb) == ("BILL", "INSERT")
    assert (activity.rows, activity.rows_quality, activity.columns_known) == (1, "affected", True)
    assert not any(value in msgspec.json.encode(activity) for value in (b"Eli", b"123456", b"cricket"))


@pytest.mark.parametrize(
    ("name", "arguments", "verb", "export", "columns"),
    [
        ("find", {"filter": {}}, "SELECT", "cursor", ("crm.customers.*",)),
        ("find", {"filter": {"a": 1}}, "SELECT", None, ("crm.customers.*",)),
        ("find", {"limit": 20}, "SELECT", None, ("crm.customers.*",)),
        ("find", {"limit": 1, "projection": {"email": 1}}, "SELECT", None, ("crm.customers._id", "crm.customers.email")),
        ("find", {"limit": 1, "projection": {"email": 0}}, "SELECT", None, ("crm.customers.*",)),
        ("find", {"limit": 1, "projection": {"_id": 0, "a.b": True}}, "SELECT", None, ("crm.customers.a",)),
        ("find", {"limit": 1, "projection": {"name": "$email"}}, "SELECT", None, ("crm.customers.*",)),
        ("find", {"limit": 1, "projection": {"name": {"$slice": 1}}}, "SELECT", None, ("crm.customers.*",)),
        ("getMore", {"getMore": {"$numberLong": "7"}, "collection": "Customers"}, "FETCH", "cursor", ()),
        ("aggregate", {"pipeline": []}, "SELECT", "cursor", ("crm.customers.*",)),
        ("aggregate", {"pipeline": [{"$match": {"a": 1}}]}, "SELECT", None, ("crm.customers.*",)),
        ("aggregate", {"pipeline": [{"$project": {"_id": 0, "e": 1}}]}, "SELECT", "cursor", ("crm.customers.e",)),
        ("aggregate", {"pipeline": [{"$group": {"_id": "$a"}}]}, "SELECT", None, ()),
        ("aggregate", {"pipeline": [{"$out": "copy"}]}, "SELECT", "create_table_as", ()),
        ("mapReduce", {"out": {"inline": 1}}, "SELECT", "aggregate_into_one_row", ()),
        ("mapReduce", {"out": "copy"}, "SELECT", "create_table_as", ()),
        ("distinct", {"key": "email"}, "SELECT", "aggregate_into_one_row", ("crm.customers.email",)),
        ("find", {"limit": 1, "projection": {"id": 1, 'bad"name': 1, "_id": 0}}, "SELECT", None, ("crm.customers.*",)),
        ("count", {"query": {"a": 1}}, "SELECT", None, ()),
        ("findAndModify", {"query": {"a": 1}}, "UPDATE", None, ()),
        ("delete", {}, "DELETE", None, ()),
        ("explain", {"explain": {"find": "Customers"}}, "EXPLAIN", None, ()),
    ],
)  # fmt: skip
def test_what_commands_do(name, arguments, verb, export, columns):
    activity = run(name, arguments)
    assert (activity.verb, activity.export, activity.columns) == (verb, export, columns)
    assert activity.tables == ("crm.customers",)


@pytest.mark.parametrize(
    ("stage", "is_gathered"),
    [
        ({"$group": {"_id": None, "all": {"$push": "$$ROOT"}}}, True),
        ({"$group": {"_id": "$country", "mails": {"$addToSet": "$email"}}}, True),
        ({"$group": {"_id": None, "all": {"$topN": {"n": 9999, "sortBy": {"a": 1}, "output": "$email"}}}}, True),
        ({"$facet": {"a": [{"$match": {}}]}}, True),
        ({"$bucketAuto": {"groupBy": "$a", "buckets": 1, "output": {"all": {"$push": "$email"}}}}, True),
        ({"$lookup": {"from": "customers", "pipeline": [], "as": "all"}}, True),
        ({"$lookup": {"from": "customers", "localField": "c", "foreignField": "id", "as": "c"}}, False),
        ({"$group": {"_id": "$country", "n": {"$sum": 1}}}, False),
    ],
)
def test_many_people_in_one_document_are_not_counted(stage, is_gathered):
    export = "aggregate_into_one_row" if is_gathered else None
    assert run("aggregate", {"pipeline": [{"$match": {"a": 1}}, stage]}).export == export
    profiled = {"op": "command", "command": {"aggregate": "customers", "pipeline": [stage]}, "nreturned": 1}
    activity = decode_one(objects_of(PROFILE)[0] | profiled)
    assert (activity.export, activity.columns_known) == (export, False)
    expected = (None, "unbounded") if is_gathered else (1, "exact")
    assert (activity.rows, activity.rows_quality) == expected


def test_a_copy_that_returns_no_document_is_not_counted_as_nothing():
    profiled = {"op": "command", "command": {"aggregate": "customers", "pipeline": [{"$out": "x"}]}, "nreturned": 0}
    activity = decode_one(objects_of(PROFILE)[0] | profiled)
    assert (activity.export, activity.rows, activity.rows_quality) == ("create_table_as", None, "unbounded")


@pytest.mark.parametrize("name", ["count", "delete", "insert", "explain", "createIndexes", "drop"])
def test_commands_that_return_no_values_are_known_to(name):
    assert run(name).columns_known
    assert run(name).columns == ()


@pytest.mark.parametrize("name", ["findAndModify", "getMore", "mapReduce"])
def test_commands_that_return_unknown_values_say_so(name):
    assert not run(name).columns_known


@pytest.mark.parametrize("name", ["hello", "isMaster", "ping", "listCollections", "replSetGetStatus", "endSessions"])
def test_commands_on_the_server_are_ignored(name):
    assert run(name, namespace="admin").reason == "administration"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("authenticate", "connection"),
        ("clientMetadata", "connection"),
        ("logout", "disconnection"),
        ("createUser", "administration"),
        ("dropCollection", "administration"),
    ],
)
def test_other_kinds_of_records_are_ignored_by_kind(kind, reason):
    assert decode_one(RECORD | {"atype": kind, "param": {}}).reason == reason


def test_filters_in_and_or_are_found():
    activity = run("find", {"filter": {"$or": [{"email": "x@example.com"}, {"$and": [{"address.city": "Rome"}]}]}})
    assert activity.filters == ("crm.customers.address", "crm.customers.email")
    assert b"Rome" not in msgspec.json.encode(activity)


def test_pipelines_inside_pipelines_name_their_collections():
    inner = [{"$lookup": {"from": "Cards", "pipeline": [{"$unionWith": "Old"}], "as": "c"}}]
    activity = run("aggregate", {"pipeline": [{"$facet": {"a": inner}}, {"$unionWith": {"coll": "More"}}]})
    assert activity.tables == ("crm.customers", "crm.cards", "crm.old", "crm.more")


def test_a_denied_command_is_an_error():
    assert run("find", result=13).error == "13"
    assert run("insert", {"documents": [{}, {}]}, result=13).rows is None


def test_the_connection_is_the_session():
    assert run("find").session == "Kpla0w=="
    assert run("find", uuid={"$uuid": "0f-1"}).session == "0f-1"


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ({"$date": "2026-11-22T03:57:28.833Z"}, 1_795_319_848_833),
        ({"$date": "2026-11-22T03:57:28.833-0500"}, 1_795_337_848_833),
        ({"$date": {"$numberLong": "1795319848833"}}, 1_795_319_848_833),
        ({"$date": 1_795_319_848_833}, 1_795_319_848_833),
    ],
)
def test_dates_of_both_extended_jsons(date, expected):
    assert run("find", ts=date).time_ms == expected


def test_the_servers_own_commands_have_no_user():
    assert run("find", users=[], remote={"ip": "(NONE)", "port": 0}).reason == "no_user"
    assert run("find", users=[]).user == "(unauthenticated)"


def test_a_profiled_find_has_its_count():
    activity = outcomes_of(PROFILE)[0]
    assert (activity.user, activity.application, activity.client) == ("alice", "mongosh", "10.20.30.40")
    assert (activity.rows, activity.rows_quality, activity.bytes, activity.duration_ms) == (12, "exact", 2048, 3.0)
    assert (activity.columns, activity.filters) == (("crm.customers.email",), ("crm.customers.last_name",))
    more = outcomes_of(PROFILE)[1]
    assert (more.verb, more.export, more.rows, more.rows_quality) == ("FETCH", None, 4899, "exact")
    changed = outcomes_of(PROFILE)[2]
    assert (changed.verb, changed.rows, changed.rows_quality) == ("UPDATE", 1, "affected")


@pytest.mark.parametrize("value", ["O'Brien", 'x" from y --', "a@example.com", "Winter"])
def test_no_value_comes_out_of_arguments(value):
    arguments = {"filter": {"name": value, "$where": value}, "projection": {"a": value}, "comment": value, "let": value}
    assert value.encode() not in msgspec.json.encode(run("find", arguments))
    assert value.encode() not in msgspec.json.encode(run("aggregate", {"pipeline": [{"$match": {"name": value}}]}))
    assert value.encode() not in msgspec.json.encode(run("update", {"updates": [{"q": {"a": value}, "u": value}]}))


_NAMES = st.text(max_size=12)


@given(_NAMES, st.dictionaries(_NAMES, st.integers(0, 2), max_size=4), st.dictionaries(_NAMES, _NAMES, max_size=4))
def test_hostile_names_never_reach_other_tables(collection, projection, condition):
    command = command_of("find", f"crm.{collection}", {"projection": projection, "filter": condition})
    tables = Analyser().analyse(command.text, "postgres").tables
    assert len(tables) <= 1
    assert command.tables == (f"crm.{collection}".lower(),)


@given(damaged([*objects_of(IBM, PROFILE), RECORD]))
def test_a_damaged_record_is_never_a_defect(record):
    assert all(getattr(o, "reason", "") != "internal_error" for o in decode(record))
