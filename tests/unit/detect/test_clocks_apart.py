"""Employees whose records come from partitions that are read at different speeds: their clocks run days apart.

Catching up on a backlog does this (``make bench`` found it: a day that had been let go was opened again by a colleague,
and the members who were still in it were not on the new one).
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.detect.small_company import DAY_MS, HOUR_MS, at, exposure

from streamguard.detect import Decider, DetectConfig

EAGER = DetectConfig(warmup_days=1, warmup_employee_days=0, budget_per_1000=200.0)
STEPS = st.lists(
    st.tuples(
        st.sampled_from("abcdefghi"),
        st.sampled_from([60_000, HOUR_MS, 5 * HOUR_MS, DAY_MS, 3 * DAY_MS]),
        st.none() | st.sampled_from([1, 3, 40, 5000]),
    ),
    max_size=200,
)


def judged(stream, cuts=()):
    store = {}
    decider, found = Decider(EAGER, store.get), []
    for place, one in enumerate(stream):
        if place in cuts:
            store.update(decider.drain())
            decider = Decider(EAGER, store.get)
        found.append(decider.observe(one))
    store.update(decider.drain())
    return found, store


@pytest.mark.parametrize("apart_days", [2, 12])
@settings(max_examples=60, deadline=None)
@given(steps=STEPS, cuts=st.sets(st.integers(0, 199), max_size=20))
def test_nothing_breaks_and_a_restart_changes_nothing(apart_days, steps, cuts):
    clocks = {who: at(number * apart_days // 8, 9) for number, who in enumerate("abcdefghi")}
    stream = []
    for place, (who, gap, rows) in enumerate(steps):
        clocks[who] += gap
        stream.append(exposure(who, clocks[who], rows, offset=place))
    assert judged(stream, cuts) == judged(stream)


@pytest.mark.parametrize("seed", range(6))
def test_a_restart_amid_many_days_changes_nothing(seed):
    rng = random.Random(seed)
    clocks = {f"p{number}": at(rng.randrange(12), 9) for number in range(9)}
    stream = []
    for place in range(300):
        who = rng.choice(sorted(clocks))
        clocks[who] += rng.choice([60_000, HOUR_MS, 5 * HOUR_MS, DAY_MS, 3 * DAY_MS])
        stream.append(exposure(who, clocks[who], rng.choice([1, 3, 40, 5000, None]), offset=place))
    straight = judged(stream)
    assert any(straight[0])
    assert judged(stream, set(rng.sample(range(300), 30))) == straight
    assert judged(stream, set(range(300))) == straight
