"""Activities become exposures: whose hands, which shard, whose local time, and after which failures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.activity import Account, Activity, Origin, Verdict
from streamguard.exposure import (
    Catalogue,
    Column,
    Directory,
    DirectoryHistory,
    Employee,
    Exposer,
    ExposureConfig,
    Login,
    Person,
    Table,
)

HOUR_MS = 3_600_000
SUMMER_MS = 1_782_000_000_000
"""2026-06-21."""
WINTER_MS = SUMMER_MS - 180 * 24 * HOUR_MS
ALICE = Employee("alice.smith", "support", "Europe/Berlin")
ROBOT = Employee("robot", "service", "UTC", Account.SERVICE)
DIRECTORY = Directory(
    [
        (ALICE, [Login("alice"), Login("shared", "eu", None)]),
        (ROBOT, [Login("robot"), Login("shared", None, "crm"), Login("shared", "eu", "crm")]),
    ]
)
CATALOGUE = Catalogue([("crm", Table("public.customers", {"email": Column("email_address", 2)}, subjects=10))])
EXPOSER = Exposer(DIRECTORY, CATALOGUE)


def activity(**changes):
    fields = {
        "origin": Origin("t", 0, 0, 1, 0),
        "time_ms": SUMMER_MS,
        "source": "test",
        "user": "alice",
        "statement_key": "1",
        "database": "crm",
        "tables": ("public.customers",),
        "columns": ("customers.email",),
        "columns_known": True,
    }
    return Activity(**(fields | changes))


def test_whole_exposure():
    found = EXPOSER.expose(activity())
    assert found.activity == activity()
    assert (found.employee, found.account, found.peer_group) == ("alice.smith", Account.HUMAN, "support")
    assert found.shard == "support/0"
    assert found.categories == {"email_address": Verdict.SEEN}
    assert (found.sensitivity, found.subjects_at_most, found.utc_offset_minutes) == (2, 10, 120)
    assert found.is_personal


@pytest.mark.parametrize(
    ("user", "instance", "database", "employee"),
    [
        ("alice", None, None, "alice.smith"),
        ("alice", "us", "crm", "alice.smith"),
        ("shared", "eu", "other", "alice.smith"),
        ("shared", "eu", "crm", "robot"),
        ("shared", "us", "crm", "robot"),
        ("shared", "us", "other", "login:shared"),
        ("Alice", None, None, "login:Alice"),
        ("", None, None, "login:"),
    ],
)
def test_the_most_specific_login_counts(user, instance, database, employee):
    assert EXPOSER.expose(activity(user=user, instance=instance, database=database)).employee == employee


def test_unknown_login_is_its_own_flagged_employee():
    found = EXPOSER.expose(activity(user="mallory"))
    assert (found.account, found.peer_group) == (Account.UNKNOWN, "unknown")
    assert found.utc_offset_minutes == 0
    group, _, number = found.shard.partition("/")
    assert group == "unknown"
    assert 0 <= int(number) < 8


@pytest.mark.parametrize(
    ("zone", "time_ms", "minutes"),
    [
        ("Europe/Berlin", SUMMER_MS, 120),
        ("Europe/Berlin", WINTER_MS, 60),
        ("America/New_York", SUMMER_MS, -240),
        ("Asia/Kolkata", SUMMER_MS, 330),
        ("UTC", SUMMER_MS, 0),
        ("Europe/Berlin", 2**60, 0),
        ("Europe/Berlin", -(2**60), 0),
        # 2026-03-29 01:00 UTC: the clocks change in Berlin.
        ("Europe/Berlin", 1_774_746_000_000 - 1, 60),
        ("Europe/Berlin", 1_774_746_000_000, 120),
    ],
)
def test_local_time_is_that_of_the_event(zone, time_ms, minutes):
    exposer = Exposer(Directory([(Employee("a", "g", zone), [Login("alice")])]), CATALOGUE)
    assert exposer.expose(activity(time_ms=time_ms)).utc_offset_minutes == minutes


def failed(error, source="postgresql.jsonlog", **changes):
    changes = {"statement": "select email from customers"} | changes
    return EXPOSER.expose(activity(error=error, source=source, **changes))


@pytest.mark.parametrize(
    ("source", "error"),
    [
        *(("postgresql.csvlog", error) for error in ("42501", "42P01", "42601", "28000", "3D000")),
        *(("mysql.slow", error) for error in ("1142", "1146", "1227", "1290")),
        ("mariadb.server_audit", "1222"),
        ("percona.audit_log", "1146"),
        ("aws.das", "1146"),
        ("aws.das", "42P01"),
        ("redshift.history", "42501"),
        ("teleport", "42501"),
        ("snowflake", "42S02"),
        ("bigquery", "42501"),
        ("databricks.history", "42000"),
    ],
)
def test_a_refused_statement_exposed_nothing(source, error):
    found = failed(error, source)
    assert found.categories == {"email_address": Verdict.NOT_SEEN}
    assert found.sensitivity == 0
    assert not found.is_personal


@pytest.mark.parametrize(
    "error", ["57014", "22012", "08006", "XX000", "failed", "4250", "42 01", "", "1242", "1317", "1160"]
)
def test_a_statement_that_failed_on_its_way_leaves_a_doubt(error):
    for source in ("postgresql.jsonlog", "mysql.slow"):
        found = failed(error, source)
        assert found.categories == {"email_address": Verdict.CANNOT_TELL}
        assert found.sensitivity == 2
        assert failed(error, source, columns=()).categories == {"email_address": Verdict.NOT_SEEN}


@pytest.mark.parametrize(
    ("source", "error", "changes"),
    [
        # The rows of the first statement were sent.
        ("postgresql.jsonlog", "42P01", {"statement": "select * from customers; select ? from nosuch"}),
        # A function of the employee's own raised it, at row 5,000.
        ("postgresql.jsonlog", "42000", {"columns_known": False}),
        ("postgresql.jsonlog", "42P01", {"statement": None}),
        # The same number of another product: a lock timeout, a code of MongoDB, a product that nobody knows.
        ("sqlserver.audit", "1222", {}),
        ("mongodb.profile", "34471", {}),
        ("mapping.portal", "42501", {}),
        ("postgresql.jsonlog", "1146", {}),
        ("mysql.slow", "42501", {}),
    ],
)
def test_an_error_clears_only_one_statement_whose_columns_are_known_and_in_its_own_terms(source, error, changes):
    found = failed(error, source, **changes)
    assert found.categories == {"email_address": Verdict.CANNOT_TELL}
    assert found.is_personal


def people(count, group="support"):
    return Directory([(Employee(f"e{number}", group), [Login(f"e{number}")]) for number in range(count)])


@pytest.mark.parametrize(("count", "shards"), [(1, 1), (500, 1), (501, 2), (1_700, 4)])
def test_large_groups_are_split_evenly(count, shards):
    exposer = Exposer(people(count), CATALOGUE)
    found = [exposer.expose(activity(user=f"e{number}")).shard for number in range(count)]
    assert set(found) == {f"support/{number}" for number in range(shards)}
    assert min(map(found.count, set(found))) > count / shards * 0.8


def test_shards_are_the_same_on_every_machine():
    config = ExposureConfig(shard_size=10, unknown_shards=4)
    exposer = Exposer(people(40), CATALOGUE, config)
    found = [exposer.expose(activity(user=user)).shard for user in ("e1", "e2", "e3", "mallory", "trudy")]
    assert found == ["support/0", "support/0", "support/1", "unknown/1", "unknown/0"]


@given(
    st.builds(
        activity,
        user=st.text(),
        instance=st.none() | st.text(),
        database=st.none() | st.text(),
        tables=st.lists(st.text(), max_size=3).map(tuple),
        columns=st.lists(st.text(), max_size=3).map(tuple),
        columns_known=st.booleans(),
        error=st.none() | st.text(max_size=6),
        time_ms=st.integers(-(2**62), 2**62),
    )
)
def test_any_activity_is_exposed(made):
    assert EXPOSER.expose(made) == Exposer(DIRECTORY, CATALOGUE, ExposureConfig(cache_size=0)).expose(made)


def test_the_directory_is_that_of_the_records_kafka_time():
    history = DirectoryHistory(DIRECTORY)
    exposer = Exposer(history, CATALOGUE)
    assert exposer.expose(activity(produced_ms=2_000)).employee == "alice.smith"
    history.apply(0, 2_000, "bob", Person(Employee("bob", "dba", "Asia/Kolkata"), (Login("alice"),)))
    found = [exposer.expose(activity(produced_ms=at)) for at in (1_999, 2_000)]
    assert [(one.employee, one.shard, one.utc_offset_minutes) for one in found] == [
        ("alice.smith", "support/0", 120),
        ("bob", "dba/0", 330),
    ]


@pytest.mark.parametrize("produced_ms", [None, -1])
def test_without_kafka_time_the_event_time_decides(produced_ms):
    history = DirectoryHistory(DIRECTORY)
    history.apply(0, SUMMER_MS, "bob", Person(Employee("bob", "dba"), (Login("alice"),)))
    found = [
        Exposer(history, CATALOGUE).expose(activity(time_ms=at, produced_ms=produced_ms)).employee
        for at in (SUMMER_MS - 1, SUMMER_MS)
    ]
    assert found == ["alice.smith", "bob"]


def test_exposures_do_not_share_what_can_be_changed():
    EXPOSER.expose(activity()).categories.clear()
    assert EXPOSER.expose(activity()).categories == {"email_address": Verdict.SEEN}
