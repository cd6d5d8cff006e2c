"""What is new: how often, how known to others, and what repeats from statement to statement."""

from __future__ import annotations

from math import log

import pytest
from unit.detect.small_company import MONDAY_MS, exposure

from streamguard.activity import Verdict
from streamguard.baseline.codec import Kind, Reader, Writer
from streamguard.baseline.habits import Habits
from streamguard.baseline.news import NewsCounts
from streamguard.baseline.popularity import Fame, Popularity
from streamguard.baseline.shape import CATEGORIES, CLIENT, PROGRAM, STATEMENT, TABLE, Shapes, Symbol, network

UNKNOWN_TO_ALL = Fame(0, 0.0)


def at_home():
    habits = Habits()
    habits.tenure = 30
    return habits


def test_what_is_seldom_new_and_known_to_nobody_is_most_surprising():
    rates = NewsCounts().rates()
    known, unknown = (rates.surprise(TABLE, Fame(level, 0.0), at_home()) for level in (2, 0))
    assert known == int(-10 * log(1 / 31))
    assert unknown > known


def test_the_first_day_everything_is_new_and_only_its_fame_can_surprise():
    rates = NewsCounts().rates()
    assert rates.surprise(TABLE, Fame(2, 0.0), Habits()) == 0
    assert rates.surprise(TABLE, UNKNOWN_TO_ALL, Habits()) > 10


def test_what_spreads_these_days_surprises_by_how_many_took_it_up():
    rates = NewsCounts().rates()
    assert rates.surprise(TABLE, Fame(1, 0.25), at_home()) == int(-10 * log(0.25))


def test_an_employee_with_news_every_day_surprises_nobody_by_one_more():
    habits = at_home()
    for day in range(100, 140):
        habits.open_day(day, 14.0)
        habits.learn((0, 0, 0, 0), (9,), 1 << STATEMENT)
    rates = NewsCounts().rates()
    assert rates.surprise(STATEMENT, Fame(2, 0.0), habits) < 8
    assert rates.surprise(TABLE, Fame(2, 0.0), habits) > 40


def test_counts_are_restored():
    counts = NewsCounts()
    counts.learn_day(0b101, is_newcomer=False)
    counts.learn_day(0b001, is_newcomer=True)
    counts.learn_fame(3, 1)
    out = Writer(Kind.NEWS)
    counts.write(out)
    source = Reader(out.bytes(), Kind.NEWS)
    assert NewsCounts.read(source).rates() == counts.rates()
    source.end()


def test_fame_grows_with_those_who_know_and_spreading_fades_by_half_a_day():
    popularity = Popularity(b"g:", {}.get)
    met = [popularity.meet(8, 20, day) for day in (5, 5, 5, 6, 9)]
    assert [fame.level for fame in met] == [0, 1, 2, 2, 2]
    assert [fame.spreading for fame in met] == pytest.approx([0, 1 / 20, 2 / 20, 1 / 20, 0])


def test_who_leaves_is_forgotten_and_entries_are_restored_apart():
    popularity = Popularity(b"g:", {}.get)
    for number in (8, 9, 8):
        popularity.meet(number, 20, 5)
    popularity.leave(9)
    popularity.leave(1)
    store = {popularity.key(bucket): popularity.encode(bucket) for bucket in popularity.dirty}
    again = Popularity(b"g:", store.get)
    assert again.meet(9, 20, 5).level == 0
    assert again.meet(8, 20, 5) == Fame(2, 2 / 20)
    assert again.dirty == {0, 1}


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ("10.20.30.40", "10.20.30.0/24"),
        ("10.20.30.99:5432", "10.20.30.0/24"),
        ("2001:db8:1:2::7", "2001:db8:1::/48"),
        ("[2001:db8:1:2::7]:5432", "2001:db8:1::/48"),
        ("Laptop-7.corp", "laptop-7.corp"),
        ("[local]", "[local]"),
    ],
)
def test_a_client_is_known_by_its_network(client, expected):
    assert network(client) == expected


def test_a_shape_is_found_again_and_other_verdicts_are_another_shape():
    shapes = Shapes()
    first, again = (shapes.shape(exposure("a", MONDAY_MS, 1)) for _ in range(2))
    failed = shapes.shape(exposure("a", MONDAY_MS, 1, categories={"email_address": Verdict.CANNOT_TELL}))
    assert first is again
    assert failed is not first
    assert shapes.shape(exposure("a", MONDAY_MS, 1, categories={"email_address": Verdict.CANNOT_TELL})) is failed
    assert [symbol.attribute for symbol in first.symbols] == [TABLE, CATEGORIES, STATEMENT]
    assert first.symbols[0].name == "crm.public.customers"
    assert first.symbols[1].name == "email_address"


def test_a_place_is_a_network_and_a_program_whatever_its_version():
    shapes = Shapes()
    one = shapes.place(exposure("a", MONDAY_MS, 1, application="DBeaver 23.1.0").activity)
    other = shapes.place(exposure("a", MONDAY_MS, 1, application="DBeaver 24.0.2", client="10.20.30.77").activity)
    assert [symbol.number for symbol in one.symbols] == [symbol.number for symbol in other.symbols]
    assert [symbol.attribute for symbol in one.symbols] == [CLIENT, PROGRAM]
    assert shapes.place(exposure("a", MONDAY_MS, 1, application=None, client=None).activity).symbols == ()


def test_symbols_of_different_attributes_are_different():
    assert Symbol(TABLE, "x").code != Symbol(PROGRAM, "x").code
