"""Whatever the bytes: no exception, no defect, every outcome in its place, and the same outcome again."""

from __future__ import annotations

import gzip
from pathlib import Path

import msgspec
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from streamguard.activity import Activity, Ignored, RawRecord, Rejected
from streamguard.sources import Decoder, DecoderConfig, IgnoredReason, RejectedReason, read_records

SAMPLES = Path(__file__).parents[2] / "samples"
CONFIG = DecoderConfig(max_unpacked_bytes=200_000, max_record_bytes=20_000, max_records_per_message=50)
DECODER = Decoder(CONFIG)
REJECTED = {reason.value for reason in RejectedReason} - {"internal_error"}
IGNORED = {reason.value for reason in IgnoredReason}


def corpus():
    seen = []
    for path in sorted(SAMPLES.rglob("*")):
        if path.is_file() and path.suffix != ".md":
            records = list(read_records(path))
            seen.extend(records[:: max(1, len(records) // 12)])
    return seen


RECORDS = corpus()
PIECES = [
    *[b'"', b"\\", b"{", b"}", b"[", b"]", b",", b"\n", b"\n\t", b"\0", b"\xff", b"\xed\xa0\x80", b"''", b"null"],
    *[b"NaN", b"-1", b"AUDIT: ", b"LOG:  ", b"\x1f\x8b", b"\\ud800", b"9" * 400, b'{"message":', b"FOR KEY SHARE OF x"],
]


def parse(record):
    try:
        return orjson.loads(record)
    except orjson.JSONDecodeError:
        return None


# What adapters see: JSON records as they are, and what stands behind the tag of a syslog message.
TREES = [
    tree
    for record in RECORDS
    if len(record) < 20_000 and isinstance(tree := parse(record[record.find(b"{") :].rstrip(b", ")), dict)
]


def parts_of(tree, path=()):
    """Yield the place of every part of a tree but its root."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from parts_of(value, (*path, key))


def keys_of(tree):
    return {step for path in parts_of(tree) for step in path if isinstance(step, str)}


KEYS = sorted(set().union(*map(keys_of, TREES)) | {"Records", "kinesis", "awslogs", "textPayload", "MESSAGE"})


def check(value, produced_ms=None):
    raw = RawRecord("t", 1, 2, 3, produced_ms, value)
    outcomes = DECODER.decode(raw)
    assert outcomes
    assert [o.origin for o in outcomes] == [("t", 1, 2, 3, index) for index in range(len(outcomes))]
    assert len(outcomes) <= CONFIG.max_records_per_message + 1
    for outcome in outcomes:
        if isinstance(outcome, Activity):
            assert outcome.user
            assert outcome.statement_key
            assert outcome.rows is None or 0 <= outcome.rows <= 2**53
        elif isinstance(outcome, Ignored):
            assert outcome.reason in IGNORED
        else:
            assert isinstance(outcome, Rejected)
            assert outcome.reason in REJECTED, outcome
    # What comes out can travel, and comes out again.
    assert msgspec.json.encode(Decoder(CONFIG).decode(raw)) == msgspec.json.encode(outcomes)


@given(st.binary(max_size=300))
def test_arbitrary_bytes(value):
    check(value)


@given(st.text(max_size=300))
def test_arbitrary_text(value):
    check(value.encode(errors="surrogatepass"))


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1) | st.sampled_from([0, 1, -1, 2**53 + 1, 10**12]),
    st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.5, 1e300, -1e-300]),
    st.text(max_size=9) | st.sampled_from(["", " ", "-1", "9" * 400, "[]", "{}", '{"a":', "2026-11-22", "\0", "'\"`;"]),
)
JSON_VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_arbitrary_json_of_known_keys(value):
    check(orjson.dumps(value))


@settings(max_examples=300)
@given(st.sampled_from(TREES), st.data())
def test_the_keys_of_one_sample_with_any_values(tree, data):
    values = {key: data.draw(st.just(value) | JSON_VALUES, label=key) for key, value in tree.items()}
    check(orjson.dumps(values))


def replaced(tree, path, change):
    """Return a copy of a tree with the part at a place changed, or dropped if the change gives nothing."""
    if not path:
        return change(tree)
    key, *rest = path
    inner = replaced(tree[key], rest, change)
    if isinstance(tree, dict):
        return {k: v for k, v in (tree | {key: inner}).items() if v is not DROPPED}
    return [v for v in (*tree[:key], inner, *tree[key + 1 :]) if v is not DROPPED]


DROPPED = object()
CHANGES = {
    "drop": lambda value, data: DROPPED,
    "another type": lambda value, data: data.draw(SCALARS, label="value"),
    "anything": lambda value, data: data.draw(JSON_VALUES, label="value"),
    "cut": lambda value, data: (
        value[: data.draw(st.integers(0, len(value)), label="cut")] if isinstance(value, str | list) else str(value)
    ),
    "as a text": lambda value, data: orjson.dumps(value).decode(),
    "from a text": lambda value, data: parse(value) if isinstance(value, str) else [value],
    "in a list": lambda value, data: [value, value],
    "deeper": lambda value, data: {data.draw(st.sampled_from(KEYS), label="key"): value},
    "beside": lambda value, data: (value if isinstance(value, dict) else {}) | data.draw(JSON_OBJECTS, label="beside"),
}
JSON_OBJECTS = st.dictionaries(st.sampled_from(KEYS), JSON_VALUES, min_size=1, max_size=2)


@settings(max_examples=600)
@given(st.sampled_from(TREES), st.data())
def test_samples_with_parts_changed(tree, data):
    for _ in range(data.draw(st.integers(1, 4), label="changes")):
        places = list(parts_of(tree))
        if not places:
            break
        place = data.draw(st.sampled_from(places), label="place")
        change = CHANGES[data.draw(st.sampled_from(sorted(CHANGES)), label="change")]
        tree = replaced(tree, place, lambda value, change=change: change(value, data))
    check(orjson.dumps(tree), data.draw(st.none() | st.just(1_795_400_000_000), label="produced"))


@given(st.sampled_from(TREES), st.integers(1, 9))
def test_samples_nested_deeper_and_deeper(tree, layers):
    for layer in range(layers):
        tree = [tree, {"message": tree}, {"records": [tree, tree]}, {"log": orjson.dumps(tree).decode()}][layer % 4]
    check(orjson.dumps(tree))


@settings(max_examples=400)
@given(st.sampled_from(RECORDS), st.data())
def test_mutated_samples(record, data):
    value = bytearray(record[:20_000])
    for _ in range(data.draw(st.integers(0, 4), label="mutations")):
        start = data.draw(st.integers(0, len(value)), label="start")
        end = data.draw(st.integers(start, min(len(value), start + 60)), label="end")
        value[start:end] = data.draw(st.sampled_from(PIECES) | st.binary(max_size=4), label="piece")
    check(bytes(value), data.draw(st.none() | st.just(1_795_400_000_000), label="produced"))


@given(st.sampled_from(RECORDS), st.integers(0, 20_000))
def test_truncated_samples(record, length):
    check(record[:length])


@given(st.sampled_from(RECORDS), st.integers(0, 2_000))
def test_truncated_gzip(record, length):
    check(gzip.compress(record[:20_000], mtime=0)[:length])


@given(st.lists(st.sampled_from(RECORDS), min_size=2, max_size=4))
def test_batches_of_mixed_samples(records):
    check(b"\n".join(records))
