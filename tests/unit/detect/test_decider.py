"""The decider's days: what is late, what a day is, what a strange clock does."""

from __future__ import annotations

from math import exp

import msgspec
import pytest
from unit.detect.small_company import DAY_MS, ROLES, at, exposure, ordinary

from streamguard.baseline import COMBINED
from streamguard.detect import CHANNELS, Decider, DetectConfig


def test_a_late_record_is_counted_and_teaches_nothing():
    decider = Decider(DetectConfig(), {}.get)
    for day in (1, 2):
        decider.observe(exposure("a", at(day, 9), 5))
    before = decider.memory.peek("a").notes.rows
    decider.observe(exposure("a", at(1, 23), 10**6))
    assert decider.late == 1
    assert decider.memory.peek("a").notes.rows == before
    assert decider.memory.peek("a").recent == [5]


def test_a_record_out_of_order_counts_into_the_open_day():
    decider = Decider(DetectConfig(), {}.get)
    decider.observe(exposure("a", at(1, 12), 5))
    decider.observe(exposure("a", at(1, 9), 7))
    assert decider.late == 0
    assert decider.memory.peek("a").notes.rows == 12


def test_times_beyond_any_calendar_are_late():
    decider = Decider(DetectConfig(), {}.get)
    for time_ms in (2**60, -(2**60)):
        assert decider.observe(exposure("a", time_ms, 5)) is None
    assert decider.late == 2
    assert decider.drain() == []


def test_a_night_shift_is_one_stretch_of_work_and_the_next_morning_is_not():
    decider = Decider(DetectConfig(), {}.get)

    def peak():
        memory = decider.memory.peek("a")
        memory.bring_up()
        return memory.volumes[1].peak

    for hour in (23, 26, 29):
        decider.observe(exposure("a", at(1, hour), 100))
    assert peak() == pytest.approx(100 + 200 * exp(-3 / 12))
    decider.observe(exposure("a", at(2, 14), 100))
    decider.observe(exposure("a", at(3, 9), 100))
    assert peak() == 100


def test_the_short_sum_leaks_through_the_night_and_does_not_restart():
    decider = Decider(DetectConfig(), {}.get)
    for time_ms in (at(1, 23), at(2, 5)):
        decider.observe(exposure("a", time_ms, 10**6))
    memory = decider.memory.peek("a")
    memory.bring_up()
    short, long, *_ = memory.volumes
    assert short.peak == pytest.approx(10**6 * (1 + exp(-6)))
    assert long.peak == 10**6


def test_a_record_out_of_order_enters_the_hour_as_what_would_be_left_of_it_and_the_day_whole():
    decider = Decider(DetectConfig(), {}.get)
    for time_ms, rows in ((at(1, 12), 500), (at(1, 9), 400)):
        decider.observe(exposure("a", time_ms, rows))
    memory = decider.memory.peek("a")
    memory.bring_up()
    short, long, *_ = memory.volumes
    assert short.peak == pytest.approx(500 + 400 * exp(-3))
    assert long.peak == 900


def test_at_its_own_time_a_late_record_was_there_whole():
    decider = Decider(DetectConfig(), {}.get)
    for time_ms, rows in ((at(1, 12), 5), (at(1, 9), 700)):
        decider.observe(exposure("a", time_ms, rows))
    short = decider.memory.peek("a").volumes[0]
    assert short.peak == 700
    assert short.total == pytest.approx(5 + 700 * exp(-3))


@pytest.mark.parametrize(
    ("source", "hours_late", "counts"),
    [
        ("postgresql.jsonlog", 0.9, True),
        ("postgresql.jsonlog", 1.1, False),
        ("databricks.history", 5.9, True),
        ("databricks.history", 6.1, False),
        ("mapping.portal", 1.9, True),
        ("mapping.other", 1.9, False),
    ],
)
def test_what_a_slow_source_tells_after_the_day_was_closed_counts_into_the_open_day(source, hours_late, counts):
    config = DetectConfig(lateness_hours_by_source={"databricks": 6, "mapping.portal": 2})
    decider = Decider(config, {}.get)
    decider.observe(exposure("a", at(1, 9), 5))
    decider.observe(exposure("a", at(2, 4.5), 5))
    told_late = exposure("a", at(2, 4.5) - int(hours_late * 3_600_000), 300)
    decider.observe(
        msgspec.structs.replace(told_late, activity=msgspec.structs.replace(told_late.activity, source=source))
    )
    assert decider.late == (0 if counts else 1)
    memory = decider.memory.peek("a")
    assert memory.notes.rows == (305 if counts else 5)
    assert memory.recent == [5]


def test_what_peers_do_later_does_not_take_back_a_score():
    decider = Decider(DetectConfig(warmup_days=1), {}.get)
    for one in ordinary(ROLES[0]._replace(people=8), 5, 12):
        decider.observe(one)
    decider.observe(exposure("support.01", at(14, 9), 3000))
    memory = decider.memory.peek("support.01")
    before = (memory.score, memory.strangeness)
    for number in (0, 2, 3, 4, 5, 6, 7):
        decider.observe(exposure(f"support.{number:02d}", at(14, 9.6), 50_000))
    decider.observe(exposure("support.01", at(14, 10), 3000))
    assert decider.memory.group().find_day(memory.day).commons(memory.slot)[0] > 50
    assert memory.score == before[0]
    assert memory.strangeness >= before[1] > 1.0


def test_every_closed_day_enters_the_pooled_tail_with_its_final_score():
    decider = Decider(DetectConfig(), {}.get)
    for one in ordinary(ROLES[0], 1):
        decider.observe(one)
    pooled = decider.memory.group().pool
    assert pooled.days(COMBINED) > 150
    assert min(place for place, _ in pooled.bins(COMBINED)) >= 0


def test_a_clock_that_jumped_decades_ahead_once_does_not_blind_the_group():
    stream = ordinary(ROLES[0], 1)
    decider = Decider(DetectConfig(), {}.get)
    found = []
    for place, one in enumerate(stream):
        if place == len(stream) // 2:
            decider.observe(exposure("support.99", at(0, 9) + 27_000 * DAY_MS, 1))
            assert decider.memory.group().members.active_since(0) == ROLES[0].people + 1
        found.append(decider.observe(one))
    assert decider.late == 0
    days = {one.activity.time_ms // DAY_MS for one in stream}
    assert decider.memory.group().days_seen == len(days) + 1
    assert all(peer is not None for peer in decider.memory.group().usual.peers[:3])
    dump = exposure("support.03", at(21, 3), 48_210)
    assert decider.observe(dump) is not None


def test_employees_in_other_time_zones_share_days_of_the_same_number():
    decider = Decider(DetectConfig(), {}.get)
    decider.observe(exposure("tokyo", at(1, 20), 5, utc_offset_minutes=540))
    decider.observe(exposure("berlin", at(1, 20), 5, utc_offset_minutes=60))
    decider.observe(exposure("berlin", at(2, 8), 5, utc_offset_minutes=60))
    days = [decider.memory.peek(who).day for who in ("tokyo", "berlin")]
    assert days[0] == days[1]


def test_what_every_channel_says_can_be_asked_and_changes_nothing():
    decider = Decider(DetectConfig(warmup_days=1), {}.get)
    for one in ordinary(ROLES[0]._replace(people=8), 5, 12):
        decider.observe(one)
    decider.drain()
    assert set(decider.surprises("nobody").values()) == {0.0}
    assert decider.surprises("support.01").keys() == {channel.name for channel in CHANNELS}
    assert decider.drain() == []
    decider.observe(exposure("support.01", at(14, 9), 3000))
    assert decider.surprises("support.01")["rows_1d"] > 4.0
