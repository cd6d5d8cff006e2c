"""The incidents role: what it takes in is on the topic before it is declared, whoever else writes there."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from faust.types import TP
from stream_fakes import FakeApp, FakeWriter
from unit.incidents.incident_findings import DAY_MS, START_MS, finding, told

from streamguard.activity import VerdictId
from streamguard.feedback import GivenFinding, GivenIncident, GivenVerdict, write_given
from streamguard.incidents import Casebook, IncidentStatus, incident_uid, read_incident, read_page
from streamguard.metrics import Metrics
from streamguard.stream.delivery import Run
from streamguard.stream.incidents import WAIT_MS, Incidents
from streamguard.stream.resume import Resume

FINDINGS, FEEDBACK = TP("findings", 0), TP("feedback", 0)


class FakeIncidentLog:
    """Reads what the writer wrote; all of it at the start, as a worker does."""

    topic = "incidents"

    def __init__(self, writer):
        self.casebook = Casebook()
        self._writer, self._next = writer, 0

    async def start(self):
        await self.look()

    async def look(self):
        found = self._writer.logs.get(("incidents", 0), [])
        for out in found[self._next :]:
            if out.value is None:
                self.casebook.take_removal(out.key.decode())
            else:
                self.casebook.take_record(read_incident(out.value) or read_page(out.value))
        self._next = len(found)


def words(name, finding_uid="a", incident=None, **said):
    given = GivenIncident(
        id=name,
        incident=incident or incident_uid(finding_uid),
        author="ann",
        findings=(GivenFinding(uid=finding_uid, employee="alice", shard="support/0"),),
        **said,
    )
    return write_given(given)


def run(tp, offset, *records, kafka_ms=9):
    """A run of records from an offset on: values, or (key, value)."""
    pairs = [one if isinstance(one, tuple) else (b"k", one) for one in records]
    found = [
        SimpleNamespace(
            topic=tp.topic, partition=tp.partition, offset=offset + n, key=k, value=v, timestamp=kafka_ms + n
        )
        for n, (k, v) in enumerate(pairs)
    ]
    return Run(found, 1, offset)


async def begun(writer, findings=0, feedback=0, ids=None):
    role = Incidents(
        FakeApp(),
        writer,
        Metrics(),
        flush_seconds=0.0,
        flush_records=1_000,
        log=FakeIncidentLog(writer),
        findings_topic="findings",
        feedback_topic="feedback",
        deadletter_topic="letters",
        topic_ids=None if ids is None else lambda names: {name: ids[name] for name in names},
    )
    await role._log.start()
    await role.prepare()
    await role.resume(1, {FINDINGS: Resume(findings), FEEDBACK: Resume(feedback)})
    return role


async def feed(role, tp, offset, *records, kafka_ms=9):
    await role.take_event(tp, run(tp, offset, *records, kafka_ms=kafka_ms))
    await role.flush()


def on_topic(writer):
    found = {one.uid: one for value in writer.values("incidents") if (one := read_incident(value))}
    return {uid: one for uid, one in found.items() if one.merged_into is None}


def committed(role):
    return {tp.topic: safe.offset for tp, safe in role.consumer.safe.items()}


@pytest.fixture
def writer():
    return FakeWriter()


async def test_an_incident_is_on_the_topic_under_its_uid_before_its_findings_are_declared(writer):
    role = await begun(writer)
    await feed(role, FINDINGS, 0, finding("a", "alice"), finding("a", "alice", 500), finding("z", "zoe"))
    assert set(on_topic(writer)) == {incident_uid("a"), incident_uid("z")}
    assert {out.key.decode() for out in writer.logs["incidents", 0]} == set(on_topic(writer))
    assert committed(role) == {"findings": 3, "feedback": 0}
    # Nothing new is nothing to write.
    before = len(writer.values("incidents"))
    await feed(role, FINDINGS, 3, finding("a", "alice", 500))
    assert len(writer.values("incidents")) == before
    assert committed(role)["findings"] == 4


async def test_a_failing_write_declares_nothing(writer):
    role = await begun(writer)

    async def fail(topic, partition, records):
        raise ConnectionError

    writer.write = fail
    with pytest.raises(ConnectionError):
        await feed(role, FINDINGS, 0, finding("a", "alice"))
    assert committed(role) == {"findings": 0, "feedback": 0}


async def test_a_successor_goes_on_from_the_topic_alone(writer):
    await feed(await begun(writer), FINDINGS, 0, finding("a", "alice", tools=("dumper",)), finding("z", "zoe"))
    await feed(await begun(writer), FINDINGS, 0, finding("a", "alice", tools=("dumper",)))
    assert len(writer.values("incidents")) == 2
    await feed(await begun(writer, 2), FINDINGS, 2, finding("b", "bob", DAY_MS, tools=("dumper",)))
    assert on_topic(writer)[incident_uid("a")].employees == ("alice", "bob")


async def test_of_two_incidents_that_are_one_the_one_that_goes_on_is_written_first(writer):
    role = await begun(writer)
    await feed(role, FINDINGS, 0, finding("b", "bob", DAY_MS, tools=("dumper",)))
    await feed(role, FINDINGS, 1, finding("a", "alice", tools=("dumper",)))
    last = [read_incident(value) for value in writer.values("incidents")]
    assert [(one.uid, one.merged_into) for one in last[1:]] == [
        (incident_uid("a"), None),
        (incident_uid("b"), incident_uid("a")),
    ]


async def test_workers_that_know_half_each_come_to_the_same(writer):
    one, other = await begun(writer), await begun(writer)
    await feed(one, FINDINGS, 0, finding("a", "alice", tools=("dumper",)))
    await feed(other, FINDINGS, 0, finding("b", "bob", DAY_MS, tools=("dumper",)))
    stale = writer.values("incidents")[0]
    assert on_topic(writer)[incident_uid("a")].employees == ("alice", "bob")
    # A worker that was away writes what it knew: whoever is there writes it right again.
    writer.logs["incidents", 0].append(SimpleNamespace(key=incident_uid("a").encode(), value=stale))
    assert on_topic(writer)[incident_uid("a")].employees == ("alice",)
    await one.idle(100.0)
    assert one.is_idle
    assert on_topic(writer)[incident_uid("a")].employees == ("alice", "bob")
    assert list(one._casebook.drain()) == []


async def test_what_people_say_becomes_part_of_the_incident(writer):
    role = await begun(writer)
    await feed(role, FINDINGS, 0, finding("a", "alice"))
    await feed(
        role,
        FEEDBACK,
        0,
        words("w-1", status=2, assignee="ann"),
        words("w-2", verdict_id=VerdictId.BENIGN, status=5, comment="a drill"),
        # Of others it is none of this role's business.
        (b"a", b"{"),
        write_given(
            GivenVerdict(finding_uid="a", verdict_id=VerdictId.TEST, employee="alice", shard="s/0", author="x")
        ),
    )
    incident = on_topic(writer)[incident_uid("a")]
    assert (incident.status, incident.verdict) == (IncidentStatus.CLOSED, VerdictId.BENIGN)
    assert [change.what for change in incident.history] == [
        *("status", "assignee", "status", "verdict", "comment"),
        "opened",
    ]
    assert committed(role) == {"findings": 1, "feedback": 4}
    assert ("letters", 0) not in writer.logs


async def test_words_that_come_before_their_finding_are_not_declared_until_it_is_there(writer):
    role = await begun(writer)
    await feed(role, FEEDBACK, 0, words("w-0", "z", comment="later"), words("w-1", comment="!"))
    assert committed(role)["feedback"] == 0
    await feed(role, FINDINGS, 0, finding("z", "zoe"))
    assert committed(role)["feedback"] == 1
    await feed(role, FINDINGS, 1, finding("a", "alice"))
    assert committed(role)["feedback"] == 2
    assert "comment" in [change.what for change in on_topic(writer)[incident_uid("a")].history]


async def test_words_about_a_finding_that_never_comes_hold_nothing_up_for_ever(writer):
    role = await begun(writer)
    await feed(role, FEEDBACK, 0, words("w-0", "z", comment="of an incident that is gone"))
    await feed(role, FINDINGS, 0, finding("a", "alice"), kafka_ms=WAIT_MS)
    assert committed(role)["feedback"] == 0
    role.consumer.ends[FINDINGS] = 3
    await feed(role, FINDINGS, 1, finding("b", "alice"), kafka_ms=2 * WAIT_MS)
    assert committed(role)["feedback"] == 0
    await feed(role, FINDINGS, 2, finding("c", "alice"), kafka_ms=2 * WAIT_MS)
    assert committed(role)["feedback"] == 1
    (letter,) = writer.logs["letters", 0]
    assert dict(letter.headers)["reason"] == b"feedback_unknown_incident"


async def test_what_is_over_and_old_is_taken_back(writer):
    role = await begun(writer)
    await feed(role, FINDINGS, 0, finding("a", "alice"), kafka_ms=START_MS)
    await feed(role, FEEDBACK, 0, words("w-0", "a", status=5), kafka_ms=START_MS)
    years_ms = 800 * DAY_MS
    await feed(role, FINDINGS, 1, finding("b", "bob", years_ms), finding("c", "carol"), kafka_ms=START_MS + years_ms)
    last = {out.key.decode(): out.value for out in writer.logs["incidents", 0]}
    assert last.pop(incident_uid("a")) is None
    assert list(last) == [incident_uid("b")]
    (letter,) = writer.logs["letters", 0]
    assert dict(letter.headers)["reason"] == b"finding_too_old"
    assert list((await begun(writer))._casebook.drain()) == []


async def test_what_nobody_can_use_is_a_dead_letter(writer):
    role = await begun(writer)
    await feed(role, FINDINGS, 0, b"garbage", finding("a", "alice"))
    await feed(role, FEEDBACK, 0, words("w-1", incident="inc-0", comment="?"))
    reasons = [dict(out.headers)["reason"] for out in writer.logs["letters", 0]]
    assert reasons == [b"not_a_finding", b"feedback_unknown_incident"]
    assert committed(role) == {"findings": 2, "feedback": 1}
    assert role.metrics.value("streamguard_rejected_total", reason="not_a_finding") == 1


async def test_incidents_of_a_topic_that_was_made_anew_are_made_anew(writer):
    role = await begun(writer, ids={"findings": "f", "feedback": "b", "incidents": "i1"})
    await feed(role, FINDINGS, 0, finding("a", "alice"))
    known = role.consumer.safe[FINDINGS].metadata
    assert role.is_same_log(FINDINGS, known)
    assert role.is_same_log(FINDINGS, "")
    other = await begun(FakeWriter(), ids={"findings": "f", "feedback": "b", "incidents": "i2"})
    assert not other.is_same_log(FINDINGS, known)


async def test_metrics_say_how_many_and_since_when_and_name_nobody(writer):
    role = await begun(writer)
    await feed(role, FINDINGS, 0, finding("a", "alice"), finding("z", "zoe", DAY_MS))
    await feed(role, FEEDBACK, 0, words("w-1", status=5))
    role.observe()
    value = role.metrics.value
    assert value("streamguard_incidents", severity="high", status="new") == 1
    assert value("streamguard_incidents", severity="high", status="closed") == 1
    aware = value("streamguard_incident_oldest_aware_timestamp_seconds", severity="high")
    assert aware == told("z", "zoe", DAY_MS).told_ms / 1000
    assert b"zoe" not in role.metrics.exposition()
