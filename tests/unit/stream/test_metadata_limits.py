"""Limits of records from the future: which record counts as when, and what a successor knows of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streamguard.sources.assemble import Progress
from streamguard.stream import metadata
from streamguard.stream.metadata import Limit, limited_ms, limits_from, with_limit
from streamguard.stream.resume import Break, Resume


def test_a_limit_concerns_what_lies_before_it_and_behind_the_one_before():
    limits = (Limit(10, 1_000), Limit(20, 5_000))
    assert [limited_ms(limits, offset, 9_000) for offset in (0, 9, 10, 19, 20)] == [1_000, 1_000, 5_000, 5_000, 9_000]
    assert limited_ms(limits, 0, 500) == 500


def test_limits_of_consecutive_runs_are_one_for_a_while():
    limits = with_limit((), 0, 10, 1_000)
    limits = with_limit(limits, 10, 20, 1_900)
    assert limits == (Limit(20, 1_000),)
    assert with_limit(limits, 20, 30, 2_000) == (Limit(20, 1_000), Limit(30, 2_000))
    # Records between 20 and 25 counted as what they said: the old limit must not reach over them.
    assert with_limit(limits, 25, 30, 1_950) == (Limit(20, 1_000), Limit(30, 1_950))


def test_limits_stay_few():
    limits, offset = (), 0
    for number in range(200):
        # One run of the future, one that is not: each pair would need a limit of its own.
        limits = with_limit(limits, offset, offset + 1, 10_000 * number)
        offset += 1 if len(limits) >= metadata.MAX_LIMITS else 2
    assert len(limits) == metadata.MAX_LIMITS
    assert limits[-1] == Limit(offset, limits[-1].latest_ms)


RUNS = st.lists(st.tuples(st.integers(1, 5), st.integers(-3_000, 3_000)), max_size=60)
"""(records, how far their times lie ahead of the clock in milliseconds), one run after the other, a second apart."""


@given(RUNS, st.integers(0, 100))
def test_a_successor_sees_every_record_at_the_time_it_was_seen_at(runs, committed):
    limits, seen, offset = (), {}, 0
    for number, (count, ahead_ms) in enumerate(runs):
        clock_ms = 1_000_000 + 1_000 * number
        if ahead_ms >= 0 or len(limits) >= metadata.MAX_LIMITS:
            limits = with_limit(limits, offset, offset + count, clock_ms - 1)
        for _ in range(count):
            seen[offset] = clock_ms + ahead_ms, limited_ms(limits, offset, clock_ms + ahead_ms)
            assert seen[offset][1] < clock_ms
            offset += 1
    assert len(limits) <= metadata.MAX_LIMITS + 1
    kept = limits_from(limits, committed)
    for place, (said_ms, counted_ms) in seen.items():
        if place >= committed:
            assert limited_ms(kept, place, said_ms) == counted_ms


def test_limits_travel_with_the_offset():
    tenure = metadata.Tenure(1, Progress(offset=5), "id", (Limit(5, 1), Limit(9, 2)))
    told = metadata.encode(tenure)
    assert metadata.tenure_after(Resume(5, told)).limits == (Limit(9, 2),)
    assert metadata.tenure_after(Resume(9, told, Break.TRUNCATED, 4)).limits == ()
    assert metadata.tenure_after(Resume(0, told, Break.RECREATED)).limits == ()


def test_metadata_of_older_versions_has_no_limits():
    assert metadata.tenure_after(Resume(5, '[1,[5,0,7,[],null],"id"]')).limits == ()
