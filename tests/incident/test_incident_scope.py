"""The scripted incident, asked: who, what, how many, where; against what SQL says of the same tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from incident.script import BACKUP, COUNTRIES, CURSOR_DAY, JON, JONS_LISTS, MARA, MARAS_LISTS

from streamguard.activity import Verdict
from streamguard.ledger import Span
from streamguard.scope import Affected, Bounds, ScopeReport, Subject, affected, attribute, scope

if TYPE_CHECKING:
    from incident.incident import Incident

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]

HOUR_MS = 60 * 60 * 1000


def before_the_cursor(incident: Incident) -> Span:
    return Span(incident.span.from_ms, incident.span.from_ms + (24 * CURSOR_DAY - 1) * HOUR_MS)


@pytest.fixture(scope="module")
def report(incident: Incident) -> ScopeReport:
    return scope(incident.everybody, incident.catalogue, incident.span, incident.employees)


def test_the_bounds_hold_the_truth_for_every_category_and_region(incident: Incident, report: ScopeReport) -> None:
    truth = incident.truth
    assert report.people.holds(truth.people)
    for country in COUNTRIES:
        assert report.region(country).holds(truth.regions[country])
    for found in report.categories:
        assert found.people.holds(truth.categories.get(found.category, 0))
        for country in COUNTRIES:
            there = truth.category_regions.get(found.category, {}).get(country, 0)
            assert found.region(country).holds(there), (found.category, country)


def test_they_are_exact_where_the_log_allows(incident: Incident, report: ScopeReport) -> None:
    email, birth = report.category("email_address"), report.category("date_of_birth")
    # A COPY of everybody in Germany, with its count of rows.
    assert email.region("DE") == Bounds(incident.truth.regions["DE"], incident.truth.regions["DE"])
    # A list of ids, each of which was there.
    assert birth.people == Bounds(400, 400)
    by_uid = {evidence.uid: evidence for evidence in email.evidence}
    copied, paged, listed, joined = (by_uid[uid] for uid in ("S1", "S2", "S3", "S5"))
    assert copied.people.is_exact
    # One page of five was loaded twice.
    assert (paged.people, paged.rows) == (Bounds(16_000, 16_000), Bounds(20_000, 20_000))
    # Six lists, two of which share two hundred people, of two employees.
    different = {key for keys in (*MARAS_LISTS[:-1], *JONS_LISTS) for key in keys}
    assert listed.people == Bounds(len(different), len(different))
    assert listed.employees == (JON, MARA)
    assert joined.people == Bounds(1, joined.rows.upper)
    # What only may have been there is what the join hides and what the lists repeat.
    assert email.people.upper is not None
    assert email.people.upper - email.people.lower < 12_000


def test_what_was_never_touched_is_not_seen_and_shows_why(report: ScopeReport) -> None:
    phone = report.category("phone_number")
    assert (phone.verdict, phone.people) == (Verdict.NOT_SEEN, Bounds(0, 0))
    assert {evidence.verdict for evidence in phone.evidence} == {Verdict.NOT_SEEN}
    assert all(evidence.tables == ("public.customers",) for evidence in phone.evidence)
    assert sum(evidence.statements for evidence in phone.evidence) == report.statements  # with one that found nobody
    assert phone.evidence[0].why == "only email, id and name left"


def test_the_cursor_makes_exactly_its_tables_cannot_tell(incident: Incident, report: ScopeReport) -> None:
    doubtful = [found.category for found in report.categories if found.verdict is Verdict.CANNOT_TELL]
    assert doubtful == ["postal_address"]
    (cursor,) = report.category("postal_address").evidence
    assert (cursor.tables, cursor.people) == (("public.addresses",), Bounds(0, 150_000))
    assert cursor.why.endswith("would leave, but the log does not count the rows of a cursor")
    until = scope(incident.everybody, incident.catalogue, before_the_cursor(incident), incident.employees)
    assert not [found for found in until.categories if found.verdict is Verdict.CANNOT_TELL]


def test_three_people_ask(incident: Incident) -> None:
    before = before_the_cursor(incident)
    listed = Subject(incident.hash(MARAS_LISTS[0][7]))
    elsewhere = Subject(incident.hash(MARAS_LISTS[-1][-1] + 7_919 * 100), "PL")
    perhaps = Subject(incident.hash(MARAS_LISTS[-1][-1] + 7_919 * 100))
    answers = affected(
        incident.everybody, incident.catalogue, before, [listed, elsewhere, perhaps], employees=incident.employees
    )
    assert [answer.answer for answer in answers] == [Affected.YES, Affected.NO, Affected.CANNOT_TELL]
    assert answers[0].categories == {
        "customer_number": Affected.YES,
        "date_of_birth": Affected.NO,
        "email_address": Affected.YES,
        "name": Affected.YES,
    }
    assert "S3" in {because.uid for because in answers[0].because}
    assert answers[1].because == ()
    # With the cursor nobody's address is certain any more.
    (asked_later,) = affected(
        incident.everybody, incident.catalogue, incident.span, [elsewhere], employees=incident.employees
    )
    assert asked_later.categories["email_address"] is Affected.NO
    assert asked_later.categories["postal_address"] is Affected.CANNOT_TELL


def test_the_leaked_list_points_to_both_in_order_and_a_random_one_to_nobody(incident: Incident) -> None:
    week = Span(0, 2**62)
    for leaked in (incident.leaked, [subject._replace(region=None) for subject in incident.leaked]):
        found = attribute(incident.everybody, incident.catalogue, week, leaked)
        assert [suspect.employee for suspect in found.suspects if suspect.points] == [MARA, JON]
        assert (found.together, found.together_covered) == ((MARA, JON), len(leaked))
    by_name = {suspect.employee: suspect for suspect in found.suspects}
    assert (by_name[MARA].covered, by_name[JON].covered) == (600, 150)
    backup = by_name[BACKUP]
    assert (backup.covered, backup.selected, backup.points, backup.chance) == (len(leaked), 0, False, 1.0)
    assert "no evidence" in backup.worth
    nobody = attribute(incident.everybody, incident.catalogue, week, incident.anybody)
    assert not [suspect for suspect in nobody.suspects if suspect.points]
    assert nobody.together == ()
