"""Records of the ledger's topic: what goes in comes out, and what somebody else wrote is said to be so."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_samples import exposures, history
from msgspec.structs import replace

from streamguard.ledger import Block, BlockError, Held, Pseudonyms, Purge, decode, encode_purge
from streamguard.ledger.block import MAX_BLOCK_BYTES, Chunks
from streamguard.ledger.rows import FORGOTTEN


def blocks(newest_ms, *chunks):
    found = Chunks()
    for some in chunks:
        found.add(some)
    return list(found.blocks(newest_ms))


@settings(max_examples=50)
@given(st.integers(0, 2**42), st.lists(st.lists(exposures, max_size=3), max_size=3))
def test_a_block_comes_out_as_it_went_in(newest_ms, chunks):
    (value,) = blocks(newest_ms, *chunks)
    assert decode(value) == Block(newest_ms, [one for some in chunks for one in some])


def test_a_count_that_is_no_count_does_not_stop_the_worker():
    (one,) = history(1)
    claims = replace(one, activity=replace(one.activity, rows=2**70))
    (value,) = blocks(0, [one], [one, claims], [one])
    assert decode(value).exposures == [one, one, replace(one, activity=replace(one.activity, rows=2**63 - 1)), one]


def test_a_purge_comes_out_as_it_went_in():
    for purge in (Purge(5), Purge(5, "anna")):
        assert decode(encode_purge(purge)) == purge


def test_a_block_too_large_for_kafka_becomes_several():
    few = history(40)
    hashes = [tuple(os.urandom(16).hex() for _ in range(2_000)) for _ in few]
    large = [
        replace(one, activity=replace(one.activity, subjects=(("id", some),)))
        for one, some in zip(few, hashes, strict=True)
    ]
    values = blocks(9, *([one] for one in large))
    assert len(values) > 1
    assert max(map(len, values)) <= MAX_BLOCK_BYTES
    assert [one for value in values for one in decode(value).exposures] == large


@given(st.binary(max_size=40) | st.binary(max_size=40).map(lambda tail: b"\1b" + tail))
def test_what_somebody_else_wrote_is_an_error_that_says_so(value):
    with pytest.raises(BlockError, match="the ledger's topic"):
        decode(value)


def test_a_newer_version_is_named():
    with pytest.raises(BlockError, match="version 2"):
        decode(b"\2b....")


def held(hold_seconds=10.0, key=None):
    return Held(hold_seconds, Pseudonyms(key))


def test_only_what_is_personal_is_held():
    some = history(3)
    harmless = replace(some[1], sensitivity=0)
    one = held()
    one.take(7, [harmless], 0.0)
    assert one.first_offset is None
    one.take(8, [harmless, some[0], some[2]], 0.0)
    assert one.first_offset == 8
    (value,) = one.release()
    assert decode(value).exposures == [some[0], some[2]]
    assert one.first_offset is None
    assert list(one.release()) == []


def test_a_block_says_how_far_the_log_was_even_where_nothing_was_personal():
    some = history(3)
    one = held()
    one.take(0, some[:1], 0.0)
    one.take(1, [replace(some[2], sensitivity=0)], 0.0)
    (value,) = one.release()
    assert decode(value).newest_ms == some[2].activity.time_ms


def test_what_is_held_is_due_by_time_by_number_or_by_size():
    some = history(1_020)
    one = held()
    assert not one.is_due(99.0)
    one.take(0, some[:10], 50.0)
    one.take(1, some[10:20], 58.0)
    assert not one.is_due(59.9)
    assert one.is_due(60.0)
    one.take(2, some[20:], 58.0)
    assert one.is_due(58.0)
    (value,) = one.release()
    assert decode(value).exposures == some
    long = replace(some[0], activity=replace(some[0].activity, statement="x" * 5_000_000))
    one.take(3, [long], 99.0)
    assert one.is_due(99.0)


def test_blocks_under_a_key_name_nobody():
    some = history(30)
    key = b"0123456789abcdef"
    one = held(key=key)
    one.take(0, some, 0.0)
    (value,) = one.release()
    found = decode(value).exposures
    text = str(found)
    assert not any(name in text for name in ("anna", "bob", "carla", "10.0.0.7"))
    names = Pseudonyms(key)
    assert [x.employee for x in found] == [names.employee(x.employee) for x in some]
    assert [x.activity.subjects for x in found] == [x.activity.subjects for x in some]
    # Twice the same, and never a pseudonym of a pseudonym.
    assert [names.mask(x) for x in found] == found
    assert Pseudonyms(b"another key, but long").employee("anna") != names.employee("anna")


def test_every_field_of_an_activity_is_kept_or_known_to_be_forgotten():
    from ledger_samples import DEFAULTS

    assert DEFAULTS.keys() == FORGOTTEN
