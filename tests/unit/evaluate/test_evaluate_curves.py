"""Poisoning curves, cold start, published rules and the spread over worlds, on worlds made by hand."""

from __future__ import annotations

from types import MappingProxyType

import msgspec
import pytest
from unit.evaluate.streams import Told, attack, said, truth

from streamguard.evaluate.coldstart import cold_start
from streamguard.evaluate.exposures import Chunk
from streamguard.evaluate.judge import judge_chunks
from streamguard.evaluate.poisoning import poisoning
from streamguard.evaluate.report import detector_reports
from streamguard.evaluate.spread import estimate


class Knowing(Told):
    """Says itself that what reaches 10 - budget is an alert, and has a published threshold."""

    name = "knowing"
    thresholds = MappingProxyType({"seven": 7.0})

    def alert_level(self, budget_per_1000):
        return 10.0 - budget_per_1000 / 10

    def employee_bytes(self):
        return [100, 300]


def world(statements, known, made=Knowing):
    ordered = sorted(statements, key=lambda one: one[0].activity.time_ms)
    chunk = Chunk([one[0] for one in ordered], [one[2] for one in ordered])
    return judge_chunks("hand-made", known, [chunk], [made(one[1] for one in ordered)])


def poisoned(strength, *scores):
    """One poisoner per score, who takes 10 rows, twice; the score is the second statement's. An own day is 5 rows."""
    attacks = [
        msgspec.structs.replace(attack(f"e{n}", (5, 10), (6, 10), 20, scenario="drip"), strength=strength)
        for n in range(len(scores))
    ]
    past = [said(f"e{n}", day, 9, 0.5, 5) for n in range(len(scores)) for day in (2, 3, 4)]
    theft = [
        said(f"e{n}", day, 10, score if day == 6 else 1.0, 10, n) for n, score in enumerate(scores) for day in (5, 6)
    ]
    return world([*past, *theft], truth(*attacks))


def test_a_poisoning_curve_goes_by_strength():
    curve = poisoning([poisoned(2.0, 1.0, 9.5), poisoned(1.0, 1.0), poisoned(2.0, 9.5, 9.6)])
    weak, strong = curve["knowing"]
    assert (weak.strength, weak.attacks, weak.found, weak.own_days_taken, weak.own_days) == (1.0, 1, 0.0, 4.0, 4.0)
    assert (strong.strength, strong.attacks, strong.found) == (2.0, 4, 0.75)
    assert poisoning([]) == {}


def test_new_hires_are_told_apart_by_how_long_they_are_there():
    first_week = [said("old", day, 10, 9.9 if day == 9 else 0.5) for day in range(10)]
    hire = [said("new", day, 10, 9.9 if day == 8 else 0.5) for day in (8, 9)]
    quiet = world([*first_week, *hire], truth())
    theft = msgspec.structs.replace(attack("new", (9, 10), (9, 10), 50, scenario="cold_start"), strength=10.0)
    stolen = world([*first_week, *hire[:1], said("new", 9, 10, 9.9, 50, 0)], truth(theft))
    found = cold_start([quiet], [stolen, stolen])["knowing"]
    assert found.false_alert_days_per_1000 == {"1-5": 500.0, "established": pytest.approx(125.0)}
    [point] = found.exports
    assert (point.active_day, point.strength, point.attacks, point.found) == (2, 10.0, 2, 1.0)


def test_a_detector_that_knows_its_budget_is_judged_there_and_on_clean_streams():
    theft = truth(attack("a", (5, 10), (5, 10), 40))
    worlds = [
        world([said("a", 5, 10, 9.6, 40, 0), said("b", 4, 10, 9.1)], theft),
        world([said("a", 5, 10, 9.2, 40, 0)], theft),
    ]
    quiet = world([said("c", 4, 10, 9.95), said("d", 2, 10, 8.5)], truth())
    report = detector_reports(worlds, [quiet])["knowing"]
    assert report.judged == "nominal"
    assert {key: spread.mean for key, spread in report.recall.items()} == {"1": 0.0, "5": 0.5, "10": 1.0}
    assert {key: spread.mean for key, spread in report.share_of_haul.items()} == {"1": 1.0, "5": 1.0, "10": 1.0}
    days = sum(one.scene.employee_days for one in worlds)
    assert report.false_cases_per_1000 == {"1": 0.0, "5": 0.0, "10": pytest.approx(1000 / days)}
    clean = {key: spread.mean for key, spread in report.false_cases_on_clean_streams.items()}
    per_case = 1000 / quiet.scene.employee_days
    assert clean == {
        "1": pytest.approx(per_case),
        "2": pytest.approx(per_case),
        "5": pytest.approx(per_case),
        "10": pytest.approx(per_case),
        "20": pytest.approx(2 * per_case),
    }
    assert report.published["seven"].recall.mean == 1.0
    assert (report.bytes_per_employee.mean, report.bytes_per_employee.largest) == (200.0, 300)
    assert report.scenarios["bulk_dump"].records_before_alert == {"1": 40.0, "5": 40.0, "10": 40.0}


def test_an_interval_is_students():
    found = estimate([1.0, 2.0, 3.0])
    assert (found.mean, found.plus_minus) == (2.0, pytest.approx(4.303 / 3**0.5))
    assert estimate([1.0]).plus_minus is None
    assert estimate([]) is None
    many = estimate([0.0, 1.0] * 50)
    assert many.plus_minus == pytest.approx(1.96 * 0.5025 / 10, abs=1e-3)
