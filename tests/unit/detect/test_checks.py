"""What holds for every detector: each check runs on each channel alone and on all of them together."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.detect.small_company import DAY_MS, HOUR_MS, ROLES, at, exposure, merged, ordinary

from streamguard.activity import Verdict
from streamguard.detect import CHANNELS, Decider, DetectConfig

EAGER = DetectConfig(warmup_days=1, warmup_employee_days=0, budget_per_1000=200.0)
SETS = [pytest.param((channel,), id=channel.name) for channel in CHANNELS] + [pytest.param(CHANNELS, id="all")]
every_set = pytest.mark.parametrize("channels", SETS)

# A step: who, how long after the step before (back too: late and out of order), how many rows.
STEP = st.tuples(
    st.sampled_from("abcdefg"),
    st.sampled_from([0, 1000, 20 * 60_000, 3 * HOUR_MS, 9 * HOUR_MS, DAY_MS, 5 * DAY_MS, -HOUR_MS, -2 * DAY_MS]),
    st.none() | st.sampled_from([0, 1, 2, 3, 40, 5000, 10**12]),
)
STREAMS = st.lists(STEP, max_size=150)


def stream_of(steps):
    time_ms, found = at(0, 9), []
    for number, (who, gap, rows) in enumerate(steps):
        time_ms += gap
        found.append(exposure(who, time_ms, rows, offset=number, utc_offset_minutes=60 * (ord(who) % 3)))
    return found


def decided(stream, channels, config=EAGER, cuts=(), store=None):
    """Judge a stream, thrown away and restored at every cut; return decisions and the final store."""
    store = {} if store is None else store
    decider, found = Decider(config, store.get, channels), []
    for place, one in enumerate(stream):
        if place in cuts:
            store.update(decider.drain())
            decider = Decider(config, store.get, channels)
        found.append(decider.observe(one))
    store.update(decider.drain())
    return found, store


@every_set
@settings(max_examples=40, deadline=None)
@given(steps=STREAMS, cuts=st.sets(st.integers(0, 149), max_size=6))
def test_a_restart_anywhere_changes_neither_decisions_nor_state(channels, steps, cuts):
    stream = stream_of(steps)
    assert decided(stream, channels, cuts=cuts) == decided(stream, channels)


@every_set
def test_a_restart_after_every_record_of_a_company_changes_nothing(channels):
    stream = ordinary(ROLES[4], 3, 24)
    stream = merged(stream, [exposure("dba.00", at(16, 10), 90_000, group="dba", offset=10**6)])
    straight = decided(stream, channels)
    assert decided(stream, channels, cuts=set(range(len(stream)))) == straight
    assert any(straight[0])


@every_set
@settings(max_examples=25, deadline=None)
@given(steps=STREAMS)
def test_the_score_never_falls_within_a_day_and_stays_finite(channels, steps):
    decider = Decider(EAGER, {}.get, channels)
    before = {}
    for one in stream_of(steps):
        decider.observe(one)
        memory = decider.memory.peek(one.employee)
        last_day, last = before.get(one.employee, (None, 0.0))
        if memory.day == last_day:
            assert memory.strangeness >= last
        assert 0.0 <= memory.strangeness < 1e6
        before[one.employee] = (memory.day, memory.strangeness)


@every_set
@settings(max_examples=25, deadline=None)
@given(rows=st.lists(st.integers(0, 3000), min_size=1, max_size=12), more=st.integers(1, 10**6), data=st.data())
def test_the_score_never_drops_when_exposure_rises(channels, rows, more, data):
    raised = data.draw(st.integers(0, len(rows) - 1))
    assert _last_day(channels, rows) <= _last_day(channels, [*rows[:raised], rows[raised] + more, *rows[raised + 1 :]])
    assert _last_day(channels, rows) <= _last_day(channels, [*rows, more])


HISTORY = ordinary(ROLES[0]._replace(people=8), 5, 12)


def _history(channels, cache={}):  # noqa: B006 - one history for all examples
    if channels not in cache:
        cache[channels] = decided(HISTORY, channels)[1]
    return cache[channels]


def _last_day(channels, rows):
    """A of one employee's day among colleagues who are at work at the same time."""
    store = dict(_history(channels))
    decider = Decider(EAGER, store.get, channels)
    own = [exposure("support.01", at(14, 8 + 0.4 * place), much) for place, much in enumerate(rows)]
    others = [
        exposure(f"support.{number:02d}", at(14, 8 + 0.3 * place), 40 * number)
        for number in (0, 2, 3, 4, 5, 6)
        for place in range(15)
    ]
    for one in merged(own, others):
        decider.observe(one)
    return decider.strangeness("support.01")


@every_set
def test_a_day_is_scored_before_it_is_learned(channels):
    first, _ = decided([exposure("support.01", at(14, 9), 10**6)], channels, store=dict(_history(channels)))
    learned = dict(_history(channels))
    decided([exposure("support.01", at(14 + day, 9), 10**6) for day in range(3)], channels, store=learned)
    if channels != (CHANNELS[2],):
        assert first[0] is not None
    key = b"e:support.01"
    assert learned[key] != _history(channels)[key]


@every_set
def test_one_employee_changes_anothers_score_only_through_the_peers(channels):
    """Within a day, before the common mode is refreshed, nothing of a colleague's reaches one's own score."""
    scores = []
    for rows in (1, 10**9):
        decider = Decider(EAGER, dict(_history(channels)).get, channels)
        decider.observe(exposure("support.03", at(14, 9), rows))
        decider.observe(exposure("support.01", at(14, 9.01), 300))
        scores.append(decider.strangeness("support.01"))
    assert scores[0] == scores[1]


@every_set
def test_state_is_bounded_whatever_comes(channels):
    store, decider = {}, None
    decider = Decider(EAGER, store.get, channels)
    for number in range(3000):
        who = f"{number % 3}" if number % 2 else f"flood-{number}"
        table = "t" * 300 + str(number)
        decider.observe(
            exposure(
                who,
                at(number // 50, 9) + number,
                10**15,
                tables=(table,),
                categories={table: Verdict.CANNOT_TELL},
                regions=(table,),
            )
        )
    store.update(decider.drain())
    assert max(len(value) for key, value in store.items() if key.startswith(b"e:")) <= 3000
    group = {key: len(value) for key, value in store.items() if key.startswith(b"g:")}
    assert sum(group.values()) < 250_000
    assert max(group.values()) < 20_000


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
def test_a_channel_says_what_an_analyst_needs(channel):
    assert channel.runbook.endswith(".")
    assert channel.false_positives
    assert channel.known_gaps
    assert channel.technique.uid.startswith("T1")
    assert channel.increment(None) >= 0.0
    assert 0.0 <= channel.increment(1) <= channel.increment(10**12) <= 1e12


def test_channels_have_numbers_and_names_of_their_own():
    assert len({channel.measure.number for channel in CHANNELS}) == len(CHANNELS)
    assert len({channel.name for channel in CHANNELS}) == len(CHANNELS)
    assert all(1 <= channel.measure.number <= 255 for channel in CHANNELS)


@every_set
def test_a_restart_within_a_strange_day_tells_it_neither_sooner_nor_again(channels):
    config = msgspec.structs.replace(EAGER, case_hours=1)
    dump = exposure("support.03", at(14, 9), 90_000, offset=10**6)
    later = [exposure("support.03", at(14, 9 + hours), 1, offset=10**6 + 1 + hours) for hours in range(1, 6)]
    stream = merged(ordinary(ROLES[0], 3, 16), [dump, *later])
    straight = decided(stream, channels, config)
    assert decided(stream, channels, config, cuts=set(range(len(stream)))) == straight
