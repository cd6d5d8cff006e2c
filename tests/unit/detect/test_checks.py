"""What holds for every detector: each check runs on each channel alone and on all of them together."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.detect.provoke import WHO, provocation
from unit.detect.small_company import DAY_MS, HOUR_MS, ROLES, at, exposure, merged, ordinary

from streamguard.activity import Verdict
from streamguard.detect import CHANNELS, Decider, DetectConfig
from streamguard.findings.clauses import WORDINGS

EAGER = DetectConfig(warmup_days=1, warmup_employee_days=0, budget_per_1000=200.0)
SETS = [pytest.param((channel,), id=channel.name) for channel in CHANNELS] + [pytest.param(CHANNELS, id="all")]
every_set = pytest.mark.parametrize("channels", SETS)
every_channel = pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)

# A step: who, how long after the step before (back too: late and out of order), how many rows, what is odd about it.
STEP = st.tuples(
    st.sampled_from("abcdefg"),
    st.sampled_from([0, 1000, 20 * 60_000, 3 * HOUR_MS, 9 * HOUR_MS, DAY_MS, 5 * DAY_MS, -HOUR_MS, -2 * DAY_MS]),
    st.none() | st.sampled_from([0, 1, 2, 3, 40, 5000, 10**12]),
    st.sampled_from(["", "", "table", "client", "export", "page", "people", "share", "honey"]),
)
STREAMS = st.lists(STEP, max_size=100)
ODD = {
    "": lambda _: {},
    "table": lambda number: {"tables": (f"public.t{number % 5}",), "fingerprint": f"{number:016x}"},
    "client": lambda number: {"client": f"10.{number % 250}.0.1", "application": "psql" + "x" * (number % 3)},
    "export": lambda number: {"export": "copy_to", "subjects_at_most": 1000 * number},
    "page": lambda number: {"slice": (str(number // 2), str(number // 2 + 1))},
    "people": lambda number: {"subjects": (("id", tuple(f"{number * 7 + more:x}" for more in range(number % 5))),)},
    "share": lambda number: {"subjects_at_most": 10 * number},
    "honey": lambda number: {"honey": number % 4 == 0},
}


def stream_of(steps):
    time_ms, found = at(0, 9), []
    for number, (who, gap, rows, odd) in enumerate(steps):
        time_ms += gap
        changes = {"utc_offset_minutes": 60 * (ord(who) % 3), **ODD[odd](number)}
        found.append(exposure(who, time_ms, rows, offset=number, **changes))
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
@settings(max_examples=20, deadline=None)
@given(steps=STREAMS, cuts=st.sets(st.integers(0, 99), max_size=6))
def test_a_restart_anywhere_changes_neither_decisions_nor_state(channels, steps, cuts):
    stream = stream_of(steps)
    assert decided(stream, channels, cuts=cuts) == decided(stream, channels)


HISTORY = ordinary(ROLES[0]._replace(people=8, statements=12.0), 5, 12)
KNOWN = decided(HISTORY, CHANNELS)[1]


@every_channel
def test_a_channel_sees_what_provokes_it_whatever_is_restarted_when(channel):
    stream = provocation(channel.name)
    found, store = decided(stream, (channel,), store=dict(KNOWN))
    assert any(found)
    every = set(range(len(stream)))
    assert decided(stream, (channel,), cuts=every, store=dict(KNOWN)) == (found, store)
    evidence = next(decision for decision in found if decision is not None).channels
    assert [(one.name, one.percent) for one in evidence] == [(channel.name, 100)]


@every_channel
def test_all_channels_together_see_what_one_sees(channel):
    decider = Decider(DetectConfig(warmup_days=1), dict(KNOWN).get)
    found = [decision for one in provocation(channel.name) if (decision := decider.observe(one)) is not None]
    assert found
    told = [{evidence.name: evidence for evidence in decision.channels} for decision in found]
    assert max(channels[channel.name].surprise for channels in told) > 2.0
    assert {sum(evidence.percent for evidence in channels.values()) for channels in told} == {100}


@every_set
@settings(max_examples=15, deadline=None)
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
@settings(max_examples=15, deadline=None)
@given(
    rows=st.lists(st.integers(0, 3000), min_size=1, max_size=10),
    odd=st.sampled_from(sorted(ODD)),
    more=st.integers(1, 10**6),
    data=st.data(),
)
def test_the_score_never_drops_when_exposure_rises(channels, rows, odd, more, data):
    raised = data.draw(st.integers(0, len(rows) - 1))
    plain = _last_day(channels, rows, odd)
    assert plain <= _last_day(channels, [*rows[:raised], rows[raised] + more, *rows[raised + 1 :]], odd)
    assert plain <= _last_day(channels, [*rows, more], odd)


def _last_day(channels, rows, odd):
    """A of one employee's day among colleagues who are at work at the same time."""
    decider = Decider(EAGER, dict(KNOWN).get, channels)
    own = [exposure(WHO, at(14, 8 + 0.4 * place), much, **ODD[odd](place)) for place, much in enumerate(rows)]
    others = [
        exposure(f"support.{number:02d}", at(14, 8 + 0.3 * place), 40 * number)
        for number in (0, 2, 3, 4, 5, 6)
        for place in range(12)
    ]
    for one in merged(own, others):
        decider.observe(one)
    return decider.strangeness(WHO)


@every_channel
def test_a_day_is_scored_before_it_is_learned(channel):
    """The first strange day is as strange as it would be without ever being learned; later ones, learned, less."""
    first, second = (
        decided([*provocation(channel.name, 14), *provocation(channel.name, day)], (channel,), store=dict(KNOWN))[0]
        for day in (28, 14)
    )
    assert next(filter(None, first)) == next(filter(None, second))


@every_set
def test_one_employee_changes_anothers_score_only_through_the_peers(channels):
    """Within a day, before the common mode is refreshed, nothing of a colleague's reaches one's own score."""
    scores = []
    for rows in (1, 10**9):
        decider = Decider(EAGER, dict(KNOWN).get, channels)
        decider.observe(exposure("support.03", at(14, 9), rows))
        decider.observe(exposure(WHO, at(14, 9.01), 300))
        scores.append(decider.strangeness(WHO))
    assert scores[0] == scores[1]


def test_state_is_bounded_whatever_comes():
    store = {}
    decider = Decider(EAGER, store.get)
    for number in range(4000):
        table = "t" * 300 + str(number)
        one = exposure(
            f"{number % 3}" if number % 2 else f"flood-{number}",
            at(number // 500, 9) + 7 * number,
            10**15,
            tables=(table,),
            categories={table: Verdict.CANNOT_TELL},
            regions=(table,),
            fingerprint=f"{number:016x}",
            client=f"10.0.{number % 250}.1",
            application=table,
            subjects=(("id", (table,)),),
            slice=(str(number), str(number + 2)),
        )
        decider.observe(one)
    store.update(decider.drain())
    assert max(len(value) for key, value in store.items() if key.startswith(b"e:")) <= 6 * 1024
    group = {key: len(value) for key, value in store.items() if key.startswith(b"g:")}
    assert sum(group.values()) < 400_000
    assert max(group.values()) < 20_000


@every_channel
def test_a_channel_says_what_an_analyst_needs(channel):
    assert channel.runbook.endswith((".", "?"))
    assert channel.false_positives
    assert channel.known_gaps
    assert channel.technique.uid.startswith("T1")
    assert channel.technique.tactic_uid.startswith("TA")
    assert channel.name in WORDINGS


def test_channels_have_names_of_their_own():
    assert len({channel.name for channel in CHANNELS}) == len(CHANNELS)


@every_set
def test_a_restart_within_a_strange_day_tells_it_neither_sooner_nor_again(channels):
    config = msgspec.structs.replace(EAGER, case_hours=1)
    dump = exposure("support.03", at(14, 9), 90_000, offset=10**6)
    later = [exposure("support.03", at(14, 9 + hours), 1, offset=10**6 + 1 + hours) for hours in range(1, 6)]
    straight = decided([dump, *later], channels, config, store=dict(KNOWN))
    assert decided([dump, *later], channels, config, cuts=set(range(6)), store=dict(KNOWN)) == straight
