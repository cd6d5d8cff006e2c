"""Records of the identities topic: what they say, what is wrong with them, and what takes a topic to a file."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.activity import Account
from streamguard.exposure import Directory, DirectoryHistory, Employee, Login, Person
from streamguard.exposure.identitydiff import changed_members, identity_diff
from streamguard.exposure.identityrecord import MAX_VALUE_BYTES, Change, Wrong, WrongReason, read_change, write_person

FULL = {
    "id": "e-1",
    "group": "support",
    "logins": ["alice", {"login": "a", "instance": "eu", "database": "crm"}, {"pattern": "v-.*", "source": "mysql"}],
    "time_zone": "Europe/Berlin",
    "account": "service",
    "start_date": "2026-10-01",
}
PERSON = Person(
    Employee("e-1", "support", "Europe/Berlin", Account.SERVICE, "2026-10-01"),
    (Login("alice"), Login("a", "eu", "crm"), Login("v-.*", None, None, "mysql", is_pattern=True)),
)


def read(said, key=b"e-1"):
    return read_change(key, said if said is None or isinstance(said, bytes) else json.dumps(said).encode())


def test_a_record_says_what_the_file_would():
    assert read(FULL) == Change("e-1", PERSON)
    assert read({"id": "e-1", "group": "g"}) == Change("e-1", Person(Employee("e-1", "g"), (Login("e-1"),)))
    assert read({"id": "e-1", "group": "g", "logins": []}).person.logins == ()
    assert read(None) == Change("e-1", None)


def test_what_is_written_is_read_back():
    key, value = write_person(PERSON)
    assert read_change(key, value) == Change("e-1", PERSON)
    assert json.loads(value) == FULL
    plain = Person(Employee("ü", "g"), ())
    assert read_change(*write_person(plain)) == Change("ü", plain)


@pytest.mark.parametrize(
    ("key", "value", "reason", "detail"),
    [
        (None, FULL, WrongReason.KEY, ""),
        (b"  ", FULL, WrongReason.KEY, ""),
        (b"\xff", None, WrongReason.KEY, ""),
        (b"x" * 201, None, WrongReason.KEY, ""),
        (b"e-1", b"", WrongReason.NOT_JSON, ""),
        (b"e-1", b"[" * 50_000, WrongReason.NOT_JSON, ""),
        (b"e-1", b'{"id": "\xff"}', WrongReason.NOT_JSON, ""),
        (b"e-1", [FULL], WrongReason.NOT_JSON, ""),
        (b"e-1", b" " * (MAX_VALUE_BYTES + 1), WrongReason.TOO_LARGE, ""),
        (b"e-2", FULL, WrongReason.OTHER_ID, ""),
        (b"e-1", {"id": "e-1"}, WrongReason.MEMBERS, "id or group"),
        (b"e-1", {"id": 1, "group": "g"}, WrongReason.MEMBERS, "id."),
        (b"e-1", FULL | {"time_zone": "Secret/City"}, WrongReason.MEMBERS, "Wrong or missing: time_zone."),
        (b"e-1", FULL | {"account": "Secret"}, WrongReason.MEMBERS, "account"),
        (b"e-1", FULL | {"start_date": "Secret"}, WrongReason.MEMBERS, "start_date"),
        (b"e-1", FULL | {"logins": "Secret"}, WrongReason.MEMBERS, "logins"),
        (b"e-1", FULL | {"logins": [{"pattern": "(Secret"}]}, WrongReason.MEMBERS, "logins"),
        (b"e-1", FULL | {"group": "unknown"}, WrongReason.MEMBERS, "group"),
        (b"e-1", FULL | {"group": "Secret/x"}, WrongReason.MEMBERS, "group"),
        (b"e-1", FULL | {"Secret": "Secret"}, WrongReason.MEMBERS, "a member that employees do not have"),
        (b"login:x", {"id": "login:x", "group": "g"}, WrongReason.MEMBERS, "id"),
        (b"service:x", {"id": "service:x", "group": "g"}, WrongReason.MEMBERS, "id"),
    ],
)
def test_bad_records_are_values_that_do_not_repeat_what_they_held(key, value, reason, detail):
    found = read(value, key)
    assert isinstance(found, Wrong)
    assert found.reason is reason
    assert detail in found.detail
    assert "Secret" not in found.detail


@given(st.none() | st.binary(), st.none() | st.binary() | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*FULL, "x"]), inner)
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_any_record_is_read(key, value):
    found = read_change(key, value)
    assert isinstance(found, Change | Wrong)


def people(*names, group="g"):
    return [Person(Employee(name, group), (Login(name),)) for name in names]


def test_the_difference_takes_a_topic_to_a_file():
    history = DirectoryHistory(Directory.empty())
    for offset, one in enumerate(people("a", "b", "c")):
        history.apply(offset, 0, one.employee.id, one)
    wanted = [*people("a"), *people("b", group="h"), *people("d")]
    found = identity_diff(history.changed_people, wanted)
    assert [one.employee.id for one in found.new] == ["d"]
    assert [changed_members(*pair) for pair in found.changed] == [("group",)]
    assert [one.employee.id for one in found.gone] == ["c"]
    assert (found.same, found.count) == (1, 3)
    for offset, (key, value) in enumerate(found.records(), start=3):
        change = read_change(key, value)
        history.apply(offset, 0, change.employee_id, change.person)
    assert list(history.changed_people) == wanted
    assert identity_diff(history.changed_people, wanted).count == 0


def test_a_login_that_moves_belongs_to_somebody_at_any_moment():
    history = DirectoryHistory(Directory.empty())
    before = [Person(Employee("old", "g"), (Login("app"),))]
    after = [Person(Employee("new", "g"), (Login("app"),))]
    history.apply(0, 0, "old", before[0])
    for offset, (key, value) in enumerate(identity_diff(before, after).records(), start=1):
        change = read_change(key, value)
        history.apply(offset, offset, change.employee_id, change.person)
    assert [history.at(moment).identify("app").id for moment in range(3)] == ["old", "new", "new"]
