"""The common mode: what most of the others share today."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streamguard.baseline.codec import Kind, Reader, Writer
from streamguard.baseline.today import NOTHING_COMMON, PLACES, REFRESH_MS, PeerDay

NOTHING_TYPICAL = (0,) * PLACES


def day_of(residuals, expected=None, time_ms=0, place=0, typical=NOTHING_TYPICAL):
    day = PeerDay(1, len(residuals) if expected is None else expected)
    for slot, residual in enumerate(residuals):
        day.join(slot)
        day.enter(slot, place, residual)
    day.refresh(time_ms, typical)
    return day


def common(day, slot, place=0):
    return day.commons(slot)[place]


@given(st.lists(st.integers(-1, 300), min_size=5, max_size=40), st.integers(0, 50), st.data())
def test_it_is_what_a_fifth_of_the_others_exceed_less_what_they_exceed_on_any_day(residuals, typical, data):
    slot = data.draw(st.integers(0, len(residuals) - 1))
    others = sorted(residuals[:slot] + residuals[slot + 1 :])
    found = common(day_of(residuals, typical=(typical,) * PLACES), slot)
    assert found == max(0, others[int(0.8 * (len(others) - 1))] - typical) // 3 * 3


@given(st.lists(st.integers(-1, 300), min_size=5, max_size=20), st.integers(-1, 9000), st.data())
def test_no_member_changes_the_own_common_mode(residuals, instead, data):
    slot = data.draw(st.integers(0, len(residuals) - 1))
    changed = [*residuals[:slot], instead, *residuals[slot + 1 :]]
    assert common(day_of(changed), slot) == common(day_of(residuals), slot)


def test_one_of_five_cannot_hide_and_neither_can_two():
    assert common(day_of([0, 0, 0, 0, 90]), 4) == 0
    assert common(day_of([0, 0, 0, 90, 90]), 4) == 0
    assert common(day_of([0, 0, 90, 90, 90]), 4) == 90


def test_four_of_thirty_cannot_hide_and_a_quarter_of_a_team_is_a_team():
    assert common(day_of([0] * 26 + [90] * 4), 29) == 0
    assert common(day_of([0] * 22 + [90] * 8), 29) == 90


def test_there_is_none_while_hardly_anybody_is_in():
    assert day_of([90] * 4).commons(0) == NOTHING_COMMON
    assert day_of([90] * 9, expected=100).commons(0) == NOTHING_COMMON
    assert common(day_of([90] * 10, expected=100), 0) == 90


def test_while_few_are_in_the_median_counts():
    residuals = [0, 0, 0, 0, 0, 0, 60, 60, 90, 90]
    assert common(day_of(residuals, expected=10), 0) == 60
    assert common(day_of(residuals, expected=100), 0) == 0


def test_places_are_apart():
    day = day_of([90] * 6, place=PLACES - 1)
    assert day.commons(0) == (*NOTHING_COMMON[1:], 90)


def test_it_is_refreshed_every_quarter_of_an_hour_of_event_time_and_counted_when_it_changed():
    day = day_of([90] * 6, time_ms=REFRESH_MS + 5)
    version = day.version
    for slot in range(6):
        day.enter(slot, 0, 200)
    day.refresh(2 * REFRESH_MS - 1, NOTHING_TYPICAL)
    assert (common(day, 0), day.version) == (90, version)
    day.refresh(2 * REFRESH_MS, NOTHING_TYPICAL)
    assert (common(day, 0), day.version) == (198, version + 1)
    day.refresh(9 * REFRESH_MS, NOTHING_TYPICAL)
    assert day.version == version + 1


def test_the_peers_largest_total_is_never_the_own_one():
    day = PeerDay(1, 3)
    assert day.peers_most_rows(0) is None
    for slot, rows in ((0, 10), (1, 30), (0, 20), (2, 5), (1, 31)):
        day.note_rows(slot, rows)
    assert (day.peers_most_rows(0), day.peers_most_rows(1), day.peers_most_rows(2)) == (31, 20, 31)


@given(st.lists(st.integers(-1, 300), max_size=40), st.booleans())
def test_a_restored_day_is_the_same(residuals, stale):
    day = day_of(residuals)
    day.note_rows(3, 17)
    if stale:
        day.join(2)
        day.enter(2, 5, 7)
    out = Writer(Kind.DAY)
    day.write(out)
    new = PeerDay.read(Reader(out.bytes(), Kind.DAY))
    for one in (day, new):
        one.join(41)
        one.enter(41, 0, 60)
        one.refresh(10 * REFRESH_MS, NOTHING_TYPICAL)
    assert [new.commons(slot) for slot in range(43)] == [day.commons(slot) for slot in range(43)]
    assert new.version == day.version
    again, straight = Writer(Kind.DAY), Writer(Kind.DAY)
    new.write(again)
    day.write(straight)
    assert again.bytes() == straight.bytes()


def test_a_day_that_is_dropped_compares_nobody_any_more():
    day = day_of([90] * 6)
    day.note_rows(1, 50)
    day.drop()
    day.enter(0, 0, 500)
    day.note_rows(0, 5000)
    assert day.commons(0) == NOTHING_COMMON
    assert day.peers_most_rows(0) is None
