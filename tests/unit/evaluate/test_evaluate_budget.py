"""False cases, and the threshold for a number of them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.evaluate.streams import attack, judged, said, truth

from streamguard.evaluate.budget import false_cases, false_per_1000, fit_threshold
from streamguard.evaluate.outcome import outcomes

# Employee, day, hour, score: a few values only, so that ties are common.
STATEMENT = st.tuples(
    st.sampled_from("abcdef"), st.integers(0, 9), st.integers(5, 23), st.sampled_from([0.0, 1.0, 1.5, 2.0, 3.0, 5.0])
)
WORLDS = st.lists(st.lists(STATEMENT, min_size=1, max_size=40), min_size=1, max_size=3)


def worlds_of(told):
    return [judged([said(*one) for one in world]) for world in told]


def test_a_case_begins_with_an_alert_and_lasts_72_hours():
    world = judged(
        [
            said("a", 2, 10, 5.0),
            said("a", 4, 10, 5.0),  # within 72 h of the first
            said("a", 5, 9, 5.0),  # 71 h after it
            said("a", 5, 11, 6.0),  # the same day's alert was an hour before the end
            said("a", 6, 10, 5.0),  # a new case
            said("b", 6, 10, 5.0),
        ]
    )
    assert false_cases(world, 4.0) == 3


def test_an_alert_must_exceed_the_threshold():
    world = judged([said("a", 3, 10, 5.0)])
    assert (false_cases(world, 5.0), false_cases(world, 4.9)) == (0, 1)


def test_days_before_the_evaluation_and_days_of_attacks_do_not_count():
    known = truth(attack("b", (3, 9), (4, 9), 10))
    world = judged(
        [
            said("a", 1, 10, 9.0),
            said("b", 2, 10, 9.0),  # the day before the attack
            said("b", 3, 10, 9.0, attack=0),
            said("b", 7, 8, 9.0),  # 71 h after its end
            said("b", 8, 10, 9.0),
        ],
        known,
    )
    assert false_cases(world, 1.0) == 2
    # Two employees from day 2 to day 9; b's days 3 to 7 are the attack's and those within 72 h of it.
    assert world.scene.employee_days == 8 + 8 - 5
    assert false_per_1000([world], 1.0) == pytest.approx(1000 * 2 / 11)


def test_the_days_of_an_employee_begin_with_the_first_statement():
    world = judged([said("a", 0, 10, 0.0), said("b", 7, 10, 0.0)])
    assert world.scene.employee_days == 8 + 3


@settings(max_examples=60, deadline=None)
@given(told=WORLDS, budget=st.floats(1.0, 900.0))
def test_a_fitted_threshold_keeps_the_budget_and_the_next_lower_one_does_not(told, budget):
    worlds = worlds_of(told)
    threshold = fit_threshold(worlds, budget)
    assert false_per_1000(worlds, threshold) <= budget + 1e-9
    days = sum(world.scene.employee_days for world in worlds)
    lower = [score for score in (0.0, 1.0, 1.5, 2.0, 3.0, 5.0) if score < threshold]
    # An earlier alert may join another case: then cases become fewer again further down, and the search may stop early.
    if days and lower and not any(_cases(worlds, a) > _cases(worlds, b) for a, b in _ascending(lower, threshold)):
        assert _cases(worlds, lower[-1]) > budget / 1000 * days or _cases(worlds, lower[-1]) == _cases(
            worlds, threshold
        )


def _cases(worlds, threshold):
    return sum(false_cases(world, threshold) for world in worlds)


def _ascending(lower, threshold):
    return [(high, low) for low, high in pairwise([*lower, threshold])]


@given(scores=st.lists(st.floats(0.5, 100.0), min_size=5, max_size=30, unique=True), budget=st.floats(5.0, 130.0))
def test_without_ties_the_budget_is_spent_to_the_last_case(scores, budget):
    world = judged([said(f"e{number}", 5, 10, score) for number, score in enumerate(scores)])
    allowed = int(budget / 1000 * world.scene.employee_days)
    assert false_cases(world, fit_threshold([world], budget)) == min(allowed, len(scores))


def test_of_a_tie_nobody_alerts_when_not_everybody_may():
    world = judged([said(f"e{number}", 5, 10, 7.0) for number in range(10)])
    assert fit_threshold([world], 100.0) == 7.0
    assert false_cases(world, 7.0) == 0


@settings(max_examples=60, deadline=None)
@given(told=WORLDS, score=st.sampled_from([0.0, 1.0, 2.0, 5.0]))
def test_a_larger_budget_finds_no_less(told, score):
    known = truth(attack("z", (5, 12), (5, 12), 10))
    worlds = [judged([*(said(*one) for one in world), said("z", 5, 12, score, 10, 0)], known) for world in told]
    thresholds = [fit_threshold(worlds, budget) for budget in (1.0, 10.0, 100.0, 500.0)]
    assert thresholds == sorted(thresholds, reverse=True)
    found = [sum(one.found for world in worlds for one in outcomes(world, threshold)) for threshold in thresholds]
    assert found == sorted(found)


def test_a_trimmed_ladder_says_the_same_above_its_floor():
    world = judged([said("a", day, hour, float(day * hour % 7)) for day in range(2, 10) for hour in range(6, 20)])
    trimmed = world._replace(ladder=world.ladder.trimmed(3.0))
    assert len(trimmed.ladder.scores) < len(world.ladder.scores)
    assert all(false_cases(trimmed, t) == false_cases(world, t) for t in (3.0, 4.0, 5.5, 6.0))
    assert fit_threshold([trimmed], 1000.0) == 3.0, "lower thresholds cannot be asked for"
