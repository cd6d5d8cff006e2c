"""Small rules: configuration, days, combination, shares, cases, the learning gate."""

from __future__ import annotations

from dataclasses import replace
from math import log, log1p

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from unit.detect.small_company import DAY_MS, HOUR_MS, at, exposure

from streamguard.baseline import EmployeeMemory, PeerLevel
from streamguard.baseline.usual import NOTHING_KNOWN
from streamguard.detect import DetectConfig
from streamguard.detect.cases import report
from streamguard.detect.clock import behavioural_day
from streamguard.detect.combine import combine, percentages
from streamguard.detect.cusum import accumulate
from streamguard.detect.gate import learn_day

SURPRISES = st.lists(st.floats(0, 5000), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("budget_per_1000", 0.0),
        ("budget_per_1000", 1001.0),
        ("half_life_days", 0.0),
        ("half_life_days", float("nan")),
        ("case_hours", 0),
        ("warmup_days", -1),
        ("warmup_employee_days", -1),
        ("quarantine_days", -1),
        ("day_start_local_hours", 24),
    ],
)
def test_a_configuration_without_sense_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=name):
        DetectConfig(**{name: value})


def test_the_budget_sets_the_level():
    assert DetectConfig().alert_level == pytest.approx(2.301, abs=1e-3)
    assert DetectConfig(budget_per_1000=1.0).alert_level == pytest.approx(3.0)


@given(st.integers(-(2**45), 2**45), st.integers(-840, 840), st.integers(0, 23))
def test_a_day_lasts_24_hours_from_its_local_start(time_ms, offset, start):
    day = behavioural_day(time_ms, offset, start)
    local = time_ms + offset * 60_000 - start * HOUR_MS
    assert day * DAY_MS <= local < (day + 1) * DAY_MS


def test_an_offset_beyond_a_day_is_taken_as_a_day():
    assert behavioural_day(0, 10**9, 0) == 1
    assert behavioural_day(0, -(10**9), 0) == -1


@given(SURPRISES)
def test_the_combination_is_a_soft_maximum(surprises):
    assert max(surprises) - 1e-9 <= combine(surprises) <= max(surprises) + log(len(surprises)) + 1e-9


def test_what_does_not_surprise_adds_nothing():
    assert combine([0.0] * 9) == 0.0
    assert combine([3.0, *[0.0] * 9]) == pytest.approx(3.0)


@given(SURPRISES, st.floats(0, 100), st.data())
def test_the_combination_rises_with_each_part(surprises, more, data):
    place = data.draw(st.integers(0, len(surprises) - 1))
    raised = [*surprises[:place], surprises[place] + more, *surprises[place + 1 :]]
    assert combine(raised) >= combine(surprises) - 1e-9


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
@example([0.0, 0.0, 1.4e-223])
def test_shares_sum_to_exactly_100_and_are_in_order(weights):
    shares = percentages(weights)
    assert sum(shares) == 100
    assert shares[weights.index(max(weights))] == max(shares)
    assert min(shares) >= 0


def employee(strangeness=0.0, days=10, x=3.0):
    memory = EmployeeMemory()
    volume = memory.volumes[0]
    for day in range(days):
        volume.level.learn(x + 0.2 * (day % 2), 100 + day, 14.0)
    memory.open_day(120, 0, like(x), 14.0)
    memory.strangeness = strangeness
    return memory, volume


def like(x):
    return replace(NOTHING_KNOWN, peers=(PeerLevel(x, 0.1, 0.1), None, None, None))


def closed(memory, volume, x, *, common=0, alerting=True, config=DetectConfig()):  # noqa: B008
    volume.peak = 2.718281828459045**x - 1
    memory.day += 1
    cusum = accumulate(volume.cusum, volume.exact_residual() - common)
    return learn_day(memory, [common], [cusum], config, alerting=alerting)


def test_an_ordinary_day_is_learned():
    memory, channel = employee()
    before = channel.level.effective_days
    assert closed(memory, channel, 3.1)
    assert channel.level.effective_days > before


def test_a_high_day_is_learned_only_up_to_the_cap():
    memory, channel = employee()
    before = channel.level.mean
    assert closed(memory, channel, 20.0)
    other, reference = employee()
    reference.level.learn(reference.mean + 2.5 * reference.deviation, other.day + 1, 14.0)
    assert before < channel.level.mean == pytest.approx(reference.level.mean)


def test_the_more_surprise_has_accumulated_the_lower_is_the_cap():
    learned = []
    for cusum in (0.0, 2.0, 6.0):
        memory, channel = employee()
        channel.cusum = cusum
        closed(memory, channel, 20.0)
        learned.append(channel.level.mean)
    assert learned[0] > learned[1] > learned[2] > 3.0


def test_without_history_a_day_is_learned_as_it_was():
    memory, channel = employee(days=0, strangeness=9.0)
    assert closed(memory, channel, 20.0)
    assert channel.level.mean == pytest.approx(20.0)


def test_a_strange_day_is_quarantined_and_the_sixth_in_a_row_accepted():
    memory, channel = employee(strangeness=2.4)
    before = channel.level.numbers()
    enters = [closed(memory, channel, 12.0) for _ in range(5)]
    assert channel.level.numbers() == before
    assert enters == [True, False, False, False, False]
    assert not closed(memory, channel, 12.0)
    assert channel.level.mean == pytest.approx(12.0)
    assert channel.cusum == 0.0
    assert memory.quarantined == 0


def test_an_ordinary_day_ends_the_quarantine():
    memory, channel = employee(strangeness=2.4)
    closed(memory, channel, 12.0)
    memory.strangeness = 0.5
    assert closed(memory, channel, 3.1)
    assert memory.quarantined == 0


def test_nothing_is_quarantined_while_nobody_would_be_told():
    memory, channel = employee(strangeness=9.0)
    before = channel.level.mean
    assert closed(memory, channel, 12.0, alerting=False)
    assert before < channel.level.mean < 12.0


def test_half_of_what_peers_share_is_kept_out_of_the_level():
    memory, channel = employee()
    x = channel.mean + 2.0 * channel.deviation
    closed(memory, channel, x, common=20)
    other, reference = employee()
    reference.level.learn(x - reference.deviation, other.day + 1, 14.0)
    assert channel.level.mean == pytest.approx(reference.level.mean)


def test_a_group_that_moves_to_a_new_level_learns_it():
    memory, channel = employee()
    for _ in range(60):
        memory.open_day(memory.day, 0, like(channel.level.mean), 14.0)
        channel.peak = 2.718281828459045**6 - 1
        closed(memory, channel, 6.0, common=max(0, channel.exact_residual()))
    assert channel.level.mean == pytest.approx(6.0, abs=0.5)
    assert log1p(channel.peak) == pytest.approx(6.0)


def told(memory, hours, strangeness):
    memory.strangeness = strangeness
    return report(memory, exposure("a", at(10, hours), 5, offset=int(hours)), DetectConfig())


def test_a_case_lasts_72_hours_and_is_told_again_when_it_grew_tenfold():
    memory = EmployeeMemory()
    assert told(memory, 0, 2.0) is None
    assert told(memory, 1, 3.0) is False
    uid = memory.case.uid
    assert told(memory, 2, 3.9) is None
    assert told(memory, 3, 4.0) is True
    assert told(memory, 72.9, 4.9) is None
    assert memory.case.uid == uid
    assert told(memory, 73, 4.9) is False
    assert memory.case.uid != uid


def test_the_uid_depends_on_employee_time_and_origin_alone():
    uids = set()
    for who, offset, rows in (("a", 1, 5), ("a", 1, 7), ("b", 1, 5), ("a", 2, 5)):
        memory = EmployeeMemory()
        memory.strangeness = 3.0
        report(memory, exposure(who, at(0, 9), rows, offset=offset), DetectConfig())
        uids.add(memory.case.uid)
    assert len(uids) == 3
