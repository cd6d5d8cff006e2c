"""Every number of a dossier: what it is, what it rests on, and that there is no other."""

from __future__ import annotations

import re
from statistics import median_high

import pytest
from unit.dossier.handmade import HOUR_MS, INCIDENT_DAY, PEERS, START_DAY, at, case, exact, exposures, report

from streamguard.dossier import Day, Figure, Moment, Name, make
from streamguard.scope import Bounds

SOURCE = "postgresql.jsonlog on crm-1"
FIRST, SECOND, THIRD = (START_DAY + INCIDENT_DAY + n for n in range(3))


@pytest.fixture(scope="module")
def dossier():
    return make(case(exact=exact()), exposures())


def bounds(dossier):
    """Return the bounds of every number by its key, which has the same ones wherever it is told."""
    found = {}
    for figure in dossier.figures():
        assert found.setdefault(figure.key, (figure.lower, figure.upper)) == (figure.lower, figure.upper), figure.key
    return found


def usual_days(place):
    """Return the rows of the working days of the employee at a place, as the handmade company has them."""
    return [2 * (10 + (7 * day + 3 * place) % 21) for day in range(INCIDENT_DAY) if day % 7 < 5]


def of_report():
    """Return what the scope report says, by key."""
    told = report()
    found = {"people": told.people, "records": told.records}
    for region, people in told.regions.items():
        found[f"people/*/{region}"] = people
    for scope in told.categories:
        if scope.people.upper:
            found[f"people/{scope.category}"] = scope.people
            found |= {f"people/{scope.category}/{region}": scope.region(region) for region in told.regions}
    return {key: (one.lower, one.upper) for key, one in found.items()}


def exactly(**numbers):
    return {key.replace("__", "/"): (number, number) for key, number in numbers.items()}


def of_deeds():
    ann = {FIRST: (1, 0, 1), SECOND: (4, 20_000, 0), THIRD: (1, 0, 1)}
    ben = {THIRD: (1, 2_000, 0)}
    found = {}
    for who, days in (("ann", ann), ("ben", ben)):
        rows = {f"day/{who}/{day}": told for day, told in days.items()}
        rows[f"who/{who}"] = tuple(map(sum, zip(*days.values(), strict=True)))
        for key, told in rows.items():
            found |= {
                f"{key}/{name}": (n, n) for name, n in zip(("statements", "rows", "uncounted"), told, strict=True)
            }
    return found


def of_usual():
    ann, ben = usual_days(0), usual_days(1)
    peers = [rows for place in range(2, 2 + len(PEERS)) for rows in usual_days(place)]
    during = [2 * (10 + (7 * day + 3 * place) % 21) for day in range(INCIDENT_DAY, 31) for place in range(2, 10)]
    found = exactly(usual__peers__count=8, usual__peers__middle=median_high(peers), usual__peers__most=max(peers))
    found |= exactly(usual__peers__most_during=max(during))
    for who, days in (("ann", ann), ("ben", ben)):
        told = {"days": len(days), "middle": median_high(days), "most": max(days)}
        found |= {f"usual/{who}/{name}": (n, n) for name, n in told.items()}
    return found


def of_log():
    peers_during = 3 * 2 * len(PEERS)
    # Over a weekend: from the last peer on Friday at 15:09 to Ann on Monday at 09:00.
    told = {
        "statements": peers_during + 7,
        "before": 20 * 2 * (len(PEERS) + 2),
        "uncounted": 2,
        "uncounted_permille": round(1000 * 2 / (peers_during + 7)),
        "delay": round(1.5 * HOUR_MS),
        "delayed": 1,
        "silence": at(INCIDENT_DAY + 2, 9 + 2 / 60) - at(INCIDENT_DAY + 1, 21.1),
        "silence_before": at(7, 9) - at(4, 15.15),
    }
    later = at(INCIDENT_DAY + 1, 9 + 2 / 60) - at(INCIDENT_DAY, 20.0)
    told["silence"] = max(told["silence"], later)
    return {f"log/{SOURCE}/{name}": (number, number) for name, number in told.items()}


def of_statements():
    found = {}
    for scope in report().categories:
        for one in scope.evidence:
            found[f"{one.uid}/statements"] = (one.statements, one.statements)
            found[f"{one.uid}/rows"] = (one.rows.lower, one.rows.upper)
    people = {
        "S1/people/email_address": Bounds(0, 50_000),
        "S2/people/email_address": Bounds(20_000, 20_000),
        "S3/people/postal_address": Bounds(0, 50_000),
        "S4/people/email_address": Bounds(2_000, 2_000),
    }
    found |= {key: (one.lower, one.upper) for key, one in people.items()}
    told = {"email_address": 6, "name": 4, "phone_number": 6, "postal_address": 1}
    return found | {f"statements/{name}": (count, count) for name, count in told.items()}


def of_replays():
    told = {
        "budget/10": (25, 5_000, 0),
        "channel/uncounted_reads": (25, 5_000, 0),
        "budget/1": (22, 15_000, 1),
        "budget/5": (None, 0, 0),
    }
    found = {"early/1/statements": (455, 455), "early/1/ann/budget/10/people": (4_000, 5_000)}
    found |= {"early/1/ann/channel/uncounted_reads/people": (0, None), "early/1/ann/budget/5/people": (0, 0)}
    found["early/1/ann/budget/1/people"] = (3, None)
    for mark, (hours, rows, uncounted) in told.items():
        key = f"early/1/ann/{mark}"
        found |= {f"{key}/rows": (rows, rows), f"{key}/uncounted": (uncounted, uncounted)}
        if hours is not None:
            found[f"{key}/before"] = (hours * HOUR_MS, hours * HOUR_MS)
    return found


def of_exact():
    told = {"people": exact().people, "statements": Bounds(6, 6), "unresolved": Bounds(1, 1)}
    told |= {f"people/*/{region}": people for region, people in exact().regions.items()}
    for category, counted in exact().categories.items():
        told[f"people/{category}"] = counted.people
        told |= {f"people/{category}/{region}": people for region, people in counted.regions.items()}
    return {f"exact/{key}": (one.lower, one.upper) for key, one in told.items()}


def test_every_number_is_true_and_there_is_no_other(dossier):
    truth = {
        **of_report(),
        **of_deeds(),
        **of_usual(),
        **of_log(),
        **of_statements(),
        **of_replays(),
        **of_exact(),
        **exactly(statements=7, employees=2, findings=2, uncounted=2, exposures=455),
        "regions": (2, None),
        "monitoring/1": (3, 3),
        "told_after": (25 * HOUR_MS, 25 * HOUR_MS),
        "clock/remaining": (5 * HOUR_MS, 5 * HOUR_MS),
    }
    assert bounds(dossier) == truth


def test_every_moment_is_true(dossier):
    told = {moment.key: moment.time_ms for moment in dossier.moments()}
    day = INCIDENT_DAY
    truth = {
        "first": at(day, 20.0),
        "last": at(day + 2, 19.5),
        "aware": at(day + 1, 21.0),
        "deadline": at(day + 4, 21.0),
        "now": at(day + 4, 16.0),
        "from": at(day, 4.0),
        "to": at(day + 3, 4.0),
        "earliest": at(0, 9.0),
        "ledger/complete_until": at(day + 4, 15.0),
        "history/2": at(day + 2, 9.0),
        "F2/told": at(day + 2, 19.5),
        f"day/ann/{SECOND}/last": at(day + 1, 21.1),
        "early/1/ann/budget/10/time": at(day, 20.0),
    }
    assert {key: told[key] for key in truth} == truth


def test_every_number_rests_on_evidence_that_is_there(dossier):
    anchors = list(dossier.anchors())
    assert len(set(anchors)) == len(anchors)
    for figure in dossier.figures():
        assert figure.evidence, figure.key
    named = {anchor for piece in dossier.pieces() if isinstance(piece, Figure | Moment) for anchor in piece.evidence}
    assert named <= set(anchors)


def test_numbers_of_a_category_rest_on_its_statements(dossier):
    found = {figure.key: figure.evidence for figure in dossier.figures()}
    assert found["people/name/FR"] == ("S2",)
    assert found["people/email_address"] == ("S1", "S2", "S4")
    assert found[f"day/ann/{THIRD}/uncounted"] == ("S3",)
    assert found["uncounted"] == ("S1", "S3")


def test_no_number_hides_in_words(dossier):
    for piece in dossier.pieces():
        if isinstance(piece, str):
            assert not re.search(r"\d", piece), piece
    for section in dossier.sections:
        assert not re.search(r"\d", section.title)


def test_what_is_told_as_it_stands_is_what_was_given(dossier):
    names = {piece.text for piece in dossier.pieces() if isinstance(piece, Name)}
    with_digits = {name for name in names if re.search(r"\d", name)}
    shapes = {one.fingerprint for scope in report().categories for one in scope.evidence}
    own = {
        "inc-7f3a",
        "10.1.2.3",
        SOURCE,
        "1,000",
        "1",
        "5",
        "10",
        "rows_1d",
        "increase(x[3d])",
        exact().as_of,
        *exact().disagreements,
    }
    assert with_digits <= shapes | own
    days = {piece.number for piece in dossier.pieces() if isinstance(piece, Day)}
    assert days == {FIRST, SECOND, THIRD}


def test_the_pictures_show_the_same_numbers(dossier):
    scenes = {picture.name: picture.scene for picture in dossier.pictures()}
    told = report()
    for chart in scenes["people"].categories:
        scope = told.category(chart.category)
        assert {bar.region: Bounds(bar.lower, bar.upper) for bar in chart.bars} == scope.regions
    usual = scenes["usual"]
    ann, ben = usual.lines
    assert [(point.day, point.rows, point.uncounted) for point in ann.points[-3:]] == [
        (FIRST, 0, 1),
        (SECOND, 20_000, 0),
        (THIRD, 0, 1),
    ]
    assert [point.rows for point in ben.points[:-1]] == usual_days(1)
    assert (usual.from_day, usual.told_day, usual.to_day) == (FIRST, SECOND, THIRD)
    assert max(point.most for point in usual.band) == bounds(dossier)["usual/peers/most"][0]
