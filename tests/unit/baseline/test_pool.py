"""Histograms of a group's closed days: they forget by count, restore bit for bit, stay small."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.baseline.codec import Kind, Reader, Writer
from streamguard.baseline.pool import Pool

DAYS = st.lists(st.lists(st.tuples(st.integers(0, 3), st.integers(-60, 600)), max_size=5), max_size=60)


def pushed(days, pool=None):
    pool = pool or Pool()
    for places in days:
        pool.push([number for number, _ in places], [place for _, place in places], 9, {place for _, place in places})
    return pool


def restored(pool):
    out = Writer(Kind.POOL)
    pool.write(out)
    source = Reader(out.bytes(), Kind.POOL)
    new = Pool.read(source)
    source.end()
    return new, out.bytes()


@given(DAYS, DAYS)
def test_a_restored_pool_goes_on_bit_for_bit(before, after):
    straight = pushed(before + after)
    second = pushed(after, restored(pushed(before))[0])
    assert restored(second)[1] == restored(straight)[1]
    assert second.bins(1) == straight.bins(1)


def test_a_day_counts_half_after_a_thousand_others():
    pool = pushed([[(1, 5)], *[[(1, 9)]] * 1000])
    first, others = pool.bins(1)
    assert first == (5, pytest.approx(0.5))
    assert others[1] == pytest.approx((1 - 0.5) / (1 - 2 ** (-1 / 1000)), rel=1e-9)
    assert pool.days(2) == 0.0


def test_the_entry_stays_small_and_finite_for_any_number_of_days():
    rng = random.Random(2)
    pool = pushed([[(1, rng.randrange(-60, 601))] for _ in range(1500)])
    pool._count += 40_000
    pushed(([(1, round(rng.gauss(0, 100)))] for _ in range(1500)), pool)
    assert len(restored(pool)[1]) < 9000
    assert pool.days(1) == pytest.approx((1 - 2**-1.5) / (1 - 2 ** (-1 / 1000)), rel=1e-6)


def test_histograms_of_version_1_were_entries_of_their_own():
    out = Writer(Kind.TAIL)
    for number in (1000, 0, 1):
        out.count(number)
    out.signed(7)
    out.doubles((2.0**1,))
    pool = Pool()
    pool.read_histogram(2, Reader(b"\x01" + out.bytes()[1:], Kind.TAIL))
    assert pool.bins(2) == [(7, 1.0)]
