"""Records of the feedback topic: what is read is what was written, and what is wrong is told without its values."""

from __future__ import annotations

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.activity import VerdictId
from streamguard.feedback import (
    MAX_FINDINGS,
    FeedbackReason,
    GivenApproval,
    GivenFinding,
    GivenIncident,
    GivenVerdict,
    Wrong,
    read_given,
    write_given,
)
from streamguard.feedback.given import MAX_VALUE_BYTES

VERDICT = {
    "type": "verdict",
    "finding_uid": "f-1",
    "verdict_id": 1,
    "employee": "secret.name",
    "shard": "support/0",
    "author": "ann",
}
APPROVAL = {
    "type": "approval",
    "id": "CHG-1",
    "author": "ann",
    "group": "finance",
    "from_ms": 1_000,
    "expires_ms": 2_000,
}
INCIDENT = {
    "type": "incident",
    "id": "w-1",
    "incident": "inc-1",
    "author": "ann",
    "status": 2,
    "findings": [{"uid": "f-1", "employee": "secret.name", "shard": "support/0"}],
}
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)
MOMENTS = st.integers(0, (1 << 53) - 1)


def read(value, key=None):
    key = value.get("finding_uid", value.get("id", "")) if key is None else key
    return read_given(key.encode(), orjson.dumps(value))


@given(NAMES, st.sampled_from(VerdictId), NAMES, NAMES, MOMENTS | st.none())
def test_a_verdict_is_read_as_it_was_written(uid, verdict, employee, author, expires_ms):
    said = GivenVerdict(
        finding_uid=uid, verdict_id=verdict, employee=employee, shard="a b/12", author=author, expires_ms=expires_ms
    )
    assert read_given(*write_given(said)) == said


@given(NAMES, NAMES, st.booleans(), st.integers(1, 1 << 40) | st.none(), MOMENTS.filter(bool), st.booleans())
def test_an_approval_is_read_as_it_was_written(name, whom, is_group, rows, expires_ms, revoked):
    said = GivenApproval(
        id=name,
        author=whom,
        employee=None if is_group else whom,
        group=whom if is_group else None,
        fingerprint="0123456789abcdef",
        rows_at_most=rows,
        from_ms=expires_ms - 1,
        expires_ms=expires_ms,
        revoked=revoked,
    )
    assert read_given(*write_given(said)) == said


@given(NAMES, st.integers(1, 5) | st.none(), st.sampled_from(VerdictId) | st.none(), st.just("") | NAMES, NAMES)
def test_words_about_an_incident_are_read_as_they_were_written(name, status, verdict, assignee, comment):
    said = GivenIncident(
        id=name,
        incident=name,
        author=comment,
        status=status,
        verdict_id=verdict,
        assignee=assignee,
        comment=comment,
        findings=(GivenFinding(uid=name, employee=comment, shard="a b/12"),),
    )
    assert read_given(*write_given(said)) == said


def test_the_largest_words_that_are_allowed_fit():
    finding = GivenFinding(uid="f" * 32, employee="e" * 100, shard="s" * 40 + "/0")
    said = GivenIncident(id="w", incident="i", author="a" * 200, comment="c" * 4000, findings=(finding,) * MAX_FINDINGS)
    assert read_given(*write_given(said)) == said


def test_what_others_write_is_read():
    assert isinstance(read(VERDICT), GivenVerdict)
    assert isinstance(read(APPROVAL), GivenApproval)
    assert isinstance(read(INCIDENT), GivenIncident)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (VERDICT | {"verdict_id": 17}, "verdict_id"),
        (VERDICT | {"verdict_id": "false_positive"}, "verdict_id"),
        (VERDICT | {"shard": "support"}, "shard"),
        (VERDICT | {"shard": "a/b/0"}, "shard"),
        (VERDICT | {"expires_ms": "tomorrow"}, "expires_ms"),
        (VERDICT | {"expires": 5}, "a member that it does not have"),
        (VERDICT | {"type": "secret"}, "type"),
        ({name: value for name, value in VERDICT.items() if name != "type"}, "type"),
        ({name: value for name, value in VERDICT.items() if name != "author"}, "author"),
        (APPROVAL | {"id": ""}, "id"),
        (APPROVAL | {"rows_at_most": 0}, "rows_at_most"),
        (APPROVAL | {"fingerprint": "SELECT 1"}, "fingerprint"),
        (APPROVAL | {"employee": "secret.name"}, "for an employee or for a group"),
        (APPROVAL | {"group": None}, "for an employee or for a group"),
        (APPROVAL | {"expires_ms": 1_000}, "expires_ms"),
        (INCIDENT | {"status": 9}, "status"),
        (INCIDENT | {"status": None}, "Nothing is said"),
        (INCIDENT | {"findings": []}, "findings"),
        (INCIDENT | {"findings": [{"uid": "secret"}]}, "employee"),
        (INCIDENT | {"comment": ""}, "comment"),
    ],
)
def test_a_wrong_member_is_named_and_no_value_is(value, told):
    found = read(value)
    assert found.reason is FeedbackReason.MEMBERS
    assert told in found.detail
    assert "secret" not in found.detail


def test_the_key_is_what_the_record_is_about():
    """Else compaction would keep the wrong records."""
    assert read(VERDICT, "f-2").reason is FeedbackReason.OTHER_KEY
    assert read_given(None, orjson.dumps(APPROVAL)).reason is FeedbackReason.OTHER_KEY


@pytest.mark.parametrize("value", [b"", b"null", b"[]", b"{", b"\xff", b"5", b"[" * 5_000])
def test_what_is_no_object_is_none(value):
    assert read_given(b"k", value).reason in {FeedbackReason.NOT_JSON, FeedbackReason.MEMBERS}


def test_large_values_are_not_read():
    assert read(VERDICT | {"author": "x" * MAX_VALUE_BYTES}).reason is FeedbackReason.TOO_LARGE


@given(
    st.binary(max_size=50),
    st.dictionaries(st.sampled_from([*VERDICT, *APPROVAL, *INCIDENT]), st.none() | st.text(max_size=5)),
)
def test_any_bytes_are_read_or_told_wrong(value, members):
    assert isinstance(read_given(b"k", value), Wrong)
    assert isinstance(read_given(b"k", orjson.dumps(members)), Wrong)


def test_every_verdict_of_ocsf_is_one():
    assert [msgspec.convert(number, VerdictId) for number in (*range(11), 99)] == list(VerdictId)
