"""Incidents are a function of what came in: no order, repetition, restart or second writer changes them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from unit.incidents.incident_findings import DAY_MS, HOUR_MS, START_MS, told
from unit.incidents.incidents_topic import Topic

from streamguard.activity import VerdictId
from streamguard.incidents import Casebook, IncidentStatus, Said, incident_uid

EMPLOYEES = ("alice", "bob", "carol", "dave")


@st.composite
def histories(draw):
    """Tellings by employee, each in the order of time; some are updates of the one before."""
    found = []
    for employee in EMPLOYEES:
        at_ms, uid = 0, None
        for number in range(draw(st.integers(0, 4))):
            at_ms += draw(st.sampled_from((HOUR_MS // 4, DAY_MS, 8 * DAY_MS)))
            if uid is None or draw(st.booleans()):
                uid = f"{employee}-{number}"
            found.append(
                told(
                    uid,
                    employee,
                    at_ms,
                    severity=draw(st.sampled_from(("low", "high"))),
                    subjects=draw(st.sampled_from(((), range(5), range(3, 9)))),
                    shapes=draw(st.sampled_from(((), ("5e1f",)))),
                    tools=draw(st.sampled_from(((), (), (), ("dumper",)))),
                    news=draw(st.sampled_from(((), ("table:vip",)))),
                )
            )
    return found


def shuffled(draw, history):
    """Interleave the employees in another way; each one's order stays."""
    order = draw(st.permutations([member.employee for member in history]))
    queues = {name: iter([m for m in history if m.employee == name]) for name in EMPLOYEES}
    return [next(queues[name]) for name in order]


def said(number, book_or_findings, **words):
    return Said(time_ms=START_MS + number, id=f"c-{number}", author="ann", findings=tuple(book_or_findings), **words)


WORDS = st.sampled_from(
    (
        {"status": IncidentStatus.CLOSED},
        {"status": IncidentStatus.IN_PROGRESS, "assignee": "ann"},
        {"verdict": VerdictId.BENIGN},
        {"comment": "looked at it"},
    )
)


@given(data=st.data(), history=histories())
@settings(max_examples=70, deadline=None)
def test_order_duplicates_cuts_and_restarts_change_nothing(data, history):
    changes = [
        (incident_uid(member.finding_uid), said(number, [member.finding_uid], **data.draw(WORDS)))
        for number, member in enumerate(history[:2])
    ]
    whole = Topic()
    book = Casebook()
    for member in history:
        book.take_finding(member)
    for uid, words in changes:
        assert book.take_said(uid, words)
    whole.write(book)

    topic, book, committed = Topic(), Casebook(), 0
    books = [book]
    order = shuffled(data.draw, history)
    for words in changes:
        order.insert(data.draw(st.integers(0, len(order))), words)
    at = 0
    while at < len(order):
        one = order[at]
        if isinstance(one, tuple):
            assert book.take_said(*one)
        else:
            book.take_finding(one)
        at += 1
        what = data.draw(st.sampled_from(("go on", "go on", "write", "write, crash", "crash", "cut, crash")))
        if what.startswith("write"):
            topic.write(book)
        if what == "write" and all(book.knows(words.findings[0]) for _, words in changes):
            # What people said of findings that are not there yet is read again.
            committed = at
        if what == "cut, crash":
            # Of what was to be written only a part arrived.
            found = topic.drained(topic.read(book))
            topic.log += found[: len(found) // 2]
        if what.endswith("crash"):
            if data.draw(st.booleans()):
                topic.log = topic.compacted()
            books.append(Casebook())
            book, at = topic.read(books[-1]), committed
    topic.write(book)
    assert topic.live() == whole.live()
    for incident in topic.incidents():
        newest = next(one for one in reversed(topic.incidents()) if one.uid == incident.uid)
        goes_on = topic.live()[newest.merged_into or newest.uid]
        assert incident.members[0].finding_uid in {member.finding_uid for member in goes_on.members}


@given(data=st.data(), history=histories())
@settings(max_examples=70, deadline=None)
def test_writers_of_one_topic_agree_in_the_end(data, history):
    whole, alone = Topic(), Casebook()
    for member in history:
        alone.take_finding(member)
    whole.write(alone)

    topic = Topic()
    books, written = (Casebook(), Casebook()), [[], []]

    def write(number):
        # A write takes a while: what it was decided on may be old when it arrives.
        topic.log += written[number]
        written[number] = topic.drained(topic.read(books[number]))

    for member in history:
        books[EMPLOYEES.index(member.employee) % 2].take_finding(member)
        if (number := data.draw(st.sampled_from((None, 0, 1)))) is not None:
            write(number)
    for _ in range(6):
        write(0)
        write(1)
    assert written == [[], []]
    assert topic.live() == whole.live()


def test_a_link_between_two_incidents_makes_them_one():
    book, topic = Casebook(), Topic()
    book.take_finding(told("a", "alice", 0, shapes=("5e1f",)))
    book.take_finding(told("b", "bob", DAY_MS, tools=("dumper",)))
    topic.write(book)
    assert len(topic.live()) == 2
    book.take_said(incident_uid("b"), said(5, ["b"], comment="bob is on holiday"))
    book.take_finding(told("c", "carol", 2 * DAY_MS, shapes=("5e1f",), tools=("dumper",)))
    topic.write(book)
    ((uid, one),) = topic.live().items()
    assert uid == incident_uid("a")
    assert [(m.finding_uid, m.joined) for m in one.members] == [("a", "first"), ("b", "tool"), ("c", "shape")]
    assert one.employees == ("alice", "bob", "carol")
    assert "bob is on holiday" in [change.detail for change in one.history]
    merged = next(found for found in reversed(topic.incidents()) if found.uid == incident_uid("b"))
    assert (merged.merged_into, merged.status, merged.history[-1].what) == (uid, IncidentStatus.CLOSED, "merged")
    assert book.find(incident_uid("b")) == one
    assert list(topic.read(book).drain()) == []


def test_common_tools_and_shapes_link_nobody():
    """What the finding calls known to the peers is no trace, whoever uses it."""
    book = Casebook()
    for number, employee in enumerate(("alice", "bob", "carol")):
        book.take_finding(told(employee, employee, number * HOUR_MS, news=("program:psql", "statement:77")))
    assert len(book.incidents()) == 3
