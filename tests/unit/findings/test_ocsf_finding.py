"""Findings as OCSF: valid, complete, plain, and silent about values of personal data."""

from __future__ import annotations

import orjson
import pytest
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
from unit.detect.small_company import ROLES, at, exposure, merged, ordinary

from streamguard.activity import Account, Verdict
from streamguard.detect import DetectConfig
from streamguard.findings import ShardDetector

STREAM = ordinary(ROLES[0], 1)
UNKNOWN = {"client": None, "application": None, "database": None, "tables": (), "columns": (), "statement": None}


@pytest.fixture(scope="module")
def schema():
    ocsf = OcsfJsonSchemaEmbedded(get_ocsf_schema("1.8.0"))
    return Draft202012Validator(ocsf.get_class_schema("detection_finding", profiles=["data_classification"]))


def findings(*extra, stream=STREAM):
    detector = ShardDetector("support/0", DetectConfig(), {}.get)
    found = [detector.observe(one) for one in merged(stream, extra)]
    wanted = {one.employee for one in extra}
    return [finding for finding in found if finding is not None and finding.employee in wanted]


def dump(employee="support.03", rows=48_210, day=17, **changes):
    return exposure(employee, at(day, 3.2), rows, offset=10**6, **changes)


CASES = {
    "one dump": [dump(export="copy_to", subjects_at_most=60_000)],
    "a log that knows little": [dump(**UNKNOWN)],
    "a service account": [dump(account=Account.SERVICE, session="s1", instance="db-7", regions=("eu", "us"))],
    "an unknown login": [dump(employee="login:bob", account=Account.UNKNOWN)],
    "no rows counted": [
        exposure("support.07", at(17, 9) + place * 60_000, None, offset=10**6 + place, subjects_at_most=50_000)
        for place in range(200)
    ],
    "growing": [exposure("support.04", at(17, 9 + place), 400 * 8**place, offset=10**6 + place) for place in range(4)],
    "odd text": [dump(employee="a\ud800b", application="\ud800", statement="select \x1b[31m ?", client="x\x00y")],
    "far too much": [dump(rows=10**300)],
    "in doubt": [
        dump(
            "support.new", categories={"email_address": Verdict.CANNOT_TELL, "health": Verdict.NOT_SEEN}, sensitivity=3
        )
    ],
}


@pytest.mark.parametrize("extra", CASES.values(), ids=CASES.keys())
def test_every_finding_is_a_valid_detection_finding(extra, schema):
    found = findings(*extra)
    assert found
    for finding in found:
        wire = orjson.dumps(finding.ocsf, option=orjson.OPT_SORT_KEYS)
        event = orjson.loads(wire)
        assert [error.message for error in schema.iter_errors(event)] == []
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
        assert event["finding_info"]["uid"] == finding.uid
        assert event["severity"].lower() == finding.severity
        assert sum(event["unmapped"]["contributions"].values()) == 100
        assert finding.detectors[0] == event["finding_info"]["analytic"]["name"]
        assert len(wire) < 10_000


def test_the_schema_would_notice_a_mistake(schema):
    event = dict(findings(dump())[0].ocsf)
    assert list(schema.iter_errors(event | {"severity_id": 9}))
    assert list(schema.iter_errors(event | {"rows": 1}))


def test_the_message_says_what_happened_and_compares_it():
    finding = findings(dump(export="copy_to", subjects_at_most=60_000))[0]
    message = finding.ocsf["message"]
    assert message.startswith("support.03 exported 48,210 rows with e-mail addresses in one statement")
    assert "the usual day is " in message
    assert " (max " in message
    assert "the peers' most today is " in message
    assert "03:12 local time" in message
    assert "crm.public.customers" in message
    assert "at most 60,000 people in reach" in message
    assert next(iter(finding.ocsf)) == "message"


def test_the_numbers_behind_it_are_there():
    event = findings(dump())[0].ocsf
    unmapped = event["unmapped"]
    assert unmapped["rows_returned"] >= 48_210
    assert unmapped["largest_statement_rows"] == 48_210
    assert 0.0 <= unmapped["expected_per_1000"] < 0.01
    assert unmapped["strangeness"] >= unmapped["alert_level"]
    assert unmapped["categories"] == {"email_address": "seen", "phone_number": "not_seen"}
    data = event["evidences"][0]["data"]
    assert data["rows"] == 48_210
    assert data["rows_quality"] == "exact"
    assert data["origin"] == "audit[0]@0:1000000.0"
    names = [baseline["observation_parameter"] for baseline in event["anomaly_analyses"][0]["baselines"]]
    assert names[0] == "rows_per_day_recent"
    assert "rows_1d_usual_among_peers" in names
    observed = {one["observation_parameter"]: one for one in event["anomaly_analyses"][0]["anomalies"]}
    assert int(observed["rows_1h"]["observations"][0]["value"]) >= 48_210
    assert observed["rows_1h"]["observed_pattern"] == "SURGE"


def test_it_carries_the_attack_technique():
    attack = findings(dump())[0].ocsf["finding_info"]["attacks"][0]
    assert attack["sub_technique"]["uid"] == "T1213.006"
    assert attack["technique"]["uid"] == "T1213"
    assert attack["tactic"]["uid"] == "TA0009"


def test_an_update_has_the_uid_of_its_case():
    found = findings(*CASES["growing"])
    assert len(found) >= 2
    assert len({finding.uid for finding in found}) == 1
    assert [finding.ocsf["type_uid"] for finding in found] == [200401] + [200402] * (len(found) - 1)
    counts = [finding.ocsf["finding_info"]["related_events_count"] for finding in found]
    assert counts == sorted(counts)
    assert len({finding.ocsf["finding_info"]["first_seen_time"] for finding in found}) == 1


def test_a_case_counts_everything_since_it_was_first_seen():
    first, second = findings(
        exposure("support.new", at(17, 9), 3000, offset=10**6),
        exposure("support.new", at(17, 10), 1, offset=10**6 + 1),
        exposure("support.new", at(18, 9), 10**6, offset=10**6 + 2),
    )
    assert (first.ocsf["finding_info"]["related_events_count"], first.ocsf["unmapped"]["rows_in_case"]) == (1, 3000)
    assert second.uid == first.uid
    assert second.ocsf["finding_info"]["related_events_count"] == 3
    assert second.ocsf["unmapped"]["rows_in_case"] == 1_003_001
    assert second.ocsf["finding_info"]["first_seen_time"] == at(17, 9)


def test_statements_without_a_row_count_are_counted_and_bounded_never_invented():
    finding = findings(*CASES["no rows counted"])[0]
    unmapped = finding.ocsf["unmapped"]
    assert unmapped["statements_without_row_count"] > 50
    assert unmapped["data_subjects_at_most"] == 50_000
    assert unmapped["records_at_most"] == 50_000
    assert f"{unmapped['statements_without_row_count']} statements without a row count" in finding.ocsf["message"]
    assert finding.detectors[0] == "statements_1d"


def test_what_cannot_be_told_is_said():
    event = findings(*CASES["in doubt"])[0].ocsf
    classification = event["resources"][0]["data_classifications"][0]
    assert classification["status"] == "Partial"
    assert {one["type"]: one["value"] for one in classification["discovery_details"]} == {
        "e-mail addresses": "cannot_tell",
        "health data": "not_seen",
    }
    assert "may hold personal data" in event["message"]


def test_a_finding_keeps_the_broker_time_for_latency_only():
    plain, timed = findings(dump())[0], findings(dump(produced_ms=123))[0]
    assert (plain.produced_ms, timed.produced_ms) == (None, 123)
    assert plain.ocsf == timed.ocsf
