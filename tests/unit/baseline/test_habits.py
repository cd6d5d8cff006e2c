"""What an employee usually does: octaves, hours, novelties; symbols; chains; people."""

from __future__ import annotations

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.baseline.chains import Chains
from streamguard.baseline.codec import Kind, Reader, Writer
from streamguard.baseline.habits import NEWCOMER_DAYS, Habits
from streamguard.baseline.hours import ANY_HOUR, expected_hours, fit_hours, oddity
from streamguard.baseline.measure import HIGHEST_OCTAVE, octave
from streamguard.baseline.people import People
from streamguard.baseline.reach import fit_reach, rarity
from streamguard.baseline.shape import PROGRAM
from streamguard.baseline.symbols import MOST_KNOWN, Symbols


def again(part):
    out = Writer(Kind.EMPLOYEE)
    part.write(out)
    source = Reader(out.bytes(), Kind.EMPLOYEE)
    new = type(part).read(source)
    source.end()
    return new


def lived(days, hours=(9, 10, 11), octaves=(5, 0, 0, 0), habits=None):
    habits = habits or Habits()
    for day in days:
        habits.open_day(day, 14.0)
        habits.learn(octaves, hours, 0b10)
        habits.tenure += 1
    return habits


def test_days_count_half_after_a_half_life_and_vacations_are_time():
    habits = lived([100])
    habits.open_day(114, 14.0)
    assert habits.days == pytest.approx(0.5)
    assert habits.fading * habits.octaves[0][5] == pytest.approx(0.5)


def test_years_stay_finite_and_old_octaves_make_room():
    habits = lived(range(100, 4000), octaves=(3, 0, 0, 0))
    lived(range(4000, 4400), octaves=(9, 0, 0, 0), habits=habits)
    lived([4400], octaves=(10, 0, 0, 0), habits=habits)
    assert set(habits.octaves[0]) == {9, 10}
    assert habits.days == pytest.approx(1 / (1 - 2 ** (-1 / 14)), rel=1e-3)


def test_news_are_counted_once_the_newcomer_is_at_home():
    habits = lived(range(NEWCOMER_DAYS))
    assert (habits.news_weight, habits.is_newcomer) == (0.0, False)
    lived([NEWCOMER_DAYS], habits=habits)
    assert habits.news[1] == habits.news_weight > 0.0
    assert habits.news[0] == 0.0


def test_another_role_leaves_a_tenth():
    habits = lived(range(100, 130))
    days = habits.days
    habits.change_role()
    assert habits.days == pytest.approx(days / 10)
    assert habits.fading * habits.octaves[0][5] == pytest.approx(days / 10, rel=1e-5)


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 40), st.integers(0, 23)), max_size=30))
def test_restored_habits_go_on_bit_for_bit(steps):
    straight, second, day = Habits(), Habits(), 100
    for gap, reached, hour in steps:
        day += gap
        for habits in (straight, second):
            lived([day], (hour,), (reached, 0, 0, 0), habits)
        second = again(second)
    out, other = Writer(Kind.EMPLOYEE), Writer(Kind.EMPLOYEE)
    straight.write(out)
    second.write(other)
    assert out.bytes() == other.bytes()


def test_an_octave_is_the_number_of_bits():
    assert [octave(value) for value in (0, 1, 2, 3, 4, 10**30)] == [0, 1, 2, 2, 3, HIGHEST_OCTAVE]


REACH = fit_reach([(3, 90.0), (8, 10.0)], [1.0] * (HIGHEST_OCTAVE + 1), 0.0)


def test_the_peers_reach_falls_as_they_do_and_then_no_faster_than_a_pareto_tail():
    assert REACH[3] == 1.0
    assert REACH[4] == pytest.approx(0.4)  # 0.1 of the days, but a step is at least 0.4
    assert REACH[7] == REACH[8] == pytest.approx(0.1)
    assert REACH[9] == pytest.approx(0.04)


@given(st.dictionaries(st.integers(0, 40), st.floats(0, 50), max_size=6), st.integers(0, 39))
def test_the_rarity_of_an_octave_does_not_drop_with_it(own, reached):
    days = sum(own.values())
    assert 0 <= rarity(reached, own, 1.0, days, REACH) <= rarity(reached + 1, own, 1.0, days, REACH)


def test_what_was_never_seen_is_as_rare_as_the_own_days_and_the_peers_say():
    assert rarity(9, {3: 36.0}, 1.0, 36.0, REACH) == int(-10 * log(4 * REACH[9] / 40))
    assert rarity(3, {3: 36.0}, 1.0, 36.0, REACH) == 0


def test_an_hour_is_odd_if_neither_the_employee_nor_the_peers_work_then():
    habits = lived(range(100, 140), hours=range(8, 17))
    habits.open_day(140, 14.0)
    day, night = (
        fit_hours([(hour, 500.0) for hour in hours], 1000.0, ANY_HOUR) for hours in (range(24), range(22, 24))
    )
    at_day, at_night = (expected_hours(habits, peers) for peers in (day, night))
    assert oddity(10, at_night, habits.days) == 0
    assert oddity(3, at_day, habits.days) < oddity(3, at_night, habits.days)
    assert oddity(23, at_night, habits.days) < oddity(3, at_night, habits.days)


def test_the_sum_over_hours_as_unlikely_is_what_counts():
    habits = lived(range(100, 140), hours=range(8, 17))
    habits.open_day(140, 14.0)
    peers = fit_hours([(hour, 500.0) for hour in range(8, 17)], 1000.0, ANY_HOUR)
    days = habits.days + 2.0
    unseen = [2.0 * peers[hour] + 0.01 for hour in (*range(7), *range(18, 24))]
    assert oddity(3, expected_hours(habits, peers), habits.days) == int(-10 * log(sum(unseen) / days))


def test_a_symbol_is_new_once_and_young_for_three_active_days():
    symbols = Symbols()
    assert symbols.touch(7)
    symbols.note_young(7, 45)
    assert not symbols.touch(7)
    ages = []
    for _ in range(3):
        symbols = again(symbols)
        symbols.open_day()
        ages.append(symbols.young.get(7))
        assert not symbols.touch(7)
    assert ages == [(1, 45), (2, 45), None]


def test_the_least_recently_used_symbol_is_forgotten_first_and_never_one_of_today():
    symbols = Symbols()
    most, program = MOST_KNOWN[PROGRAM], PROGRAM << 32
    for number in range(most):
        symbols.touch(program | number)
    assert not symbols.touch(program | most)  # no room today: it goes unnoticed
    symbols.open_day()
    symbols.touch(program | 0)
    assert symbols.touch(program | most)
    symbols.open_day()
    assert not symbols.touch(program | 0)
    assert symbols.touch(program | 1)


def test_young_symbols_can_be_accepted_and_forgotten():
    symbols = Symbols()
    symbols.touch(7)
    symbols.note_young(7, 45)
    assert symbols.forget_young() == [7]
    assert symbols.touch(7)
    symbols.note_young(7, 45)
    symbols.accept_young()
    assert symbols.young == {}
    assert not symbols.touch(7)


def test_a_chain_grows_piece_by_piece_whatever_comes_in_between():
    chains, lengths = Chains(), []
    for number in range(20):
        chains.extend(3, (str(100 * number), str(100 * number + 10)))
        chains.extend(1, (str(20 * number), str(20 * number)))
        lengths.append(chains.extend(1, (str(20 * number), str(20 * number + 20))))
        chains = again(chains)
    assert lengths == list(range(1, 21))
    assert chains.extend(2, ("400", "420")) == 1


def test_paging_back_and_forth_is_no_chain():
    chains = Chains()
    lengths = [chains.extend(1, piece) for _ in range(9) for piece in (("0", "20"), ("20", "40"))]
    assert max(lengths) == 2


@given(st.lists(st.lists(st.integers(0, 400), max_size=5), max_size=80))
def test_people_are_counted_once_and_a_restored_sketch_goes_on_bit_for_bit(steps):
    straight, second, seen, before = People(), People(), set(), 0
    for numbers in steps:
        subjects = (("id", tuple(f"{number:032x}" for number in numbers)),)
        assert straight.add(subjects) == second.add(subjects)
        seen.update(numbers)
        assert straight.count >= before
        before, second = straight.count, again(second)
    assert abs(straight.count - len(seen)) <= max(1, 0.25 * len(seen))
    out, other = Writer(Kind.EMPLOYEE), Writer(Kind.EMPLOYEE)
    straight.write(out)
    second.write(other)
    assert out.bytes() == other.bytes()
