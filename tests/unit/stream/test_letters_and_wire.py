"""What leaves: dead letters with their place, activities in batches of one shard."""

from __future__ import annotations

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from streamguard.activity import Account, Activity, Exposure, Origin, RawRecord, Rejected
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
