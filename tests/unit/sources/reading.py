"""Helpers for the tests of adapters: samples in, outcomes out; and records that are almost good."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import orjson
from hypothesis import strategies as st

from streamguard.activity import Activity, RawRecord
from streamguard.sources import Decoder, read_records
from streamguard.sources.assemble import Assembler

SAMPLES = Path(__file__).parents[2] / "samples"
PRODUCED_MS = 1_795_400_000_000


def decode(value, format=None, produced_ms=PRODUCED_MS, offset=0):  # noqa: A002
    """Return the outcomes of one record: bytes, text, or what is to be JSON."""
    if isinstance(value, str):
        value = value.encode()
    elif not isinstance(value, bytes):
        value = orjson.dumps(value)
    return Decoder().decode(RawRecord("audit", 0, 0, offset, produced_ms, value), format)


def decode_one(value, format=None, **arguments):  # noqa: A002
    [outcome] = decode(value, format, **arguments)
    return outcome


def outcomes_of(name):
    """Return the outcomes of a sample file, in order."""
    return [o for i, value in enumerate(read_records(SAMPLES / name)) for o in decode(value, offset=i)]


def tally(outcomes):
    return Counter(o.source if isinstance(o, Activity) else o.reason for o in outcomes)


def told(activity):
    """Return what an activity says, without defaults, its place and its text."""
    fields = msgspec.to_builtins(activity)
    return {k: v for k, v in fields.items() if k not in {"origin", "fingerprint", "produced_ms"}}


def merged(outcomes):
    """Return the statements that an assembler makes of outcomes."""
    assembler = Assembler()
    for outcome in outcomes:
        if isinstance(outcome, Activity):
            assembler.feed(outcome)
    assembler.announce_cut()
    assembler.cut()
    return assembler.take()


def objects_of(*names):
    """Return the JSON objects of sample files."""
    return [orjson.loads(value) for name in names for value in read_records(SAMPLES / name)]


_ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["", "0", "-1", "'", "select 'x", "2026-11-22", "\0", "N/A"]),
    st.lists(st.integers(-9, 9), max_size=2),
    st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=2),
)


@st.composite
def damaged(draw, records):
    """Return one of some JSON objects with up to three of its members, at any depth, replaced or taken away."""
    record = orjson.loads(orjson.dumps(draw(st.sampled_from(records))))
    for _ in range(draw(st.integers(1, 3))):
        inner = record
        while True:
            keys = sorted(inner) if isinstance(inner, dict) else range(len(inner))
            if not keys:
                break
            key = draw(st.sampled_from(list(keys)))
            if isinstance(inner[key], dict | list) and inner[key] and draw(st.integers(0, 3)):
                inner = inner[key]
                continue
            if isinstance(inner, dict) and draw(st.booleans()):
                del inner[key]
            else:
                inner[key] = draw(_ODD)
            break
    return record
