"""The dossier of the scripted incident, made from a real store: every number in it against the ground truth."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from incident.incident import FIRST_DAY
from incident.script import JON, MARA
from unit.dossier.shop import DAYS, NAMED, SHAPES, WHOSE, country, incident_of, store_of, taken, without_region

from streamguard.dossier import Figure, Moment, Wanted, investigate
from streamguard.dossier.markdown import as_markdown
from streamguard.dossier.written import figure_text, written

HOUR_MS = 3_600_000
FIRST = FIRST_DAY.toordinal() - 719_163
"""Number of the first day, from 1970-01-01."""


@pytest.fixture(scope="module")
def made(recorded_incident, tmp_path_factory):
    """Give the incident with its dossier."""
    store = store_of(tmp_path_factory.mktemp("ledger"), recorded_incident.everybody)
    incident = incident_of(recorded_incident.everybody)
    wanted = Wanted(now_ms=incident.aware_ms + 30 * HOUR_MS)
    return incident, investigate(incident, store, recorded_incident.catalogue, wanted)


@pytest.fixture(scope="module")
def exact(made, recorded_incident):
    """Give every number that the log tells exactly, by key."""
    incident, _ = made
    span = incident.span
    mine = [
        one.activity
        for one in recorded_incident.everybody
        if span.from_ms <= one.activity.time_ms < span.to_ms and one.is_personal and one.peer_group == "support"
    ]
    times = [one.time_ms for one in mine]
    found = {
        "statements": 15,
        "employees": 2,
        "findings": 2,
        "uncounted": 1,
        "exposures": len(mine),
        "told_after": incident.aware_ms - span.from_ms,
        "clock/remaining": 42 * HOUR_MS,
        "log/postgresql.jsonlog/statements": len(mine),
        "log/postgresql.jsonlog/before": 0,
        "log/postgresql.jsonlog/uncounted": 1,
        "log/postgresql.jsonlog/uncounted_permille": round(1000 / len(mine)),
        "log/postgresql.jsonlog/silence": max(later - time for time, later in pairwise(times)),
    }
    for who, days in DAYS.items():
        told = {f"day/{who}/{FIRST + day}": numbers for day, numbers in days.items()}
        told[f"who/{who}"] = tuple(map(sum, zip(*days.values(), strict=True)))
        for key, numbers in told.items():
            parts = ("statements", "rows", "uncounted")
            found |= {f"{key}/{name}": number for name, number in zip(parts, numbers, strict=True)}
    for uid, (_, _, _, rows, statements) in SHAPES.items():
        found[f"{uid}/statements"] = statements
        if uid != "S7":
            found[f"{uid}/rows"] = rows
    seen = {"customer_number": 14, "email_address": 13, "name": 14, "date_of_birth": 1, "postal_address": 1}
    untouched = dict.fromkeys(("location", "national_id", "phone_number"), 15)
    return found | {f"statements/{category}": count for category, count in {**seen, **untouched}.items()}


def truth_of(key):
    """Return the true number of people, records or regions behind a key."""
    parts = key.split("/")
    if key == "people":
        return len(taken())
    if key == "records":
        return sum(rows for _, _, _, rows, _ in SHAPES.values())
    if key == "regions":
        return len({country(who) for who in taken()})
    if parts[0] == "who":
        return len(WHOSE[parts[1]])
    if parts[0] == "people":
        whose = taken(None if parts[1] == "*" else parts[1])
        return len(whose) if len(parts) == 2 else sum(country(who) == parts[2] for who in whose)
    if parts[1] == "people":
        return len(SHAPES[parts[0]][0])
    assert parts == ["S7", "rows"], f"{key} is a number that no truth is known of"
    return SHAPES["S7"][3]


def test_the_truth_worked_out_here_is_the_truth_of_the_database(recorded_incident):
    truth = recorded_incident.truth
    assert truth.people == len(taken())
    assert truth.categories == {category: len(taken(category)) for category in truth.categories}
    for category, regions in truth.category_regions.items():
        assert regions == {name: sum(country(who) == name for who in taken(category)) for name in regions}


def test_every_number_is_the_truth_or_holds_it(made, exact):
    _, dossier = made
    told = set()
    for figure in dossier.figures():
        told.add(figure.key)
        if figure.key in exact:
            assert (figure.lower, figure.upper) == (exact[figure.key], exact[figure.key]), figure.key
        elif figure.key.endswith("/unknown"):
            anywhere, only = without_region(None if "*" in figure.key else figure.key.split("/")[1])
            assert figure.lower <= len(anywhere), figure.key
            assert figure.upper >= len(only), figure.key
        else:
            true = truth_of(figure.key)
            assert figure.lower <= true, figure.key
            assert figure.upper is None or true <= figure.upper, figure.key
    assert exact.keys() <= told, "every number that is known is told"


def test_numbers_that_the_log_shows_are_told_exactly(made):
    _, dossier = made
    found = {figure.key: (figure.lower, figure.upper) for figure in dossier.figures()}
    for key in ("people/email_address/DE", "people/name/DE", "people/*/DE", "people/date_of_birth"):
        assert found[key] == (truth_of(key), truth_of(key))
    assert found[f"who/{JON}/people"] == (600, 600)


def test_what_was_not_touched_is_said_and_the_cursor_makes_its_table_doubtful(made):
    _, dossier = made
    section = next(one for one in dossier.sections if one.anchor == "categories")
    verdicts = {}
    for row in section.blocks[1].rows:
        verdicts[written(row[0][0], "UTC")] = written(row[1][0], "UTC")
    assert verdicts == {
        "customer numbers": "seen",
        "dates of birth": "seen",
        "e-mail addresses": "seen",
        "names": "seen",
        "postal addresses": "cannot tell",
        "locations": "not seen",
        "national ids": "not seen",
        "phone numbers": "not seen",
    }


def test_everybody_of_the_people_is_where_the_table_has_a_row(made):
    _, dossier = made
    rows = {key.split("/")[2] for figure in dossier.figures() if (key := figure.key).startswith("people/*/")}
    assert rows == {*NAMED, "unknown"}


def test_markdown_tells_these_numbers_and_names_both(made):
    _, dossier = made
    text = as_markdown(dossier)
    numbers = re.sub(r"<sup>.*?</sup>", "", text)
    for figure in dossier.figures():
        assert figure_text(figure) in numbers
    assert f"under the accounts of {MARA} (support) and {JON} (support)" in text
    moments = {piece.key: piece.time_ms for piece in dossier.moments()}
    assert moments["deadline"] - moments["aware"] == 72 * HOUR_MS
    assert {type(piece) for piece in dossier.pieces()} >= {Figure, Moment}
