"""What leaves: dead letters with their place, activities in batches of one shard."""

from __future__ import annotations

import hashlib

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamguard.activity import (
    Account,
    Activity,
    AnalystVerdict,
    Approval,
    Departure,
    Exposure,
    Handover,
    Origin,
    RawRecord,
    Rejected,
    VerdictId,
)
from streamguard.stream import wire
from streamguard.stream.deadletter import MAX_VALUE_BYTES, letter


def letter_of(value):
    raw = RawRecord("audit", 3, 2, 41, 99, value)
    out = letter(Rejected(Origin("audit", 3, 2, 41, 5), "not_json", "No JSON."), raw)
    return out, {name: text.decode() for name, text in out.headers}


def test_a_letter_holds_the_original_bytes_and_says_why_and_where():
    out, headers = letter_of(b"\xff\x00raw")
    assert (out.key, out.value) == (b"audit/3", b"\xff\x00raw")
    assert headers == {
        "reason": "not_json",
        "detail": "No JSON.",
        "topic": "audit",
        "partition": "3",
        "epoch": "2",
        "offset": "41",
        "index": "5",
    }


def test_a_letter_that_would_not_fit_is_kept_in_part_with_size_and_hash():
    whole = b"x" * MAX_VALUE_BYTES
    assert letter_of(whole)[0].value == whole
    out, headers = letter_of(whole + b"y")
    assert out.value == whole
    assert headers["truncated_from_bytes"] == str(MAX_VALUE_BYTES + 1)
    assert headers["sha256"] == hashlib.sha256(whole + b"y").hexdigest()


def exposure(offset, shard):
    activity = Activity(
        origin=Origin("t", 0, 0, offset, 0), time_ms=1, source="s", user="u", statement_key="k", tables=("a.b",)
    )
    return Exposure(activity=activity, employee="e", account=Account.HUMAN, peer_group="g", shard=shard)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["a/0", "a/1", "b/0"]), max_size=450))
def test_batches_keep_every_exposure_in_the_order_of_its_shard(shards):
    exposures = [exposure(offset, shard) for offset, shard in enumerate(shards)]
    got = {}
    for shard, encoded in wire.batches(exposures):
        batch = wire.decode(encoded)
        assert batch.shard == shard
        assert 1 <= len(batch.exposures) <= wire.BATCH_EXPOSURES
        got.setdefault(shard, []).extend(batch.exposures)
    assert got == {shard: [e for e in exposures if e.shard == shard] for shard in set(shards)}


def test_the_same_exposures_give_the_same_bytes():
    exposures = [exposure(n, "a/0") for n in range(5)]
    assert list(wire.batches(exposures)) == list(wire.batches(list(exposures)))


HERE = {"origin": Origin("feedback", 1, 0, 5, 0), "shard": "a/0"}
STEERING = [
    AnalystVerdict(**HERE, time_ms=7, finding_uid="f", employee="e", verdict=VerdictId.BENIGN, author="ann"),
    AnalystVerdict(
        **HERE, time_ms=7, finding_uid="f", employee="e", verdict=VerdictId.OTHER, author="ann", expires_ms=9
    ),
    Approval(**HERE, id="a-1", author="ann", employee="e", fingerprint="f" * 16, from_ms=1, expires_ms=2),
    Approval(**HERE, id="a-1", author="ann", group="a", rows_at_most=5, from_ms=1, expires_ms=2, revoked=True),
    Departure(**HERE, employee="e", to_shard="b/0"),
    Handover(**HERE, employee="e", state=bytes(range(256))),
]


def test_what_steers_detection_survives_the_wire():
    ((shard, encoded),) = wire.steering_batches(STEERING)
    assert (shard, list(wire.decode(encoded).records)) == ("a/0", STEERING)
    mixed = wire.encode(wire.ActivityBatch("a/0", [exposure(0, "a/0")], STEERING[:1]))
    assert list(wire.decode(mixed).records) == [exposure(0, "a/0"), STEERING[0]]


def test_a_message_of_exposures_is_what_it_was_before_there_was_anything_else():
    ((_, encoded),) = wire.batches([exposure(0, "a/0")])
    assert encoded == b'{"shard":"a/0","exposures":[' + msgspec.json.encode(exposure(0, "a/0")) + b"]}"


@pytest.mark.parametrize("kind", ["verdict", "surprise"])
def test_what_is_no_record_of_ours_is_not_read(kind):
    with pytest.raises(msgspec.DecodeError):
        wire.decode(b'{"shard":"a/0","steering":[{"type":"%s"}]}' % kind.encode())


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 150_000), max_size=40))
def test_no_batch_is_too_large_for_kafka(sizes):
    handovers = [
        Handover(origin=Origin("i/a/0", 0, 0, offset, 0), shard="b/0", employee="e", state=bytes(size))
        for offset, size in enumerate(sizes)
    ]
    values = [value for _, value in wire.steering_batches(handovers)]
    assert all(len(value) <= wire.BATCH_BYTES for value in values)
    assert [one for value in values for one in wire.decode(value).steering] == handovers
