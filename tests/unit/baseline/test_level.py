"""An employee's level: the decayed mean and variance, and its exact restoration."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from river import stats

from streamguard.baseline.level import Level

DAYS = st.lists(st.tuples(st.integers(1, 40), st.floats(0, 50)), min_size=1, max_size=60)


def learned(steps, half_life=14.0, level=None, day=20_000):
    level = level or Level()
    for gap, x in steps:
        day += gap
        level.learn(x, day, half_life)
    return level


@given(DAYS)
def test_mean_and_variance_are_those_of_the_weighted_days(steps):
    level = learned(steps)
    day, points = 0, []
    for gap, x in steps:
        day += gap
        points.append((2.0 ** (day / 14.0), x))
    weight = sum(w for w, _ in points)
    mean = sum(w * x for w, x in points) / weight
    variance = sum(w * (x - mean) ** 2 for w, x in points) / weight
    assert level.mean == pytest.approx(mean, abs=1e-6)
    assert level.variance == pytest.approx(variance, abs=1e-6)
    assert level.effective_days == pytest.approx(weight**2 / sum(w * w for w, _ in points), rel=1e-9)


@given(DAYS, st.integers(0, 60))
def test_a_restored_level_goes_on_bit_for_bit(steps, cut):
    straight = learned(steps)
    first = learned(steps[:cut])
    day = 20_000 + sum(gap for gap, _ in steps[:cut])
    second = learned(steps[cut:], level=Level(first.numbers()), day=day)
    assert second.numbers() == straight.numbers()


def test_years_of_days_stay_finite_and_days_long_ago_are_forgotten():
    level = learned([(1, 10.0)] * 20)
    level.learn(3.0, 20_020 + 400_000, 14.0)
    assert level.mean == 3.0
    assert level.effective_days == pytest.approx(1.0)
    level = learned([(7, 5.0)] * 3000)
    assert level.mean == pytest.approx(5.0)
    assert all(abs(value) < 1e30 for value in level.numbers())


def test_weights_move_on_by_whole_half_lives_without_rounding():
    steps = [(1, 0.1 * (number % 7)) for number in range(2000)]
    level = learned(steps)
    reference = stats.Var(ddof=0)
    for age, (_, x) in enumerate(steps):
        reference.update(x, 2.0 ** ((age - 2000) / 14.0))
    assert level.mean == pytest.approx(reference.mean.get(), rel=1e-12)
    assert level.variance == pytest.approx(reference.get(), rel=1e-12)
    decay = 2.0 ** (-1 / 14.0)
    assert level.effective_days == pytest.approx((1 + decay) / (1 - decay), rel=1e-9)


def test_an_accepted_level_is_the_new_one_with_the_old_spread():
    level = learned([(1, 4.0), (1, 6.0)] * 10)
    spread = level.variance
    level.accept(12.0, 20_030, 14.0)
    assert (level.mean, level.effective_days) == (12.0, 2.0)
    assert level.variance == pytest.approx(spread)


def test_rivers_variance_keeps_its_sum_of_squares_where_the_codec_takes_it():
    var = stats.Var(ddof=0)
    for x in (1.0, 2.0, 4.0):
        var.update(x, 3.0)
    assert pytest.approx(var.n * var.get()) == var._S
    assert (stats.Mean._from_state(9.0, 2.5).n, stats.Mean._from_state(9.0, 2.5).get()) == (9.0, 2.5)
