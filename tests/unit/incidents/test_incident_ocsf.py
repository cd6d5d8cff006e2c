"""Incidents on the topic: valid OCSF, whole when read back; and findings as the detector really makes them."""

from __future__ import annotations

import orjson
import pytest
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
from unit.detect.small_company import ROLES, at, exposure, merged, ordinary
from unit.incidents.incident_findings import DAY_MS, START_MS, people, told

from streamguard.activity import VerdictId
from streamguard.detect import DetectConfig
from streamguard.findings import ShardDetector
from streamguard.incidents import (
    Casebook,
    IncidentStatus,
    Said,
    incident_finding,
    incident_uid,
    member_of,
    read_finding,
    read_incident,
)


@pytest.fixture(scope="module")
def schema():
    return Draft202012Validator(OcsfJsonSchemaEmbedded(get_ocsf_schema("1.8.0")).get_class_schema("incident_finding"))


def cases():
    book = Casebook()
    book.take_finding(told("b", "bob", DAY_MS, tools=("dumper",), severity="critical"))
    book.take_finding(told("z", "zoe", 90 * DAY_MS))
    for wave in list(book.drain()):
        for record in wave:
            book.take_record(record.holds)
    book.take_finding(told("a", "alice", subjects=range(40), tools=("dumper",)))
    words = {"status": IncidentStatus.RESOLVED, "verdict": VerdictId.TRUE_POSITIVE, "assignee": "ann", "comment": "!"}
    book.take_said(incident_uid("a"), Said(time_ms=START_MS, id="c", author="ann", findings=("a", "b"), **words))
    return [*(record.holds for wave in book.drain() for record in wave), *book.incidents()]


@pytest.mark.parametrize("incident", cases(), ids=lambda incident: incident.uid)
def test_every_incident_is_a_valid_incident_finding_that_can_be_read_back(incident, schema):
    wire = orjson.dumps(incident_finding(incident), option=orjson.OPT_SORT_KEYS)
    event = orjson.loads(wire)
    assert [error.message for error in schema.iter_errors(event)] == []
    assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
    assert read_incident(wire) == incident


def test_the_event_says_what_matters(schema):
    incident = next(one for one in cases() if one.uid == incident_uid("a"))
    event = incident_finding(incident)
    assert event["message"] == "2 findings of alice, bob (rows_1d); critical, resolved"
    assert (event["severity"], event["status"], event["verdict"]) == ("Critical", "Resolved", "True Positive")
    assert (event["assignee"], event["is_suspected_breach"]) == ({"name": "ann"}, True)
    assert event["unmapped"]["notify_until"] - event["unmapped"]["aware_time"] == 72 * 3_600_000
    assert list(schema.iter_errors(event | {"status_id": 9}))


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b"\xff", b'{"class_uid":2005}', b'{"class_uid":2004}'])
def test_what_is_no_record_of_ours_is_told(value):
    assert read_incident(value) is None
    assert read_finding(value) is None


def test_a_real_finding_brings_what_links_it():
    """A dump of people by number, with a tool and a statement that nobody of the group knows."""
    subjects = (("customers.id", tuple(f"{number:016x}{number:016x}" for number in range(100, 0, -1))),)
    dump = exposure(
        "support.03",
        at(17, 3.2),
        48_210,
        offset=10**6,
        subjects=subjects,
        application="grabber 2.1",
        fingerprint="5e1f5e1f5e1f5e1f",
    )
    detector = ShardDetector("support/0", DetectConfig(), {}.get)
    (finding,) = [
        found
        for one in merged(ordinary(ROLES[0], 1), [dump])
        if (found := detector.observe(one)) is not None and found.employee == "support.03"
    ]
    member = member_of(finding.ocsf)
    assert member == read_finding(orjson.dumps(finding.ocsf))
    assert (member.employee, member.shard, member.finding_uid) == ("support.03", "support/0", finding.uid)
    assert (member.severity, member.detectors) == (finding.severity, finding.detectors)
    (seen,) = member.sightings
    assert seen.subjects == people(*range(1, 33))
    assert (seen.tools, seen.shapes) == (("grabber #.#",), ("5e1f5e1f5e1f5e1f",))
    assert "program:grabber #.#" in seen.news
