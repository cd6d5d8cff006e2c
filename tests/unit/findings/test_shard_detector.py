"""The shard detector: a pure function of its exposures, whatever was thrown away in between."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.detect.small_company import ROLES, at, exposure, merged, ordinary

from streamguard.activity import Verdict
from streamguard.baseline import StateError
from streamguard.detect import DetectConfig
from streamguard.findings import ShardDetector

TAKE = [exposure("support.03", at(9, 9 + place / 4), 300 * 4**place, offset=10**6 + place) for place in range(5)]
STREAM = merged(ordinary(ROLES[0]._replace(people=9), 7, 11), TAKE)
CONFIG = DetectConfig(warmup_days=4)


def fed(stream, cuts=()):
    store, found = {}, []
    detector = ShardDetector("support/0", CONFIG, store.get)
    for place, one in enumerate(stream):
        if place in cuts:
            store.update(detector.drain())
            detector = ShardDetector("support/0", CONFIG, store.get)
        found.append(detector.observe(one))
    store.update(detector.drain())
    return found, store


STRAIGHT = fed(STREAM)


def test_the_stream_has_findings_to_compare():
    found = [finding for finding in STRAIGHT[0] if finding is not None]
    assert {"200401", "200402"} <= {str(finding.ocsf["type_uid"]) for finding in found}


@settings(max_examples=12, deadline=None)
@given(cuts=st.sets(st.integers(0, len(STREAM) - 1), max_size=30))
def test_findings_and_state_do_not_depend_on_restarts(cuts):
    assert fed(STREAM, cuts) == STRAIGHT


def test_findings_and_state_do_not_depend_on_when_it_is_drained():
    store, found = {}, []
    detector = ShardDetector("support/0", CONFIG, store.get)
    for place, one in enumerate(STREAM):
        found.append(detector.observe(one))
        if place % 7 == 0:
            store.update(detector.drain())
    store.update(detector.drain())
    assert (found, store) == STRAIGHT


def test_keys_are_sorted_unique_and_do_not_name_the_shard():
    detector = ShardDetector("support/0", CONFIG, {}.get)
    for one in STREAM:
        detector.observe(one)
    keys = [key for key, _ in detector.drain()]
    assert keys == sorted(set(keys))
    assert all(key.startswith((b"e:", b"g:")) for key in keys)
    assert not any(b"support/0" in key for key in keys)
    assert detector.drain() == []


def test_one_statement_rewrites_little():
    _, store = STRAIGHT
    detector = ShardDetector("support/0", CONFIG, store.get)
    detector.observe(exposure("support.01", STREAM[-1].activity.time_ms + 1, 3))
    entries = detector.drain()
    assert sum(len(value) for _, value in entries) < 8000


def test_state_that_cannot_be_read_is_an_error_and_not_a_fresh_start():
    _, store = STRAIGHT
    detector = ShardDetector("support/0", CONFIG, (store | {b"e:support.01": b"\x07\x01"}).get)
    with pytest.raises(StateError):
        detector.observe(exposure("support.01", at(12, 9), 3))


def test_it_says_when_it_is_warming_up_and_how_much_came_late():
    detector = ShardDetector("support/0", CONFIG, {}.get)
    assert detector.warming_up
    for one in STREAM:
        detector.observe(one)
    assert not detector.warming_up
    detector.observe(exposure("support.01", at(1, 9), 3))
    assert detector.late == 1


@settings(max_examples=30, deadline=None)
@given(
    employee=st.text(max_size=20),
    time_ms=st.integers(-(2**63), 2**63),
    rows=st.none() | st.integers(-(2**70), 2**70),
    offset=st.integers(-(10**6), 10**6),
    categories=st.dictionaries(st.text(max_size=50), st.sampled_from(Verdict), max_size=40),
    names=st.lists(st.text(max_size=100), max_size=12),
    subjects=st.none() | st.integers(0, 2**70),
)
def test_no_exposure_makes_it_raise(employee, time_ms, rows, offset, categories, names, subjects):
    _, store = STRAIGHT
    detector = ShardDetector("support/0", DetectConfig(warmup_days=0, budget_per_1000=1000.0), dict(store).get)
    for step in range(3):
        one = exposure(
            employee,
            time_ms + step,
            rows,
            utc_offset_minutes=offset,
            categories=categories,
            tables=tuple(names),
            regions=tuple(names),
            database=names[0] if names else None,
            subjects_at_most=subjects,
            sensitivity=step,
        )
        detector.observe(one)
    detector.drain()


SCRIPT = """
import sys
sys.path[:0] = {path!r}
from hashlib import sha256
from unit.findings.test_shard_detector import digest
print(digest())
"""


def digest():
    """Everything that came out, as one hash."""
    found, store = STRAIGHT
    text = repr([finding.ocsf for finding in found if finding]) + repr(sorted(store.items()))
    return sha256(text.encode()).hexdigest()


def test_the_result_does_not_depend_on_the_hash_seed():
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(path=sys.path)],
        env={"PYTHONHASHSEED": "12345"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == digest()
