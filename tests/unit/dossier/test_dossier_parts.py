"""The parts of a dossier: how numbers are written, what is usual, how healthy the log was, what is said when."""

from __future__ import annotations

from statistics import median_high

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.dossier.handmade import DAY_MS, HOUR_MS, INCIDENT_DAY, START_DAY, at, case, exposures, incident, read, report

from streamguard.activity import Account, RowsQuality, Verdict
from streamguard.dossier import Figure, Moment, make
from streamguard.dossier.consequences import consequences
from streamguard.dossier.days import Days
from streamguard.dossier.sources import Sources
from streamguard.dossier.written import duration, figure_text, links, written
from streamguard.exposure import CATEGORIES
from streamguard.ledger import Span
from streamguard.scope import NOBODY, Bounds

MINUTE_MS = 60_000


def said(dossier, anchor):
    """Return the words of one section."""
    section = next(one for one in dossier.sections if one.anchor == anchor)
    alone = msgspec.structs.replace(dossier, sections=(section,), facts=msgspec.structs.replace(dossier.facts, rows=()))
    return "".join(written(piece, dossier.time_zone) for piece in alone.pieces())


@pytest.mark.parametrize(
    ("lower", "upper", "unit", "text"),
    [
        (1, 1, "person", "1 person"),
        (48_210, 48_210, "person", "48,210 people"),
        (41_203, 48_210, "person", "41,203 to 48,210 people"),
        (0, 6_000, "row", "up to 6,000 rows"),
        (12, None, "", "at least 12"),
        (0, None, "", "cannot tell"),
        (0, None, "person", "an unknown number of people"),
        (0, 0, "", "0"),
        (36, 36, "permille", "3.6 %"),
    ],
)
def test_a_number_is_written_with_its_bounds(lower, upper, unit, text):
    assert figure_text(Figure(key="x", lower=lower, upper=upper, unit=unit, evidence=("S1",))) == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "less than a minute"),
        (12, "12 min"),
        (312, "5 h 12 min"),
        (72 * 60, "3 days"),
        (60, "1 h"),
        (2_000, "33 h 20 min"),
        (6_000, "4 days 4 h"),
    ],
)
def test_a_length_of_time_is_written_with_its_two_largest_parts(minutes, text):
    assert duration(minutes * MINUTE_MS) == text


def test_references_in_a_row_become_one():
    told = [(link.anchor, link.text) for link in links(("S10", "S2", "S1", "S3", "F1", "F2", "S9"))]
    assert told == [("F1", "F1"), ("F2", "F2"), ("S1", "S1\u2013S3"), ("S9", "S9"), ("S10", "S10")]


def test_a_moment_is_written_in_the_time_zone_with_its_name():
    summer = Moment(key="x", time_ms=1_782_910_800_000)
    assert written(summer, "Europe/Berlin") == "2026-07-01 15:00 CEST"
    assert written(summer, "UTC") == "2026-07-01 13:00 UTC"


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 9), st.none() | st.integers(0, 99)), max_size=40))
def test_what_is_usual_is_the_sum_of_each_day(deeds):
    days = Days(("a",), 4)
    for who, day, rows in deeds:
        assert days.take(read(who, day, 12.0, rows)) == START_DAY + day
    sums = {}
    for who, day, rows in deeds:
        sums[who, day] = sums.get((who, day), 0) + (rows or 0)
    own = sorted(rows for (who, day), rows in sums.items() if who == "a" and day < 5)
    usual = days.usual("a", START_DAY + 5)
    assert (usual is None) == (not own)
    assert usual is None or usual == (len(own), median_high(own), own[-1])
    peers = {}
    for (who, day), rows in sums.items():
        if who != "a":
            peers.setdefault(START_DAY + day, []).append(rows)
    assert {point.day: (point.least, point.most) for point in days.band()} == {
        d: (min(r), max(r)) for d, r in peers.items()
    }
    assert days.peers == len({who for who, _, _ in deeds} - {"a"})


def health(*times_hours, span=(24, 72)):
    sources = Sources(Span(at(0, span[0]), at(0, span[1])))
    for hours in times_hours:
        sources.take(read("ann", 0, hours, 1))
    [found] = sources.all()
    return found


def test_a_silence_longer_than_any_before_is_a_possible_gap():
    found = health(1, 9, 20, 25, 30, 50, 69)
    assert found.longest_silence_before_ms == 11 * HOUR_MS
    assert (found.longest_silence_ms, found.silent_from_ms) == (20 * HOUR_MS, at(0, 30))
    assert found.was_silent


def test_a_silence_belongs_to_the_time_in_which_it_lies():
    found = health(1, 30, 40, 50, 60, 70)
    assert found.longest_silence_before_ms == 23 * HOUR_MS
    assert (found.longest_silence_ms, found.silent_from_ms) == (10 * HOUR_MS, at(0, 30))
    assert not found.was_silent


def test_a_source_that_stopped_is_silent_until_the_end():
    found = health(1, 2, 25)
    assert (found.longest_silence_ms, found.silent_from_ms) == (47 * HOUR_MS, at(0, 25))


def test_without_records_before_nothing_is_called_a_gap():
    assert not health(25, 60).was_silent


def test_once_the_hours_are_over_the_dossier_asks_for_reasons():
    late = make(case(now_ms=at(INCIDENT_DAY + 5, 2.0)), exposures())
    assert "ended 2026-02-06 22:00 CET: 5 h ago" in said(late, "brief")
    assert "reasons for the delay" in said(late, "clock")
    early = make(case(), exposures())
    assert "end 2026-02-06 22:00 CET: 5 h are left" in said(early, "brief")
    assert "reasons for the delay" not in said(early, "clock")


def test_what_is_missing_is_marked_and_what_is_given_is_not():
    assert said(make(case(), exposures()), "contact").count("to be completed") == 3
    controller = dict.fromkeys(("name", "address", "officer", "contact", "authority"), "x")
    full = msgspec.convert(controller, type(case().controller))
    assert "to be completed" not in said(make(case(controller=full), exposures()), "contact")


def test_what_the_log_hides_is_listed():
    told = said(make(case(replays=(), complete_until_ms=at(INCIDENT_DAY, 1.0)), exposures()), "unknown")
    assert "Whether postal addresses left" in told
    assert "21,500 to 50,000 people" in told
    assert "the incident was not judged once more" in told
    assert "ledger is complete only until" in said(
        make(case(complete_until_ms=at(INCIDENT_DAY, 1.0)), exposures()), "completeness"
    )


def test_an_account_behind_which_nobody_is_known_is_said():
    nobody = [
        msgspec.structs.replace(one, account=Account.SERVICE) if one.employee == "ben" else one for one in exposures()
    ]
    dossier = make(case(), nobody)
    assert "Whose hands ben was in" in said(dossier, "unknown")
    assert "a service" in said(dossier, "who")


def test_a_clock_that_cannot_be_right_is_said_and_tells_no_delay():
    wrong = [
        msgspec.structs.replace(one, activity=msgspec.structs.replace(one.activity, time_borrowed=True))
        if one.employee == "ben"
        else one
        for one in exposures()
    ]
    assert "clock wrong" in said(make(case(), wrong), "completeness")


def test_special_categories_speak_for_a_high_risk():
    told = report()
    health_seen = msgspec.structs.replace(
        told.category("health"), verdict=Verdict.SEEN, people=Bounds(5, 5), evidence=told.category("name").evidence
    )
    changed = [health_seen if one.category == "health" else one for one in told.categories]
    dossier = make(case(report=msgspec.structs.replace(told, categories=tuple(changed))), exposures())
    assert "health data (seen): a special category under Article 9" in said(dossier, "risk")
    assert "Article 9" not in said(make(case(), exposures()), "risk")


def test_an_incident_that_took_nothing_can_be_told():
    told = report()
    nothing = tuple(
        msgspec.structs.replace(one, verdict=Verdict.NOT_SEEN, people=NOBODY, regions={}, evidence=())
        for one in told.categories
    )
    empty = msgspec.structs.replace(
        told, statements=0, records=NOBODY, people=NOBODY, regions={}, categories=nothing, first_ms=None, last_ms=None
    )
    dossier = make(case(report=empty, replays=()), [])
    assert "0 people" in said(dossier, "brief")
    assert [picture.name for picture in dossier.pictures()] == ["usual"]
    assert {anchor for figure in dossier.figures() for anchor in figure.evidence} <= set(dossier.anchors())


def test_several_findings_of_one_employee_are_one_employee():
    first = incident().members[0]
    alone = msgspec.structs.replace(
        incident(), members=(first, msgspec.structs.replace(first, finding_uid="g", joined="employee"))
    )
    assert "concern 1 employee." in said(make(case(incident=alone), exposures()), "who")


def test_what_left_after_the_last_day_of_the_incident_is_not_counted():
    later = [*exposures(), read("ann", INCIDENT_DAY + 3, 12.0, 999_999, rows_quality=RowsQuality.EXACT)]
    figures = {figure.key: figure.lower for figure in make(case(), later).figures()}
    assert figures["who/ann/rows"] == 20_000
    assert "usual/ann/most" in figures
    assert figures["usual/ann/most"] < DAY_MS


@pytest.mark.parametrize("category", sorted(CATEGORIES))
def test_every_category_has_its_consequences(category):
    assert consequences(category)
