"""The turn of the month."""

from __future__ import annotations

from datetime import date

import pytest

from streamguard.baseline.codec import Kind, Reader, Writer
from streamguard.baseline.seasons import Seasons, turn_of_month
from streamguard.baseline.today import NOTHING_COMMON, PLACES, PeerDay

LIFTED = (100, *NOTHING_COMMON[1:])


def number(*day):
    return (date(*day) - date(1970, 1, 1)).days


@pytest.mark.parametrize(
    ("day", "turn"),
    [
        ((2025, 9, 26), -3),
        ((2025, 9, 27), 0),  # a Saturday
        ((2025, 9, 30), -1),
        ((2025, 10, 1), 1),
        ((2025, 10, 3), 3),
        ((2025, 10, 6), 0),
        ((2026, 1, 30), -1),  # the 31st is a Saturday
        ((2026, 2, 2), 1),
    ],
)
def test_business_days_are_counted_from_both_ends_of_a_month(day, turn):
    assert turn_of_month(number(*day)) == turn


def test_every_month_turns_on_six_days_and_no_day_is_beyond_it():
    turns = [turn_of_month(number(2025, 1, 1) + later) for later in range(365)]
    assert sum(map(bool, turns)) == 72
    assert turn_of_month(10**9) == turn_of_month(-(10**9)) == 0


def test_what_was_common_is_expected_the_next_month_and_fades_if_it_does_not_come_again():
    seasons = Seasons()
    seasons.learn(number(2025, 9, 30), LIFTED)
    seasons.learn(number(2025, 9, 10), LIFTED)
    assert seasons.expect(number(2025, 10, 31))[0] == 80
    assert seasons.expect(number(2025, 10, 30)) == NOTHING_COMMON
    assert seasons.expect(number(2025, 10, 10)) == NOTHING_COMMON
    out = Writer(Kind.SEASONS)
    seasons.write(out)
    again = Seasons.read(Reader(out.bytes(), Kind.SEASONS))
    again.learn(number(2025, 10, 31), NOTHING_COMMON)
    assert again.expect(number(2025, 11, 28))[0] == 40


def test_what_is_expected_excuses_from_the_first_statement_on_and_is_no_news_of_the_day():
    day = PeerDay(1, 10, at_least=LIFTED)
    day.join(0)
    assert day.commons(0) == LIFTED
    for slot in range(10):
        day.join(slot)
        day.enter(slot, 0, 300)
        day.enter(slot, 1, 60)
    day.refresh(0, (0,) * PLACES)
    assert day.commons(0)[:2] == (300, 60)
    assert day.shared()[:2] == (300, 60)
