"""Pooled tails: quantiles, surprise, shrinking to the prior."""

from __future__ import annotations

import random
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.baseline.pool import Pool
from streamguard.baseline.tail import Tail, fit_tail, quantiles, tail_bin, trust_in

PRIOR = Tail(0.0, 10.0, 22.0)
VALUES = st.lists(st.floats(-1e4, 1e4), max_size=80)


def bins_of(values):
    pool = Pool()
    for value in values:
        pool.push([1], [tail_bin(value)], 9, ())
    return pool.bins(1)


def test_surprise_is_the_logarithm_of_the_rarity_at_the_quantiles():
    assert PRIOR.surprise(0.0) == 0.0
    assert PRIOR.surprise(10.0) == pytest.approx(log(5))
    assert PRIOR.surprise(22.0) == pytest.approx(log(20))


@given(VALUES, st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_surprise_never_drops_when_the_value_rises(values, value, more):
    tail = fit_tail(bins_of(values), PRIOR)
    assert 0.0 <= tail.surprise(value) <= tail.surprise(value + more)
    assert tail.q50 < tail.q80 < tail.q95


def test_many_days_outweigh_the_prior():
    rng = random.Random(1)
    values = [10.0 * rng.gauss(0, 1) for _ in range(6000)]
    bins = bins_of(values)
    trust, tail = trust_in(sum(days for _, days in bins)), fit_tail(bins, PRIOR)
    assert trust > 0.9
    ordered = sorted(values[-3000:])
    for ours, prior, share in zip((tail.q50, tail.q80, tail.q95), (0, 10, 22), (0.5, 0.8, 0.95), strict=True):
        assert ours == pytest.approx(trust * ordered[int(share * 3000)] + (1 - trust) * prior, abs=0.8)


def test_quantiles_are_read_within_a_bin():
    assert quantiles([(7, 1.0)]) == pytest.approx([7.5, 7.8, 7.95])
    assert quantiles([(0, 2.0), (10, 1.0)]) == pytest.approx([0.75, 10.4, 10.85])


def test_few_days_hardly_move_the_prior():
    assert fit_tail(bins_of([500.0] * 5), PRIOR).q95 < 22.0 + 500.0 * 6 / 156
    assert fit_tail([], PRIOR) == PRIOR


def test_what_is_far_out_shares_the_last_bin():
    assert (tail_bin(-1e9), tail_bin(3.7), tail_bin(1e9)) == (-60, 3, 600)
