"""Pooled tails: quantiles, surprise, shrinking to the prior, forgetting, exact restoration."""

from __future__ import annotations

import random
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.baseline.codec import Kind, Reader, Writer
from streamguard.baseline.tail import Tail, TailHistogram

PRIOR = Tail(0.0, 10.0, 22.0)
VALUES = st.lists(st.floats(-1e4, 1e4), max_size=80)


def filled(values, histogram=None):
    histogram = histogram or TailHistogram()
    for value in values:
        histogram.add(value)
    return histogram


def restored(histogram):
    out = Writer(Kind.TAIL)
    histogram.write(out)
    new, source = TailHistogram(), Reader(out.bytes(), Kind.TAIL)
    new.read(source)
    source.end()
    return new, out.bytes()


def test_surprise_is_the_logarithm_of_the_rarity_at_the_quantiles():
    assert PRIOR.surprise(0.0) == 0.0
    assert PRIOR.surprise(10.0) == pytest.approx(log(5))
    assert PRIOR.surprise(22.0) == pytest.approx(log(20))


@given(VALUES, st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_surprise_never_drops_when_the_value_rises(values, value, more):
    tail = filled(values).fit(PRIOR)
    assert 0.0 <= tail.surprise(value) <= tail.surprise(value + more)
    assert tail.q50 < tail.q80 < tail.q95


def test_many_days_outweigh_the_prior():
    rng = random.Random(1)
    values = [10.0 * rng.gauss(0, 1) for _ in range(6000)]
    histogram = filled(values)
    assert histogram.trust > 0.9
    ordered = sorted(values[-3000:])
    trust, tail = histogram.trust, histogram.fit(PRIOR)
    for ours, prior, share in zip((tail.q50, tail.q80, tail.q95), (0, 10, 22), (0.5, 0.8, 0.95), strict=True):
        assert ours == pytest.approx(trust * ordered[int(share * 3000)] + (1 - trust) * prior, abs=0.8)


def test_quantiles_are_read_within_a_bin():
    assert filled([7.3])._quantiles() == pytest.approx([7.5, 7.8, 7.95])
    assert filled([0.0, 0.0, 10.0])._quantiles() == pytest.approx([0.75, 10.4, 10.85], abs=0.01)


def test_few_days_hardly_move_the_prior():
    tail = filled([500.0] * 5).fit(PRIOR)
    assert tail.q95 < 22.0 + 500.0 * 6 / 156


@given(VALUES, VALUES)
def test_a_restored_histogram_goes_on_bit_for_bit(before, after):
    straight = filled(before + after)
    second = filled(after, restored(filled(before))[0])
    assert restored(second)[1] == restored(straight)[1]
    assert second.fit(PRIOR) == straight.fit(PRIOR)


def test_the_entry_stays_small_and_finite_for_any_number_of_days():
    rng = random.Random(2)
    histogram = filled(rng.uniform(-1e6, 1e6) for _ in range(1500))
    histogram._count += 40_000
    filled((rng.gauss(0, 1e5) for _ in range(1500)), histogram)
    assert len(restored(histogram)[1]) < 8000
    assert histogram.trust < 0.95
