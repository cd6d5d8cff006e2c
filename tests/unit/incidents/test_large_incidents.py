"""An incident of many thousands of findings: records of a bounded size, nothing forgotten, the same in any order."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.incidents.incident_findings import HOUR_MS, START_MS, told
from unit.incidents.incidents_topic import Topic

from streamguard.activity import VerdictId
from streamguard.incidents import (
    Casebook,
    IncidentRules,
    IncidentStatus,
    Said,
    incident_uid,
    record_of,
)
from streamguard.incidents.grouping import Grouping
from streamguard.incidents.links import KINDS, alike, samples, traces

MANY = 20_000
UID = incident_uid("f-0")


def many(count=MANY):
    """Findings of fifty employees within a month, a few of them bad; the fifty share a program."""
    return [
        told(
            f"f-{number}",
            f"e-{number % 50}",
            number * HOUR_MS // 30,
            severity="critical" if number % 1_000 == 7 else "low",
            tools=("dumper",) if number < 50 else (),
            subjects=range(number % 50, number % 50 + 10),
        )
        for number in range(count)
    ]


def words(number, findings, **said):
    return Said(time_ms=START_MS + number, id=f"w-{number}", author="ann", findings=tuple(findings), **said)


@pytest.fixture(scope="module")
def history():
    return many()


@pytest.fixture(scope="module")
def topic(history):
    """What was written while the findings came, some at a time, with a new worker now and then."""
    topic, book = Topic(), Casebook()
    for start in range(0, len(history), 2_500):
        for member in history[start : start + 2_500]:
            book.take_finding(member)
        topic.write(book)
        if start % 5_000:
            book = topic.read(Casebook())
    return topic


def test_twenty_thousand_findings_are_one_incident_of_small_records(topic, history):
    # Every record was checked to be one that Kafka takes: `incidents_topic.sent`.
    (record,) = topic.live().values()
    assert record.uid == UID
    assert record.findings == record.totals.findings == MANY
    assert (record.totals.employees, record.totals.by_employee["e-7"]) == (50, MANY // 50)
    assert record.totals.by_severity == {"critical": 20, "low": MANY - 20}
    assert record.totals.by_detector == {"rows_1d": MANY}
    assert record.members[0].finding_uid == "f-0"
    assert sum(member.severity == "critical" for member in record.members) == 20
    assert (record.span.from_ms, record.span.to_ms) == (START_MS, history[-1].last_ms + 1)
    assert len(record.members) + len(topic.pages()) == MANY
    assert record.severity == "critical"


def test_whoever_reads_the_topic_knows_every_finding(topic, history):
    book = topic.read(Casebook())
    (incident,) = book.incidents()
    assert {member.finding_uid for member in incident.members} == {member.finding_uid for member in history}
    assert topic.drained(book) == []
    for member in random.Random(1).sample(history, 3_000):
        book.take_finding(member)
    assert topic.drained(book) == []


def test_any_order_gives_the_same_records(topic, history):
    shuffled, book, other = random.Random(2).sample(history, MANY), Casebook(), Topic()
    for member in shuffled:
        book.take_finding(member)
    other.write(book)
    assert other.live() == topic.live()
    assert other.pages().keys() == topic.pages().keys()
    assert {key: page.member for key, page in other.pages().items()} == {
        key: page.member for key, page in topic.pages().items()
    }


def test_one_more_finding_is_little_to_write(topic):
    book = topic.read(Casebook())
    book.take_finding(told("x", "e-1", MANY * HOUR_MS // 30, severity="low"))
    assert [record.key for record in topic.drained(book)] == ["finding/x", UID]
    # A bad one is in the record itself.
    book.take_finding(told("y", "e-1", MANY * HOUR_MS // 30, severity="fatal"))
    found = {record.key: record.holds for record in topic.drained(book)}
    assert UID in found
    assert "finding/y" not in found
    assert "y" in {member.finding_uid for member in found[UID].members}


def test_words_on_all_findings_close_it_and_are_kept_beside_it_where_they_are_many(history):
    book, topic = Casebook(), Topic()
    for member in history:
        book.take_finding(member)
    uids = [member.finding_uid for member in history]
    for number in range(0, MANY, 199):
        about = ("f-0", *uids[number : number + 199])
        assert book.take_said(UID, words(number, about, status=IncidentStatus.CLOSED, verdict=VerdictId.BENIGN))
    topic.write(book)
    (record,) = topic.live().values()
    assert (record.status, record.verdict) == (IncidentStatus.CLOSED, VerdictId.BENIGN)
    assert len(record.said) < 100
    again = topic.read(Casebook())
    assert len(again.find(UID).said) == len(range(0, MANY, 199))
    assert again.find(UID).status is IncidentStatus.CLOSED
    again.take_finding(told("x", "e-1", MANY * HOUR_MS // 30))
    assert again.find(UID).status is IncidentStatus.NEW
    assert topic.drained(again)


def test_a_finding_costs_no_more_when_there_are_many(history):
    def seconds(some):
        book, begun = Casebook(), time.process_time()
        for member in some:
            book.take_finding(member)
        return time.process_time() - begun

    seconds(history[:2_000])
    assert seconds(history) < 40 * max(seconds(history[:2_000]), 0.01)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_parts_are_those_of_all_pairs_compared(data):
    """The parts are found without comparing all pairs: it must not show."""
    rules = IncidentRules()
    times = st.integers(0, 40).map(lambda days: days * 24 * HOUR_MS)
    members = [
        told(
            f"f-{number}",
            data.draw(st.sampled_from("abc")) + str(number % 4),
            data.draw(times),
            subjects=data.draw(st.sampled_from(((), range(4), range(2, 6), range(9)))),
            shapes=data.draw(st.sampled_from(((), ("5e1f",)))),
            news=data.draw(st.sampled_from(((), ("table:vip",)))),
        )
        for number in range(data.draw(st.integers(2, 8)))
    ]
    grouping = Grouping(rules)
    for member in members:
        grouping.put(member)
    parts = {member.finding_uid: {member.finding_uid} for member in members}
    for one in members:
        for other in members:
            if linked(one, other, rules):
                both = parts[one.finding_uid] | parts[other.finding_uid]
                parts |= dict.fromkeys(both, both)
    for uid, part in parts.items():
        assert {member.finding_uid for member in grouping.part(uid)} == part


def linked(one, other, rules):
    near = any(
        mine[:2] == theirs[:2]
        and max(mine.start_ms - theirs.end_ms, theirs.start_ms - mine.end_ms) <= rules.slack_ms(mine.kind)
        for mine in traces(one)
        for theirs in traces(other)
    )
    return near or any(alike(mine, theirs, rules) for mine in samples(one) for theirs in samples(other))


@pytest.mark.parametrize("kind", KINDS)
def test_thousands_who_share_one_thing_are_one_incident_soon(kind):
    shared = {
        "employee": {},
        "subjects": {"subjects": range(5)},
        "shape": {"shapes": ("5e1f",)},
        "tool": {"tools": ("dumper",)},
        "window": {"news": ("table:vip",)},
    }[kind]
    book = Casebook()
    for number in range(5_000):
        book.take_finding(told(f"f-{number}", "e" if kind == "employee" else f"e-{number}", number * 1_000, **shared))
    (incident,) = book.incidents()
    assert {member.joined for member in incident.members[1:]} == {kind}


def test_a_finding_told_and_told_again_stays_small():
    """Somebody else writes the findings topic: however often, whatever length, in any order."""
    tellings = [
        told("f", "e", number * 1_000, news=[f"table:{number}-{place}-{'x' * 100}" for place in range(60)])
        for number in range(400)
    ]
    books = []
    for order in (tellings, tellings[::-1], random.Random(3).sample(tellings, 400)):
        book, topic = Casebook(), Topic()
        for member in order:
            book.take_finding(member)
        topic.write(book)
        books.append(topic.live())
    assert books[0] == books[1] == books[2]
    assert record_of(books[0][incident_uid("f")]) == books[0][incident_uid("f")]
