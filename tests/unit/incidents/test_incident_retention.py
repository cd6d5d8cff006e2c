"""Incidents that are over do not stay for good; what anybody still works on does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from unit.incidents.incident_findings import DAY_MS, HOUR_MS, START_MS, finding, told
from unit.incidents.incidents_topic import Topic

from streamguard.incidents import Casebook, IncidentRules, IncidentStatus, Said, incident_uid, read_finding

RULES = IncidentRules(retention_days=100)
A, B, C = (incident_uid(name) for name in "abc")


def closed(*findings, at_ms=0, status=IncidentStatus.CLOSED):
    words = Said(time_ms=START_MS + at_ms, id=f"w-{findings[0]}", author="ann", findings=findings, status=status)
    return incident_uid(findings[0]), words


def book_of(*findings):
    book = Casebook(RULES)
    for member in findings:
        assert book.take_finding(member)
    return book


@pytest.mark.parametrize("status", IncidentStatus)
def test_what_is_over_and_old_is_taken_back_and_nothing_else(status):
    book, topic = book_of(told("a", "alice")), Topic()
    assert book.take_said(*closed("a", status=status))
    topic.write(book)
    book.take_finding(told("b", "bob", 100 * DAY_MS))
    topic.write(book)
    assert topic.live().keys() == {A, B}
    book.take_finding(told("c", "bob", 101 * DAY_MS))
    topic.write(book)
    assert topic.live().keys() == ({B} if status.is_over else {A, B})
    assert {one.uid for one in book.incidents()} == topic.live().keys()
    assert (book.find(A) is None) == status.is_over
    again = topic.read(Casebook(RULES))
    assert again.incidents() == book.incidents()
    assert topic.drained(again) == topic.drained(topic.read(book)) == []


def test_all_records_of_an_incident_go_with_it():
    book, topic = book_of(told("b", "bob", HOUR_MS, tools=("dumper",))), Topic()
    topic.write(book)
    for number in range(2_000):
        book.take_finding(told(f"f-{number}", "bob", number * 1_000, severity="low"))
    book.take_finding(told("a", "alice", -HOUR_MS, tools=("dumper",)))
    for number in range(400):
        about = ("a", *(f"f-{one}" for one in range(number * 5, number * 5 + 5)))
        _, words = closed(*about, "b")
        words = structs.replace(words, id=f"w-{number}", comment="!" * 1_000)
        assert book.take_said(A, words)
    topic.write(book)
    assert len(topic.compacted()) > 1_000
    assert {record.key.split("/")[0] for record in topic.compacted()} == {"finding", "words", A, B}
    book.take_finding(told("c", "carol", 200 * DAY_MS))
    topic.write(book)
    assert [record.key for record in topic.compacted()] == [C]


def test_a_finding_that_joins_keeps_it():
    book, topic = book_of(told("a", "alice")), Topic()
    book.take_said(*closed("a"))
    topic.write(book)
    book.take_finding(told("b", "alice", 5 * DAY_MS))
    book.take_finding(told("z", "zoe", 200 * DAY_MS))
    topic.write(book)
    assert topic.live()[A].status is IncidentStatus.NEW


def test_a_finding_older_than_that_is_refused_unless_it_is_known():
    book = book_of(told("a", "alice"), told("z", "zoe", 300 * DAY_MS))
    assert not book.take_finding(told("b", "bob"))
    assert not book.knows("b")
    assert book.take_finding(told("a", "alice"))


def test_what_somebody_else_writes_again_is_taken_back_again():
    book, topic = book_of(told("a", "alice")), Topic()
    book.take_said(*closed("a"))
    topic.write(book)
    stale = topic.log[-1]
    book.take_finding(told("z", "zoe", 200 * DAY_MS))
    topic.write(book)
    topic.log.append(stale)
    assert A in topic.live()
    topic.write(book)
    assert A not in topic.live()


def test_what_somebody_else_takes_back_too_early_is_written_again():
    """Whoever took it back had not read yet what joined it."""
    one, other, topic = book_of(told("a", "alice")), Casebook(RULES), Topic()
    one.take_said(*closed("a"))
    topic.write(one)
    topic.read(other)
    one.take_finding(told("z", "zoe", 150 * DAY_MS))
    late = topic.drained(topic.read(one))
    other.take_finding(told("b", "alice", 6 * DAY_MS))
    topic.write(other)
    topic.log += late
    assert A not in topic.live()
    topic.write(other)
    topic.write(one)
    topic.write(other)
    assert topic.live()[A].status is IncidentStatus.NEW
    assert [member.finding_uid for member in topic.live()[A].members] == ["a", "b"]
    assert topic.drained(topic.read(one)) == topic.drained(topic.read(other)) == []


def test_a_clock_that_is_ahead_makes_nothing_old():
    """A database dates its log to another year: Kafka knows better."""
    book = book_of(told("a", "alice"))
    book.take_said(*closed("a"))
    ahead = read_finding(finding("x", "xena", 9_000 * DAY_MS), START_MS + DAY_MS)
    assert book.take_finding(ahead)
    assert book.find(A) is not None
    assert book.take_finding(told("b", "bob"))


@given(st.permutations(range(8)), st.lists(st.booleans(), min_size=8, max_size=8))
@settings(max_examples=50, deadline=None)
def test_what_remains_is_the_same_in_any_order(order, writes):
    """Every finding with its closing words: how they are cut into writes does not matter once the newest is there."""
    topic, book = Topic(), Casebook(RULES)
    for place, write in zip(order, writes, strict=True):
        book.take_finding(told(f"f-{place}", f"e-{place % 4}", place * 30 * DAY_MS))
        if place % 4:
            book.take_said(*closed(f"f-{place}"))
        if write:
            topic.write(book)
            if place % 3 == 0:
                book = topic.read(Casebook(RULES))
                for again in order[: order.index(place) + 1]:
                    book.take_finding(told(f"f-{again}", f"e-{again % 4}", again * 30 * DAY_MS))
                    if again % 4:
                        book.take_said(*closed(f"f-{again}"))
    topic.write(book)
    kept = {incident_uid(f"f-{place}") for place in range(8) if place % 4 and place * 30 > 7 * 30 - 100}
    assert {uid for uid, one in topic.live().items() if one.status.is_over} == kept
