"""What peers are like, and what to expect of one of them."""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.baseline.peers import PeerLevel, predict, summarise

PEERS = PeerLevel(5.0, 0.2, 0.4)


def test_nobody_knows_a_group_without_closed_days():
    assert summarise([]) is None
    assert summarise([(0.0, 0.0, 0.0)] * 3) is None


def test_a_group_is_its_median_member():
    members = [(20.0, mean, 0.2) for mean in (4.0, 4.5, 5.0, 5.5, 30.0)]
    found = summarise(members)
    assert found.mean == 5.0
    assert found.within == pytest.approx((2 * 0.3 + 5 * 0.2 * 20 / 19) / 7)
    assert found.between == pytest.approx((2 * 0.3 + 5 * ((1.4826 * 0.5) ** 2 - found.within / 20)) / 7)


def test_a_new_employee_is_expected_to_be_like_the_peers():
    assert predict(0.0, 0.0, 0.0, PEERS) == (5.0, pytest.approx(sqrt(0.6)))


@given(st.floats(1, 40), st.floats(0, 40), st.floats(0, 4))
def test_an_employee_with_history_is_expected_near_the_own_mean(days, mean, variance):
    middle, deviation = predict(days, mean, variance, PEERS)
    spread = (8 * 0.2 + days * variance) / (8 + days)
    assert min(mean, 5.0) - 1e-9 <= middle <= max(mean, 5.0) + 1e-9
    assert abs(middle - mean) <= sqrt(spread / days) + 1e-9
    assert deviation >= sqrt(0.02)


def test_much_history_makes_the_prediction_narrower():
    assert predict(20.0, 5.0, 0.2, PEERS)[1] < predict(1.0, 5.0, 0.2, PEERS)[1] < predict(0.0, 5.0, 0.2, PEERS)[1]
