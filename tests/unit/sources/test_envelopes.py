"""Envelopes: every shape of shippers and clouds that the samples do not show, and how they nest."""

from __future__ import annotations

import base64
import gzip

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
    "Splunk HEC, parsed": ({"event": ENTRY, "sourcetype": "postgresql:json", "host": "db-1"}, "db-1"),
    "Kafka Connect, parsed": ({"schema": {"type": "struct"}, "payload": ENTRY}, None),
    "Cloud Logging, text": ({"textPayload": PLAIN, "resource": {"labels": {"database_id": "p:db-1"}}}, "p:db-1"),
    "Cloud Logging, JSON": ({"jsonPayload": ENTRY, "resource": {"labels": {"instance_id": "db-1"}}}, "db-1"),
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
