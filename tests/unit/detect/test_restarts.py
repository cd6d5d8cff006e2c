"""Restarts in the middle of a company's work: whoever goes on from what was stored judges as if nothing had happened."""

from __future__ import annotations

import random

import pytest
from unit.detect.small_company import ROLES, ordinary

from streamguard.detect import Decider, DetectConfig

MARKETING = ROLES[1]


def judged(exposures, cuts=frozenset()):
    store = {}
    decider, found = Decider(DetectConfig(warmup_days=2), store.get), []
    for place, one in enumerate(exposures):
        if place in cuts:
            store.update(decider.drain())
            decider = Decider(decider.config, store.get)
        found.append(decider.observe(one))
    store.update(decider.drain())
    return found, store


@pytest.mark.parametrize("seed", range(8))
def test_a_restart_changes_no_byte(seed):
    exposures = ordinary(MARKETING, seed, days=19)
    cuts = frozenset(random.Random(seed).sample(range(len(exposures)), 100))
    assert judged(exposures, cuts) == judged(exposures)
