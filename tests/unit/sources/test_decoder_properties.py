"""Whatever the bytes: no exception, no defect, every outcome in its place, and the same outcome again."""

from __future__ import annotations

import gzip
from pathlib import Path

import msgspec
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
KEYS = [
    *["message", "record", "records", "audit", "logEvents", "log", "payload", "schema", "class_uid", "actor", "user"],
    *["time", "error_severity", "timestamp", "log_time", "properties", "category", "unmapped", "rows", "query_info"],
    *["data", "kinesis", "awslogs", "event", "source", "textPayload", "host"],
]


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


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_arbitrary_json_of_known_keys(value):
    check(msgspec.json.encode(value))


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
