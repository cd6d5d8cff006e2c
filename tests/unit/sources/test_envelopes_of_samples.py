"""An envelope changes nothing: every sample of every format, bare and inside what shippers put around it."""

from __future__ import annotations

import base64
import gzip
from pathlib import Path

import msgspec
import orjson
import pytest

from streamguard.activity import Activity, RawRecord
from streamguard.sources import Decoder, read_records

SAMPLES = Path(__file__).parents[2] / "samples"
# What is an envelope itself is tested elsewhere, and a gzipped file is no text.
FILES = sorted(
    p for p in SAMPLES.rglob("*") if p.is_file() and p.suffix != ".md" and p.parent.name != "wrapped-derived"
)
MOST_RECORDS = 25
DECODER = Decoder()


def cloudwatch(text):
    return orjson.dumps({"messageType": "DATA_MESSAGE", "logEvents": [{"id": "1", "timestamp": 0, "message": text}]})


def firehose(value):
    data = base64.b64encode(value).decode()
    return orjson.dumps({"records": [{"recordId": "1", "data": data}]})


def as_json(text):
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


ENVELOPES = {
    "Filebeat": lambda text: orjson.dumps({"@timestamp": "x", "message": text, "log": {"offset": 1}}),
    "Vector": lambda text: orjson.dumps({"message": text, "source_type": "file", "file": "x"}),
    "Fluent Bit": lambda text: orjson.dumps({"log": text, "stream": "stdout"}),
    "Splunk HEC": lambda text: orjson.dumps({"event": as_json(text), "sourcetype": "x"}),
    "Kafka Connect": lambda text: orjson.dumps({"schema": {}, "payload": as_json(text)}),
    "CloudWatch": lambda text: gzip.compress(cloudwatch(text)),
    "Firehose": lambda text: firehose(text.encode()),
    "Firehose of CloudWatch": lambda text: firehose(gzip.compress(cloudwatch(text))),
    "Pub/Sub": lambda text: orjson.dumps(
        {"message": {"data": base64.b64encode(text.encode()).decode()}, "subscription": "s"}
    ),
    "array": lambda text: orjson.dumps([as_json(text)]),
    "JSON string": orjson.dumps,
}
ONE_LINE = {
    "container": lambda text: orjson.dumps({"log": f"2026-11-22T03:57:28.833Z stdout F {text}\n"}),
    "container, split": lambda text: b"\n".join(
        [
            f"2026-11-22T03:57:28.833Z stdout P {text[:20]}".encode(),
            f"2026-11-22T03:57:28.833Z stdout F {text[20:]}".encode(),
        ]
    ),
    "syslog": lambda text: f"<134>1 2026-11-22T03:57:28.8Z db-1 postgres 7 - - {text}".encode(),
}


def decoded(value):
    out = []
    for outcome in DECODER.decode(RawRecord("t", 0, 0, 0, 1_795_400_000_000, value)):
        if isinstance(outcome, Activity):
            fields = msgspec.structs.asdict(outcome)
            # An envelope may name the server, which is a part of the key.
            out.append({name: fields[name] for name in fields if name not in {"origin", "instance", "statement_key"}})
        else:
            out.append(outcome.reason)
    return out


def texts_of(path):
    records = [record for record in read_records(path) if record.strip()]
    step = max(1, len(records) // MOST_RECORDS)
    return [record.decode() for record in records[::step]]


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_an_envelope_changes_nothing(path):
    for text in texts_of(path):
        bare = decoded(text.encode())
        wraps = ENVELOPES if "\n" in text else ENVELOPES | ONE_LINE
        for name, wrap in wraps.items():
            assert decoded(wrap(text)) == bare, name
