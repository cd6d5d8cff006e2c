"""Feedback reaches the peer shards that it concerns, by the directory of its time, all with one origin."""

from __future__ import annotations

import pytest

from streamguard.activity import Approval, Origin, RawRecord, Rejected, VerdictId
from streamguard.exposure import Addresses, Directory, DirectoryHistory, Employee, ExposureConfig, Login, Person
from streamguard.feedback import (
    FeedbackReason,
    GivenApproval,
    GivenFinding,
    GivenIncident,
    GivenVerdict,
    feedback_records,
    write_given,
)

NAMES = ("ann", "bob", "cid", "dan")


@pytest.fixture(scope="module")
def addresses():
    history = DirectoryHistory(Directory([(Employee(name, "support"), [Login(name)]) for name in NAMES]))
    history.apply(0, 1_000, "ann", Person(Employee("ann", "sales"), (Login("ann"),)))
    return Addresses(history, ExposureConfig(shard_size=2))


def told(addresses, given, at_ms=2_000):
    key, value = write_given(given)
    return feedback_records(key, RawRecord("feedback", 3, 7, 41, at_ms, value), addresses=addresses)


def verdict(**changes):
    fields = {
        "finding_uid": "f",
        "verdict_id": VerdictId.BENIGN,
        "employee": "ann",
        "shard": "support/0",
        "author": "x",
    }
    return GivenVerdict(**(fields | changes))


def approval(**changes):
    return GivenApproval(**({"id": "a", "author": "x", "from_ms": 1, "expires_ms": 2} | changes))


def test_a_verdict_goes_to_the_shard_of_the_finding_and_follows_the_employee(addresses):
    shards = {moment: [one.shard for one in told(addresses, verdict(), moment)] for moment in (2_000, None)}
    home = addresses.of_employee("ann", 0)
    assert shards == {2_000: ["sales/0", "support/0"], None: sorted({"support/0", home})}
    (one,) = told(addresses, verdict(employee="nobody any more", expires_ms=9))
    assert (one.shard, one.origin, one.time_ms) == ("support/0", Origin("feedback", 3, 7, 41, 0), 2_000)
    assert (one.finding_uid, one.verdict, one.author, one.expires_ms) == ("f", VerdictId.BENIGN, "x", 9)


def incident(**changes):
    findings = tuple(GivenFinding(uid=f"f-{name}", employee=name, shard="support/0") for name in ("ann", "login:etl"))
    return GivenIncident(**({"id": "w", "incident": "i", "author": "x", "findings": findings} | changes))


def test_a_verdict_on_an_incident_is_one_on_each_of_its_findings(addresses):
    found = told(addresses, incident(verdict_id=VerdictId.FALSE_POSITIVE, status=5))
    assert [(one.finding_uid, one.shard, one.origin.index) for one in found] == [
        ("f-ann", "sales/0", 0),
        ("f-ann", "support/0", 0),
        ("f-login:etl", "support/0", 1),
        ("f-login:etl", addresses.of_employee("login:etl", 0), 1),
    ]
    assert {(one.verdict, one.author, one.expires_ms) for one in found} == {(VerdictId.FALSE_POSITIVE, "x", None)}
    # Marks tell repetitions by growing positions, shard by shard.
    assert found[1].origin.position < found[2].origin.position


def test_what_else_is_said_of_an_incident_is_nothing_to_detection(addresses):
    assert told(addresses, incident(status=2, assignee="ann", comment="!")) == []


def test_an_approval_of_a_group_goes_to_each_of_its_shards(addresses):
    found = told(addresses, approval(group="support", rows_at_most=5, revoked=True))
    assert [one.shard for one in found] == ["support/0", "support/1"]
    origin = Origin("feedback", 3, 7, 41, 0)
    assert found[1] == Approval(
        origin=origin,
        shard="support/1",
        id="a",
        author="x",
        group="support",
        rows_at_most=5,
        from_ms=1,
        expires_ms=2,
        revoked=True,
    )


def test_an_approval_of_an_employee_goes_where_the_employee_is(addresses):
    (one,) = told(addresses, approval(employee="ann", fingerprint="f" * 16))
    assert (one.shard, one.employee, one.fingerprint) == ("sales/0", "ann", "f" * 16)
    (one,) = told(addresses, approval(employee="login:etl"))
    assert one.shard.startswith("unknown/")


@pytest.mark.parametrize(
    ("whom", "reason"),
    [({"employee": "eve"}, FeedbackReason.EMPLOYEE), ({"group": "legal"}, FeedbackReason.GROUP)],
)
def test_an_approval_of_nobody_is_rejected(addresses, whom, reason):
    found = told(addresses, approval(**whom))
    assert isinstance(found, Rejected)
    assert (found.reason, found.origin.position) == (reason, (41, 0))
    assert not {"eve", "legal"} & set(found.detail.split())
