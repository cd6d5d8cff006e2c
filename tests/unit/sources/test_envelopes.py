"""Envelopes: every shape of shippers and clouds that the samples do not show, and how they nest."""

from __future__ import annotations

import base64
import gzip

import cramjam
import orjson
import pytest

from streamguard.activity import Activity, Ignored, RawRecord
from streamguard.sources import Decoder, DecoderConfig

ENTRY = {
    "timestamp": "2026-11-22 03:57:28.833 UTC",
    "user": "ann",
    "session_id": "6b026828.49c7",
    "error_severity": "LOG",
    "message": "AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.customers,select email from customers,<none>,5",
}
JSON = orjson.dumps(ENTRY).decode()
PLAIN = (
    "2026-11-22 03:57:28.833 UTC [7] ann@crm LOG:  "
    'AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.customers,"select email\n\tfrom customers, orders",<none>,5'
)


def b64(value):
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


def decode(value, config=None):
    if not isinstance(value, bytes):
        value = value.encode() if isinstance(value, str) else orjson.dumps(value)
    return Decoder(config).decode(RawRecord("t", 0, 0, 0, None, value))


SHAPES = {
    "JSON with a byte order mark": (b"\xef\xbb\xbf" + JSON.encode(), None),
    "JSON text as a JSON string": (orjson.dumps(JSON), None),
    "plain text as a JSON string": (orjson.dumps(PLAIN), None),
    "Filebeat": ({"@timestamp": "x", "log": {"offset": 1}, "host": {"name": "db-1"}, "message": PLAIN}, "db-1"),
    "Logstash, parsed": ({"message": ENTRY, "host": "db-1"}, "db-1"),
    "journald": ({"MESSAGE": PLAIN, "_HOSTNAME": "db-1"}, "db-1"),
    "Docker": ({"log": JSON + "\n", "stream": "stderr"}, None),
    "Fluent Bit, parsed": ({"log": ENTRY, "kubernetes": {"pod_name": "db-0"}}, "db-0"),
    "CRI, JSON": (f"2026-11-22T03:57:28.833000001Z stdout F {JSON}", None),
    "CRI, plain": (f"2026-11-22T03:57:28.833000001+00:00 stderr F {PLAIN}", None),
    "Fluent Bit, CRI": ({"log": f"2026-11-22T03:57:28.8Z stderr F {JSON}", "kubernetes": {"pod_name": "db-0"}}, "db-0"),
    "Docker through fluentd": ({"log": PLAIN, "partial_message": "false", "container_name": "db"}, None),
    "Splunk HEC, no more than needed": ({"event": PLAIN}, None),
    "Splunk HEC with fields": ({"time": 1, "event": ENTRY, "index": "db", "fields": {"a": "b"}}, None),
    "Splunk HEC, parsed": ({"event": ENTRY, "sourcetype": "postgresql:json", "host": "db-1"}, "db-1"),
    "Kafka Connect, bytes": ({"schema": {"type": "bytes"}, "payload": b64(JSON)}, None),
    "Kafka Connect, parsed": ({"schema": {"type": "struct"}, "payload": ENTRY}, None),
    "Cloud Logging, text": ({"textPayload": PLAIN, "resource": {"labels": {"database_id": "p:db-1"}}}, "p:db-1"),
    "Cloud Logging, JSON": ({"jsonPayload": ENTRY, "resource": {"labels": {"instance_id": "db-1"}}}, "db-1"),
    "Pub/Sub push of a LogEntry": (
        {"message": {"data": b64(orjson.dumps({"textPayload": PLAIN, "resource": {"labels": {"database_id": "p:db"}}}))},
         "subscription": "s"},
        "p:db",
    ),
    "Elastic, parsed": ({"event": {"original": PLAIN}, "host": {"name": "db-1"}, "postgresql": {}}, "db-1"),
    "Azure Event Hubs, JSON in strings": ({"records": [orjson.dumps(ENTRY).decode()]}, None),
    "Pub/Sub push": ({"message": {"data": b64(JSON), "messageId": "1"}, "subscription": "s"}, None),
    "Kinesis": ({"Records": [{"kinesis": {"data": b64(JSON)}}]}, None),
    "Firehose of CloudWatch": (
        {
            "records": [
                {
                    "recordId": "1",
                    "data": b64(
                        gzip.compress(
                            orjson.dumps({"messageType": "DATA_MESSAGE", "logStream": "db-1", "logEvents": [
                                {"id": "1", "timestamp": 0, "message": PLAIN}]})
                        )
                    ),
                }
            ]
        },
        "db-1",
    ),
    "zstd": (bytes(cramjam.zstd.compress(JSON.encode())), None),
    "lz4": (bytes(cramjam.lz4.compress(JSON.encode())), None),
    "snappy": (bytes(cramjam.snappy.compress(JSON.encode())), None),
    "gzip as base64": (b64(gzip.compress(JSON.encode())), None),
    "gzip as base64 inside": ({"message": b64(gzip.compress(JSON.encode()))}, None),
    "JSON with the number of a schema": (b"\0\0\0\0\x07" + JSON.encode(), None),
    "behind a tag": (f"mysql_audit_log: {JSON}", None),
    "syslog as rsyslog writes files": (f"2026-11-22T03:57:28.9+00:00 db-1 postgres[7]: {PLAIN}", "db-1"),
    "with a trailing comma": (f"{JSON},", None),
    "with a trailing comma and a newline": (f"{JSON} ,\r\n", None),
    "at the beginning of an array": (f"[{JSON},", None),
    "at the end of an array": (f"{JSON}]", None),
    "gzip": (gzip.compress(JSON.encode()), None),
    "gzip of two members": (gzip.compress(JSON.encode()[:50]) + gzip.compress(JSON.encode()[50:]), None),
    "gzip of gzip": (gzip.compress(gzip.compress(JSON.encode())), None),
    "syslog RFC 3164": (f"<134>Nov  2 03:57:28 db-1 postgres[7]: {PLAIN}", "db-1"),
    "syslog RFC 3164, numbered": (f"Nov 22 03:57:28 db-1 postgres[7]: [7-1] {PLAIN}", "db-1"),
    "syslog RFC 5424": (f"<134>1 2026-11-22T03:57:28.8Z db-1 postgres 7 - - {PLAIN}", "db-1"),
    "syslog RFC 5424 with data": (f'<134>1 2026-11-22T03:57:28.8Z db-1 postgres 7 - [a b="c"] {PLAIN}', "db-1"),
    "rsyslog with escaped newlines": (
        "2026-11-22T03:57:28.9+00:00,db-1,10.1.2.3, " + PLAIN.replace("\n", "#012").replace("\t", "#011"),
        "db-1",
    ),
    "array": ([ENTRY], None),
    "array of texts": ([PLAIN], None),
    "pretty-printed": (orjson.dumps(ENTRY, option=orjson.OPT_INDENT_2), None),
    "control characters inside strings": (JSON.replace("select email", "select\temail").encode(), None),
    "with members that a shipper added": (ENTRY | {"host": "db-1", "log": {"offset": 3}, "tags": []}, None),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_the_audit_record_inside_is_read(shape):
    value, instance = SHAPES[shape]
    [outcome] = decode(value)
    assert isinstance(outcome, Activity), outcome
    assert (outcome.user, outcome.tables, outcome.rows) == ("ann", ("public.customers",), 5)
    assert outcome.columns in {("customers.email",), ("email",)}
    assert (outcome.instance, outcome.statement_key[: len(instance or "") + 1]) == (instance, f"{instance or ''}/")


BATCHES = {
    "NDJSON": f"{JSON}\n{JSON}\n\n{JSON}\n",
    "NDJSON with Windows line ends": f"{JSON}\r\n{JSON}\r\n{JSON}",
    "array that is still open": f"[{JSON},{JSON},\n{JSON}",
    "array with a comma too many": f"[{JSON},{JSON},{JSON},]",
    "Splunk HEC": "".join(orjson.dumps({"event": ENTRY, "host": "db-1"}).decode() for _ in range(3)),
    "NDJSON with commas": f"{JSON},\n{JSON},\n{JSON}",
    "documents without a separator": JSON * 3,
    "plain lines": f"{PLAIN}\n{PLAIN}\n{PLAIN}\n",
    "array": [ENTRY, JSON, PLAIN],
    "records": {"records": [ENTRY, JSON, PLAIN]},
    "gzip of lines": gzip.compress(f"{JSON}\n{JSON}\n{JSON}\n".encode()),
}


@pytest.mark.parametrize("batch", BATCHES)
def test_a_batch_gives_its_records_in_order(batch):
    outcomes = decode(BATCHES[batch])
    assert [type(o) for o in outcomes] == [Activity] * 3
    assert [o.origin.index for o in outcomes] == [0, 1, 2]


def test_a_broken_record_of_a_batch_costs_only_itself():
    outcomes = decode(f"{JSON[:-30]}\n{JSON}\n{{\n{JSON}".encode())
    assert [getattr(o, "reason", "activity") for o in outcomes] == [
        "truncated_json",
        "activity",
        "truncated_json",
        "activity",
    ]
    assert [o.origin.index for o in outcomes] == [0, 1, 2, 3]


def test_a_broken_text_in_a_batch_costs_only_itself():
    outcomes = decode(b"\n".join([PLAIN.encode(), b"2026-11-22 03:57:28 \xff", PLAIN.encode()]))
    assert [getattr(o, "reason", "activity") for o in outcomes] == ["activity", "invalid_utf8", "activity"]


def test_documents_before_a_damaged_one_are_read():
    first, second = decode(f"{JSON}{JSON[:-9]}")
    assert isinstance(first, Activity)
    assert (second.reason, second.origin.index) == ("truncated_json", 1)


def test_the_instance_of_one_record_does_not_leak_into_the_next():
    outcomes = decode([{"message": JSON, "host": "db-1"}, ENTRY])
    assert [o.instance for o in outcomes] == ["db-1", None]


@pytest.mark.parametrize(
    "value", [{"records": []}, {"Records": []}, [], {"logEvents": [], "messageType": "DATA_MESSAGE"}]
)
def test_an_empty_batch_is_ignored_by_name(value):
    [outcome] = decode(value)
    assert outcome == Ignored(("t", 0, 0, 0, 0), "empty_batch")


PUNCTUATION = {
    "an array of lines, open": (f"[\n{JSON},\n{JSON},", [True, False, False]),
    "an array of lines, closed": (f"[\n{JSON},\n{JSON}\n]\n,\n[\n", [True, False, False, True, True, True]),
    "the end of an array": (f"{JSON}\n]", [False, True]),
    "an opening bracket": ("[", [True]),
    "a closing bracket and a comma": (" ],\n", [True]),
    "a comma": (",", [True]),
    "a bracket inside": ({"message": "["}, [True]),
}


@pytest.mark.parametrize("case", PUNCTUATION)
def test_the_punctuation_of_an_array_is_ignored_and_its_records_are_read(case):
    value, is_punctuation = PUNCTUATION[case]
    outcomes = decode(value)
    assert [isinstance(o, Ignored) for o in outcomes] == is_punctuation
    assert {o.reason for o in outcomes if isinstance(o, Ignored)} == {"array_punctuation"}
    assert {type(o) for o in outcomes} <= {Activity, Ignored}


def test_of_an_array_cut_off_the_whole_records_are_kept():
    kinds = [getattr(o, "reason", "activity") for o in decode(f"[{JSON},{JSON},{JSON[:-20]}")]
    assert kinds == ["activity", "activity", "truncated_json"]


CRI = "2026-11-22T03:57:28.833000001Z"


def test_the_parts_of_a_container_line_are_joined_within_a_batch():
    lines = [
        f"{CRI} stdout P {JSON[:90]}",
        f"{CRI} stderr P {JSON[:50]}",
        f"{CRI} stdout P {JSON[90:120]}",
        f"{CRI} stdout F {JSON[120:]}",
        f"{CRI} stderr F {JSON[50:]}",
        f"{CRI} stdout F {JSON}",
    ]
    outcomes = decode("\n".join(lines))
    assert [type(o) for o in outcomes] == [Activity] * 3
    assert {(o.user, o.rows) for o in outcomes} == {("ann", 5)}


@pytest.mark.parametrize(
    "value",
    [
        f"{CRI} stdout P {JSON[:90]}",
        f"{CRI} stdout P {JSON[:90]}\n{CRI} stdout P {JSON[90:]}",
        {"log": JSON[:90], "logtag": "P", "stream": "stdout"},
        {"log": JSON[:90], "partial_message": "true"},
    ],
)
def test_parts_without_their_end_are_refused_with_advice(value):
    [outcome] = decode(value)
    assert outcome.reason == "partial_line"
    assert "multiline.parser cri" in outcome.detail


def test_a_joined_container_line_has_a_largest_size():
    part = f"{CRI} stdout P {'x' * 5_000}"
    outcomes = decode("\n".join([part] * 20), DecoderConfig(max_record_bytes=20_000))
    assert {o.reason for o in outcomes} == {"record_too_large"}
    assert 4 <= len(outcomes) <= 10


ADMIN_READ = {
    "protoPayload": {"@type": "type.googleapis.com/google.cloud.audit.AuditLog", "serviceName": "bigquery"},
    "resource": {"labels": {"project_id": "p"}},
}


def seen_by_adapters(value, monkeypatch):
    """Return the objects that reach the formats, in order."""
    seen = []
    monkeypatch.setattr("streamguard.sources.walk.first_match", lambda _, record, __: seen.append(record))
    monkeypatch.setattr("streamguard.sources.decoder.first_match", lambda _, record, __: seen.append(record))
    decode(value)
    return seen


@pytest.mark.parametrize(
    ("value", "whole"),
    [
        (ADMIN_READ, ADMIN_READ),
        ({"message": {"data": b64(orjson.dumps(ADMIN_READ)), "messageId": "1"}}, ADMIN_READ),
        ({"winlog": {"event_id": 33205, "event_data": {"param1": "a:b"}}, "message": "x"}, None),
        ({"event": "db.session.query", "user": "ann", "time": "x"}, None),
        ({"eventPayload": {"context": {}, "metadata": {"queryId": "1"}}, "eventMetadata": {}}, None),
        ({"schema": {}, "payload": {"QUERY_ID": "1", "QUERY_TEXT": "x"}}, {"QUERY_ID": "1", "QUERY_TEXT": "x"}),
        ({"records": [{"recordId": "1", "data": b64('{"type": "record", "dbUserName": "a"}')}]},
         {"type": "record", "dbUserName": "a"}),
    ],
)  # fmt: skip
def test_adapters_see_objects_whole_before_they_are_taken_apart(value, whole, monkeypatch):
    assert (value if whole is None else whole) in seen_by_adapters(value, monkeypatch)


def test_reading_leniently_is_counted():
    decoder = Decoder()
    for value in (JSON, f"{JSON},", JSON.replace("select email", "select\temail"), JSON[:-9]):
        decoder.decode(RawRecord("t", 0, 0, 0, None, value.encode()))
    assert decoder.lenient_reads == 1


def wrapped(layers):
    value = JSON
    for _ in range(layers):
        value = orjson.dumps({"message": value}).decode()
    return value


@pytest.mark.parametrize("depth", [1, 4, 6])
def test_as_many_layers_as_allowed_and_no_more(depth):
    config = DecoderConfig(max_depth=depth)
    assert isinstance(decode(wrapped(depth), config)[0], Activity)
    assert decode(wrapped(depth + 1), config)[0].reason == "too_deeply_nested"


def test_the_operators_own_entries_are_ignored():
    [outcome] = decode({"level": "info", "logger": "instance-manager", "logging_pod": "db-1", "msg": "ok"})
    assert outcome.reason == "operator_log"
