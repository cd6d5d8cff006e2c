"""What became of an attack: found or not, when, and what was gone by then."""

from __future__ import annotations

import pytest
from unit.evaluate.streams import HOUR_MS, attack, judged, said, truth

from streamguard.evaluate.outcome import outcomes

THREE = truth(attack("a", (5, 10), (5, 12), 60))


def only(statements, threshold=1.0, known=THREE):
    [found] = outcomes(judged(statements, known), threshold)
    return found


def test_what_was_taken_counts_up_to_and_including_the_alerting_statement():
    found = only(
        [
            said("a", 5, 10, 0.5, 10, 0),
            said("a", 5, 11, 2.0, 20, 0),
            said("a", 5, 12, 3.0, 30, 0),
        ]
    )
    assert (found.found, found.rows, found.all_rows, found.share) == (True, 30, 60, 0.5)
    assert found.delay_ms == HOUR_MS


def test_of_an_attack_that_is_not_found_everything_is_taken():
    found = only([said("a", 5, 10, 0.5, 10, 0), said("a", 5, 12, 1.0, 50, 0)])
    assert (found.found, found.delay_ms, found.rows, found.share) == (False, None, 60, 1.0)


def test_an_ordinary_statement_can_give_it_away():
    found = only([said("a", 5, 10, 0.5, 10, 0), said("a", 5, 11, 2.0, 7), said("a", 5, 12, 2.0, 50, 0)])
    assert (found.found, found.rows) == (True, 10)


@pytest.mark.parametrize(("day", "hour"), [(4, 22), (5, 9), (6, 9)])
def test_an_alert_before_its_beginning_or_after_its_last_day_does_not_count(day, hour):
    found = only([said("a", day, hour, 5.0), said("a", 5, 10, 0.5, 10, 0), said("a", 5, 12, 0.5, 50, 0)])
    assert not found.found


def test_an_alert_of_the_evening_of_its_last_day_counts_and_of_somebody_else_does_not():
    attack_only = [said("a", 5, 10, 0.5, 60, 0)]
    assert only([*attack_only, said("a", 5, 23, 5.0)]).found
    assert not only([*attack_only, said("b", 5, 11, 5.0)]).found


def test_a_day_that_alerts_already_must_become_stranger():
    before = said("a", 5, 9, 5.0)
    assert not only([before, said("a", 5, 10, 5.0, 60, 0)]).found
    assert only([before, said("a", 5, 10, 6.0, 60, 0)]).found


def test_what_the_log_does_not_count_is_the_rest_of_what_the_truth_says():
    found = only(
        [
            said("a", 5, 10, 0.5, 10, 0),
            said("a", 5, 11, 2.0, None, 0),
            said("a", 5, 12, 2.0, None, 0),
        ]
    )
    assert (found.rows, found.all_rows) == (35, 60)


def test_people_are_counted_by_their_hashes_where_the_log_shows_them():
    known = truth(attack("a", (5, 10), (5, 12), 60, people=2))
    looked_up = [
        said("a", 5, 10 + place, 0.5 + place, 1, 0, subjects=(("customers.id", (subject,)),))
        for place, subject in enumerate(("h1", "h1", "h2"))
    ]
    found = only(looked_up, 1.0, known)
    assert (found.people, found.all_people) == (1, 2)


def test_people_are_as_many_as_the_share_of_the_records_says_where_it_does_not():
    known = truth(attack("a", (5, 10), (5, 12), 60, people=30))
    found = only([said("a", 5, 10, 2.0, 20, 0), said("a", 5, 12, 2.0, 40, 0)], 1.0, known)
    assert (found.people, found.all_people) == (10, 30)


def test_takings_are_told_in_own_days():
    past = [said("a", day, 10, 0.1, 5) for day in (2, 3, 4)]
    found = only([*past, said("a", 5, 10, 2.0, 20, 0), said("a", 5, 12, 2.0, 40, 0)])
    assert (found.own_days, found.all_own_days, found.active_day) == (4.0, 12.0, 4.0)
