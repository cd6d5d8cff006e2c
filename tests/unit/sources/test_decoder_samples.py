"""Contracts over every sample: nothing raises, nothing is lost, and a carrier or an envelope changes nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from streamguard.activity import Activity, Ignored, RawRecord, Rejected
from streamguard.sources import Decoder, read_records

SAMPLES = Path(__file__).parents[2] / "samples"
FILES = sorted(p for p in SAMPLES.rglob("*") if p.is_file() and p.suffix != ".md")
JSONLOG = "postgresql/generated-pg15-pgaudit1.7-logrows.jsonlog"


def outcomes_of(name, decoder=None):
    decoder = decoder or Decoder()
    return [
        outcome
        for offset, value in enumerate(read_records(SAMPLES / name))
        for outcome in decoder.decode(RawRecord("audit", 3, 1, offset, 1_795_400_000_000, value))
    ]


def audited(name):
    """Return the activities of pgaudit's lines; what else a server logs of a statement differs between carriers."""
    return [outcome for outcome in outcomes_of(name) if isinstance(outcome, Activity) and outcome.part is None]


def tally(outcomes):
    return Counter(o.source if isinstance(o, Activity) else o.reason for o in outcomes)


def comparable(activity, *without):
    fields = msgspec.structs.asdict(activity)
    for name in ("origin", "source", *without):
        del fields[name]
    return fields


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SAMPLES)))
def test_every_record_of_every_sample_has_its_outcomes_in_order(path):
    decoder = Decoder()
    count = 0
    for offset, value in enumerate(read_records(path)):
        outcomes = decoder.decode(RawRecord("audit", 3, 1, offset, None, value))
        assert [o.origin for o in outcomes] == [("audit", 3, 1, offset, index) for index in range(len(outcomes))]
        assert outcomes
        assert all(o.reason != "internal_error" for o in outcomes if isinstance(o, Rejected))
        count += len(outcomes)
    assert count > 0


# The counts of every other sample stand in the test of its family.
EXPECTED = {
    "wrapped-derived/cloudwatch-control-message.json": {"control_message": 1},
    "wrapped-derived/pubsub-push.json": {"bigquery": 1},
    "wrapped-derived/aws-das-outer-encrypted-shape.json": {"unsupported_format": 1},
    "wrapped-derived/kafka-connect-json-schema.ndjson": {"postgresql.stderr": 2, "snowflake": 1},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_outcomes_are_accounted_for(name):
    assert tally(outcomes_of(name)) == EXPECTED[name]


@pytest.mark.parametrize(
    "name",
    ["postgresql/generated-pg15-pgaudit1.7-logrows.csvlog", "postgresql/generated-pg15-pgaudit1.7-logrows.stderr.log"],
)
def test_the_carriers_of_one_server_log_give_equal_activities(name):
    assert [comparable(a) for a in audited(name)] == [comparable(a) for a in audited(JSONLOG)]


def test_cnpg_differs_by_the_name_of_the_pod_only():
    wrapped = audited("cnpg/derived-from-generated-csvlog.ndjson")
    without = ("instance", "statement_key")
    assert [comparable(a, *without) for a in wrapped] == [comparable(a, *without) for a in audited(JSONLOG)]
    assert {a.instance for a in wrapped} == {"crm-db-1"}
    assert wrapped[0].statement_key == "crm-db-1/6b026828.49c3/1"


def test_rds_lines_lack_what_their_prefix_lacks_and_nothing_else():
    lines = audited("aws-rds-postgresql/derived-rds-prefix-pgaudit-logrows.log")
    known = {(a.user, a.statement, a.tables, a.rows, a.rows_quality) for a in audited(JSONLOG)}
    assert len(lines) == 101
    assert {(a.user, a.statement, a.tables, a.rows, a.rows_quality) for a in lines} == known
    assert {a.application for a in lines} == {None}
    assert {a.client for a in lines} == {"10.20.30.40"}
    assert all(a.time_ms % 1000 == 0 and a.session.startswith("pid:") for a in lines)


def test_azure_adds_the_milliseconds_that_its_prefix_lacks():
    [activity] = audited("azure-postgresql/ibm-guardium-eventhub-records.ndjson")
    assert activity.time_ms == 1_709_301_589_395
    assert (activity.instance, activity.client, activity.user) == ("postgresdevdb", "122.169.72.218", "postgresdevdb")


WRAPPED = {
    "cloudtrail-Records.json": (2, None),
    "cloudwatch-data-message.json": (6, "crm-aurora-instance-1"),
    "cloudwatch-data-message.json.gz": (6, "crm-aurora-instance-1"),
    "cloudwatch-firehose-record.json": (6, "crm-aurora-instance-1"),
    "filebeat-kafka-output.ndjson": (6, "crm-db-1"),
    "fluentbit-kubernetes.ndjson": (6, "crm-db-0"),
    "guardium-rsyslog-omkafka.log": (6, "crm-db-1"),
    "json-array-in-one-message.json": (6, None),
    "kafka-connect-json-schema.ndjson": (2, None),
    "ndjson-batch-in-one-message.txt": (6, None),
    "records-array.json": (6, None),
    "splunk-hec.ndjson": (3, "crm-db-1"),
    "syslog-rfc3164-split.log": (3, "crm-db-1"),
    "vector-kafka-sink.ndjson": (6, "crm-db-1"),
}


def test_every_wrapped_sample_is_tested():
    refused = {Path(name).name for name in EXPECTED if name.startswith("wrapped-derived/")}
    assert {p.name for p in (SAMPLES / "wrapped-derived").iterdir()} == set(WRAPPED) | refused


@pytest.mark.parametrize("name", WRAPPED)
def test_an_envelope_changes_nothing_but_the_instance(name):
    # One Kafka record: the whole file where the sample is one message, else one line.
    path = SAMPLES / "wrapped-derived" / name
    whole = path.suffix in {".json", ".gz", ".txt"}
    values = [path.read_bytes()] if whole else list(read_records(path))
    decoder = Decoder()
    outcomes = [o for v in values for o in decoder.decode(RawRecord("t", 0, 0, 0, 1_795_400_000_000, v))]
    wrapped = [o for o in outcomes if isinstance(o, Activity) and o.source.startswith("postgresql.")]
    count, instance = WRAPPED[name]
    bare = [comparable(a, "instance", "statement_key") for a in audited(JSONLOG)]
    assert len(wrapped) == count
    assert all(comparable(a, "instance", "statement_key") in bare for a in wrapped)
    assert {a.instance for a in wrapped} == {instance}
    assert all(a.statement_key.startswith(f"{instance or ''}/6b0268") for a in wrapped)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SAMPLES)))
def test_no_literal_of_a_sample_leaves(path):
    decoder = Decoder()
    for value in read_records(path):
        for outcome in decoder.decode(RawRecord("t", 0, 0, 0, None, value)):
            encoded = msgspec.json.encode(outcome)
            for literal in (b"apac", b"29000", b"it''s", b"wl2.log", b"emp1", b"NEW_PASSWORD"):
                assert literal not in encoded


def test_the_same_record_gives_the_same_bytes_whatever_came_before():
    values = list(read_records(SAMPLES / JSONLOG))
    seasoned = Decoder()
    for value in reversed(values):
        seasoned.decode(RawRecord("t", 0, 0, 0, None, value))
    for value in values:
        raw = RawRecord("t", 0, 0, 0, None, value)
        assert msgspec.json.encode(seasoned.decode(raw)) == msgspec.json.encode(Decoder().decode(raw))


def test_produced_time_travels_and_files_have_none():
    value = next(v for v in read_records(SAMPLES / JSONLOG) if b"AUDIT: " in v)
    [kafka] = Decoder().decode(RawRecord("t", 0, 0, 0, 1_795_400_000_000, value))
    [file] = Decoder().decode(RawRecord("t", 0, 0, 0, None, value))
    assert (kafka.produced_ms, file.produced_ms) == (1_795_400_000_000, None)
    assert isinstance(kafka, Activity)
    assert not isinstance(kafka, Ignored)
