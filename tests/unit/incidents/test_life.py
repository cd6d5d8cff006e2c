"""What people say of an incident, and what later findings make of it."""

from __future__ import annotations

import pytest
from unit.incidents.incident_findings import DAY_MS, START_MS, told

from streamguard.activity import VerdictId
from streamguard.incidents import Casebook, IncidentStatus, Said, incident_uid

UID = incident_uid("a")


def said(at_ms, findings=("a",), author="ann", name=None, **words):
    return Said(time_ms=START_MS + at_ms, id=name or f"c-{at_ms}", author=author, findings=findings, **words)


def book(*members):
    found = Casebook()
    for member in members:
        found.take_finding(member)
    return found


def test_a_new_incident_has_its_finding_and_nothing_else():
    (incident,) = book(told("a", "alice", first_ms=-500)).incidents()
    assert (incident.uid, incident.status, incident.verdict) == (UID, IncidentStatus.NEW, VerdictId.UNKNOWN)
    assert [(change.what, change.author) for change in incident.history] == [("opened", "streamguard")]
    assert incident.aware_ms == START_MS
    assert incident.span == (START_MS - 500, START_MS + 1)


def test_the_last_word_counts_and_history_keeps_all_of_them():
    cases = book(told("a", "alice"))
    cases.take_said(UID, said(9, status=IncidentStatus.ON_HOLD, assignee=""))
    cases.take_said(UID, said(5, status=IncidentStatus.IN_PROGRESS, assignee="ann", comment="mine"))
    cases.take_said(UID, said(7, verdict=VerdictId.SUSPICIOUS, author="bob"))
    incident = cases.find(UID)
    assert (incident.status, incident.verdict, incident.assignee) == (
        IncidentStatus.ON_HOLD,
        VerdictId.SUSPICIOUS,
        None,
    )
    assert [(change.author, change.what, change.detail) for change in incident.history[1:]] == [
        ("ann", "status", "in_progress"),
        ("ann", "assignee", "ann"),
        ("ann", "comment", "mine"),
        ("bob", "verdict", "suspicious"),
        ("ann", "status", "on_hold"),
        ("ann", "assignee", "nobody"),
    ]


def test_the_same_words_twice_count_once_at_their_first_time():
    cases = book(told("a", "alice"))
    for at_ms in (8, 5, 9):
        cases.take_said(UID, said(at_ms, name="c-1", comment="mine"))
    assert [change.time_ms for change in cases.find(UID).history] == [START_MS, START_MS + 5]


def test_a_finding_that_joins_a_closed_incident_opens_it_again():
    cases = book(told("a", "alice"))
    cases.take_said(UID, said(5, status=IncidentStatus.CLOSED, verdict=VerdictId.FALSE_POSITIVE))
    assert not cases.find(UID).is_open
    cases.take_finding(told("b", "alice", DAY_MS))
    incident = cases.find(UID)
    assert (incident.status, incident.verdict, incident.is_open) == (IncidentStatus.NEW, VerdictId.UNKNOWN, True)
    assert (incident.history[-1].what, incident.history[-1].detail) == ("status", "new: b joined since")
    cases.take_said(UID, said(DAY_MS + 5, ("a", "b"), status=IncidentStatus.RESOLVED))
    assert cases.find(UID).status is IncidentStatus.RESOLVED


@pytest.mark.parametrize("verdict", [VerdictId.TRUE_POSITIVE, VerdictId.SECURITY_RISK])
def test_what_is_bad_stays_so_when_more_is_found(verdict):
    cases = book(told("a", "alice"), told("b", "alice", DAY_MS))
    cases.take_said(UID, said(5, status=IncidentStatus.IN_PROGRESS, verdict=verdict))
    assert (cases.find(UID).status, cases.find(UID).verdict) == (IncidentStatus.IN_PROGRESS, verdict)


def test_two_closed_incidents_that_turn_out_to_be_one_stay_closed():
    """Both were looked at; what links them is old news, as each was told again."""
    cases = book(told("a", "alice"), told("b", "bob"))
    cases.take_said(UID, said(5, status=IncidentStatus.CLOSED))
    cases.take_said(incident_uid("b"), said(6, ("b",), status=IncidentStatus.RESOLVED))
    cases.take_finding(told("a", "alice", 9, shapes=("5e1f",)))
    cases.take_finding(told("b", "bob", 9, shapes=("5e1f",)))
    (incident,) = cases.incidents()
    assert (len(incident.members), incident.status) == (2, IncidentStatus.RESOLVED)


def test_words_that_come_before_their_findings_wait_for_them():
    cases = Casebook()
    assert cases.take_said(UID, said(5, comment="!"))
    assert list(cases.drain()) == []
    cases.take_finding(told("a", "alice"))
    assert [change.what for change in cases.find(UID).history] == ["opened", "comment"]


def test_words_whose_findings_cannot_make_the_incident_are_refused():
    cases = book(told("a", "alice"))
    assert not cases.take_said("inc-0", said(5, comment="?"))
    assert not cases.take_said(UID, said(5, ("b",), comment="?"))


def test_a_growing_finding_is_told_by_its_newest_words():
    cases = book(told("a", "alice", 50, severity="critical"), told("a", "alice", severity="low", first_ms=-90))
    ((member,),) = [incident.members for incident in cases.incidents()]
    assert (member.severity, member.told_ms, member.first_ms) == ("critical", START_MS, START_MS - 90)
    assert member.message.endswith(f"told at {START_MS + 50}.")


def test_what_is_said_in_parts_is_told_once():
    cases = book(told("a", "alice"), told("b", "alice", 1), told("c", "alice", 2))
    closed = {"status": IncidentStatus.CLOSED}
    cases.take_said(UID, said(5, ("a", "b"), name="w", **closed))
    cases.take_said(UID, said(6, ("a", "c"), name="w#1", **closed))
    assert [change.time_ms for change in cases.find(UID).history if change.what == "status"] == [START_MS + 5]
    assert cases.find(UID).status is IncidentStatus.CLOSED
    # Whose first part is of another incident, or nowhere, is told itself.
    cases.take_said(UID, said(7, ("a", "c"), name="x#1", comment="!"))
    assert cases.find(UID).history[-1].detail == "!"
