"""Bad input: every kind has its own stable reason, its place, and a detail that gives nothing away."""

from __future__ import annotations

import base64
import gzip
import tracemalloc

import orjson
import pytest

from streamguard.activity import Activity, RawRecord, Rejected
from streamguard.sources import Decoder, DecoderConfig, RejectedReason

SECRET = "dora.winter@example.com"
TIME = "2026-11-22 03:57:28.833 UTC"
PRODUCED_MS = 1_795_319_848_900


def entry(**changes):
    record = {
        "timestamp": TIME,
        "user": SECRET,
        "session_id": "6b026828.49c7",
        "error_severity": "LOG",
        "message": f"AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.customers,select '{SECRET}',<none>,5",
    } | changes
    return orjson.dumps(record)


def audit(rows):
    return entry(message=f"AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.customers,select '{SECRET}',<none>,{rows}")


def nested_json(levels):
    value = SECRET
    for _ in range(levels):
        value = orjson.dumps({"message": value}).decode()
    return value.encode()


def csv_row(columns):
    row = [TIME, SECRET, "crm", "7", "", "6b.1", "1", "", "", "", "", "LOG", "00000", "hello"]
    return ",".join(row + [""] * (columns - len(row))).encode()


STDERR = "2026-11-22 03:57:28.833 UTC [7] "
AUDIT = f"AUDIT: SESSION,1,1,READ,SELECT,,,select '{SECRET}',<none>,5"
OCSF = {"class_uid": 6005, "time": PRODUCED_MS, "actor": {"user": {"name": SECRET}}, "query_info": {"uid": "1"}}

BAD = {
    "nothing": (b"", "empty_record"),
    "null": (None, "empty_record"),
    "white space": (b" \n\t ", "empty_record"),
    "byte order mark alone": (b"\xef\xbb\xbf", "empty_record"),
    "payload null": (b'{"schema": {}, "payload": null}', "empty_record"),
    "prose": (SECRET.encode(), "unknown_format"),
    "a number": (b"42", "unknown_format"),
    "numbers": (b"[42]", "unknown_format"),
    "object of unknown shape": (orjson.dumps({"name": SECRET}), "unknown_format"),
    "truncated JSON": (entry()[:-40], "truncated_json"),
    "truncated inside an escape": (b'{"message": "\\', "truncated_json"),
    "damaged JSON": (b'{"message" "x"}', "invalid_json"),
    "lone surrogate": (b'{"message": "\\ud800"}', "invalid_json"),
    "integer beyond 64 bits beside a control character": (b'{"a": "\x01", "b": 99999999999999999999}', "invalid_json"),
    "NaN": (b'{"class_uid": 6005, "time": NaN}', "not_a_number"),
    "Infinity": (b'{"class_uid": 6005, "time": -Infinity}', "not_a_number"),
    "beyond doubles": (b'{"class_uid": 6005, "time": 1e999}', "not_a_number"),
    "invalid UTF-8 in JSON": (entry().replace(b"dora", b"d\xffra"), "invalid_utf8"),
    "invalid UTF-8 in text": (b"2026-11-22 \xff", "invalid_utf8"),
    "deep JSON": (b'{"a":' * 3000 + b"1" + b"}" * 3000, "too_deeply_nested"),
    "deep arrays": (b"[" * 900 + b"]" * 900, "too_deeply_nested"),
    "deep envelopes": (nested_json(9), "too_deeply_nested"),
    "damaged gzip": (gzip.compress(entry())[:12] + b"\xff" * 40, "invalid_compression"),
    "truncated gzip": (gzip.compress(entry())[:-9], "invalid_compression"),
    "damaged lz4": (b"\x04\x22\x4d\x18" + b"\xff" * 30, "invalid_compression"),
    "damaged snappy": (b"\xff\x06\x00\x00sNaPpY" + b"\xff" * 30, "invalid_compression"),
    "bad base64 of gzip": (b"H4sIAAAA%%%", "invalid_base64"),
    "gzip as base64, cut off": (base64.b64encode(gzip.compress(entry()))[:40], "invalid_compression"),
    "damaged zstd": (b"\x28\xb5\x2f\xfd" + b"\xff" * 30, "invalid_compression"),
    "bad base64": (b'{"awslogs": {"data": "%%%"}}', "invalid_base64"),
    "Avro of a registry that begins like JSON": (b'\0\0\0\0\x07{"a"' + SECRET.encode(), "schema_registry_encoding"),
    "Avro of a registry": (b"\0\0\0\0\x07" + SECRET.encode(), "schema_registry_encoding"),
    "severity of the wrong type": (entry(error_severity=3), "wrong_type"),
    "message of the wrong type": (entry(message=["AUDIT: "]), "wrong_type"),
    "time of the wrong type": (entry(timestamp=1_795_319_848), "wrong_type"),
    "user of the wrong type": (entry(user={"name": SECRET}), "wrong_type"),
    "time missing": (entry(timestamp=None), "missing_field"),
    "message missing": (entry(message=None), "missing_field"),
    "time that is none": (entry(timestamp="yesterday"), "invalid_time"),
    "time of no calendar": (entry(timestamp="2026-02-30 03:57:28.833 UTC"), "invalid_time"),
    "zone with three meanings": (entry(timestamp="2026-11-22 03:57:28.833 CST"), "unknown_time_zone"),
    "time before any log": (entry(timestamp="1970-01-01 00:00:00.000 UTC"), "time_out_of_range"),
    "time two days ahead": (entry(timestamp="2026-11-24 03:57:29.000 UTC"), "time_in_future"),
    "negative rows": (audit(-1), "negative_rows"),
    "absurd rows": (audit(2**53 + 1), "rows_out_of_range"),
    "rows of more digits than int() takes": (audit("9" * 5000), "rows_out_of_range"),
    "rows that are no number": (audit("many"), "invalid_rows"),
    "rows that are not a number": (audit("NaN"), "invalid_rows"),
    "rows in other digits": (audit("٣"), "invalid_rows"),
    "OCSF rows negative": (orjson.dumps(OCSF | {"unmapped": {"rows": -7}}), "negative_rows"),
    "OCSF rows absurd": (orjson.dumps(OCSF | {"unmapped": {"rows": 1e300}}), "rows_out_of_range"),
    "OCSF rows a truth value": (orjson.dumps(OCSF | {"unmapped": {"rows": True}}), "invalid_rows"),
    "OCSF rows fractional": (orjson.dumps(OCSF | {"unmapped": {"rows": 1.5}}), "invalid_rows"),
    "OCSF time of the wrong type": (orjson.dumps(OCSF | {"time": "now"}), "wrong_type"),
    "OCSF class of the wrong type": (orjson.dumps(OCSF | {"class_uid": "6005"}), "wrong_type"),
    "OCSF without a user": (orjson.dumps(OCSF | {"actor": {}}), "missing_field"),
    "csvlog of another width": (csv_row(25), "wrong_column_count"),
    "csvlog cut off": (csv_row(26).replace(b"hello", b'"hello'), "malformed_csv"),
    "plain line without a user": (f"{STDERR}LOG:  {AUDIT}".encode(), "missing_user"),
    "plain line of an unknown prefix": (f"{STDERR}<<dora>> LOG:  {AUDIT}".encode(), "unknown_log_line_prefix"),
    "audit message without its line": (AUDIT.encode(), "unknown_log_line_prefix"),
    "continuation of a syslog message": (
        f"Nov 22 03:57:28 db postgres[7]: [8-2] from {SECRET}".encode(),
        "syslog_split",
    ),
    "beginning of a split syslog message": (
        f"Nov 22 03:57:28 db postgres[7]: [8-1] {STDERR}ann@crm LOG:  {AUDIT[:60]}".encode(),
        "syslog_split",
    ),
    "part of a container line": (b"2026-11-22T03:57:28.9Z stdout P {", "partial_line"),
}  # fmt: skip


def decode(value, config=None, produced_ms=PRODUCED_MS, **arguments):
    return Decoder(config).decode(RawRecord("audit", 2, 0, 17, produced_ms, value), **arguments)


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_a_value_with_its_reason_and_place(kind):
    value, reason = BAD[kind]
    [outcome] = decode(value)
    assert isinstance(outcome, Rejected)
    assert outcome.reason == reason
    assert outcome.origin == ("audit", 2, 0, 17, 0)
    assert outcome.detail


@pytest.mark.parametrize("kind", BAD)
def test_a_detail_never_quotes_the_record(kind):
    [outcome] = decode(BAD[kind][0])
    for word in ("dora", "winter", "example", "yesterday", "many"):
        assert word not in outcome.detail.replace("many records", "").replace("how many", "")


def test_reasons_are_words_for_metric_labels():
    assert all(reason.value.replace("_", "").isalnum() and reason.value.islower() for reason in RejectedReason)
    assert type(decode(b"x")[0].reason) is str


def test_without_a_kafka_time_the_future_begins_in_2100():
    [soon] = decode(entry(timestamp="2099-12-31 23:59:59.999 UTC"), produced_ms=None)
    [late] = decode(entry(timestamp="2100-01-01 00:00:00.000 UTC"), produced_ms=None)
    assert isinstance(soon, Activity)
    assert late.reason == "time_in_future"


def test_clocks_may_differ_by_the_tolerance():
    config = DecoderConfig(max_future_ms=1_000)
    [within] = decode(entry(), config, produced_ms=PRODUCED_MS - 1_067)
    [beyond] = decode(entry(), config, produced_ms=PRODUCED_MS - 1_068)
    assert isinstance(within, Activity)
    assert beyond.reason == "time_in_future"


def test_a_long_statement_is_analysed_by_its_beginning():
    message = f'AUDIT: SESSION,1,1,READ,SELECT,,,"select email from customers where a in ({"1," * 50_000}1)",<none>,5'
    [outcome] = decode(entry(message=message))
    assert isinstance(outcome, Activity)
    assert not outcome.columns_known
    assert outcome.rows == 5


@pytest.mark.parametrize("carrier", ["jsonlog", "stderr", "batch"])
def test_a_statement_of_ten_megabytes_is_too_large_and_its_neighbours_are_not(carrier):
    message = f"AUDIT: SESSION,1,1,READ,SELECT,,,select '{'x' * 10_000_000}',<none>,5"
    if carrier == "stderr":
        [outcome] = decode(f"{STDERR}ann@crm LOG:  {message}".encode())
        assert outcome.reason == "record_too_large"
        return
    if carrier == "jsonlog":
        [outcome] = decode(entry(message=message))
        assert outcome.reason == "record_too_large"
        return
    kinds = [getattr(o, "reason", "activity") for o in decode(b"\n".join([entry(), entry(message=message), entry()]))]
    assert kinds == ["activity", "record_too_large", "activity"]


def test_a_large_envelope_of_small_records_is_read():
    value = orjson.dumps({"records": [orjson.loads(entry())] * 5_000})
    assert len(value) > DecoderConfig().max_record_bytes
    assert {type(outcome) for outcome in decode(value)} == {Activity}


def test_a_large_record_in_a_large_envelope_is_rejected_alone():
    large = orjson.loads(entry()) | {"unknown": "x" * 1_100_000}
    reasons = [getattr(o, "reason", None) for o in decode(orjson.dumps({"records": [large, orjson.loads(entry())]}))]
    assert reasons == ["record_too_large", None]


def test_a_message_beyond_every_limit_is_not_even_parsed():
    [outcome] = decode(b"{" * 2_000, DecoderConfig(max_unpacked_bytes=1_999))
    assert outcome.reason == "record_too_large"


@pytest.mark.parametrize("pack", [gzip.compress, lambda v: gzip.compress(v[:9]) + gzip.compress(v[9:])])
def test_a_bomb_costs_no_more_than_the_budget(pack):
    bomb = pack(b"[" + b" " * 50_000_000 + b"]")
    config = DecoderConfig(max_unpacked_bytes=100_000)
    tracemalloc.start()
    try:
        [outcome] = decode(bomb, config)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert outcome.reason == "unpacked_too_large"
    assert peak_bytes < 5_000_000


def test_bombs_in_one_message_share_the_budget():
    bomb = base64.b64encode(gzip.compress(b'{"message": "' + b"x" * 60_000 + b'"}')).decode()
    value = orjson.dumps({"records": [{"recordId": "1", "data": bomb}, {"recordId": "2", "data": bomb}]})
    outcomes = decode(value, DecoderConfig(max_unpacked_bytes=100_000))
    assert [o.reason for o in outcomes] == ["unknown_format", "unpacked_too_large"]


@pytest.mark.parametrize("name", ["zstd", "lz4", "snappy"])
def test_other_compressions_are_read_within_the_budget(name):
    import cramjam

    compress = getattr(cramjam, name).compress
    [outcome] = decode(bytes(compress(entry())))
    assert isinstance(outcome, Activity)
    # More than the first buffer holds, and then more than all may.
    [large] = decode(bytes(compress(entry(unknown="x" * 900_000))))
    assert isinstance(large, Activity)
    [bomb] = decode(bytes(compress(b"x" * 50_000_000)), DecoderConfig(max_unpacked_bytes=3_000_000))
    assert bomb.reason == "unpacked_too_large"


def test_what_is_beyond_the_number_of_records_is_rejected_and_the_rest_is_kept():
    outcomes = decode(b"\n".join([entry()] * 5), DecoderConfig(max_records_per_message=3))
    assert [getattr(o, "reason", None) for o in outcomes] == [None, None, None, "too_many_records"]
    assert [o.origin.index for o in outcomes] == [0, 1, 2, 3]


def test_a_defect_of_an_adapter_stops_nothing(monkeypatch):
    monkeypatch.setattr(
        "streamguard.sources.statement.Analyser.analyse", lambda *_: (_ for _ in ()).throw(KeyError(SECRET))
    )
    [outcome] = decode(entry())
    assert (outcome.reason, outcome.detail) == ("internal_error", "KeyError in an adapter")
