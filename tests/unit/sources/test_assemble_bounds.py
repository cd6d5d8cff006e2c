"""Merging the lines of statements: the bounds of the wait, cuts, and what two lines make."""

from __future__ import annotations

import pytest
from assembly_lines import CONFIG, line

from streamguard.sources.assemble import MAX_LINES, Assembler, Progress, merge

# -- the bounds of the wait


def statements(*activities, config=CONFIG):
    """Return how many lines each statement took in, everything closed in the end."""
    assembler = Assembler(config)
    for activity in activities:
        assembler.feed(activity)
        assembler.advance(activity.origin.offset)
    assembler.announce_cut()
    assembler.cut()
    return [activity.records for activity in assembler.take()]


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (line(1), [2]),
        (line(5), [2]),  # next to the bound of records
        (line(6), [1, 1]),  # beyond it
        (line(1, time_ms=50), [2]),
        (line(1, time_ms=51), [1, 1]),
        (line(1, key="other"), [1, 1]),
        (line(1, session="other"), [1, 1]),
        (line(1, complete=True), [2]),
    ],
)
def test_a_line_joins_within_the_bounds(second, expected):
    assert statements(line(0), second) == expected


def test_the_bounds_are_between_lines_not_around_the_statement():
    assert statements(line(0), line(5, time_ms=50), line(10, time_ms=100)) == [3]


def test_event_time_only_grows():
    assert statements(line(0), line(1, session="other", time_ms=51), line(2, time_ms=0)) == [1, 1, 1]


def test_a_complete_activity_waits_for_nobody_and_takes_nobody_in():
    assembler = Assembler(CONFIG)
    assembler.feed(line(0, complete=True))
    assert [activity.records for activity in assembler.take()] == [1]
    assert not assembler.is_waiting
    assert statements(line(0, complete=True), line(1), line(2)) == [1, 2]


def test_a_statement_ends_when_its_session_begins_another():
    assert statements(line(0), line(1, key="other"), line(2)) == [1, 1, 1]


def test_lines_without_a_session_go_by_their_statement():
    assert statements(line(0, session=None), line(1, session=None, key="x"), line(2, session=None)) == [2, 1]


def test_a_statement_takes_a_bounded_number_of_lines_in():
    lines = [line(0, index) for index in range(MAX_LINES + 1)]
    assert statements(*lines) == [MAX_LINES, 1]


def test_an_old_statement_holds_back_younger_ones():
    assembler = Assembler(CONFIG)
    assembler.feed(line(0, session="slow"))
    assembler.feed(line(1, session="quick", complete=True))
    assert assembler.take() == []
    assert assembler.progress().offset == 0
    assembler.advance(6)
    assert [activity.origin.offset for activity in assembler.take()] == [0, 1]


def test_lines_that_come_between_a_cut_and_its_commit_belong_to_the_time_after_it():
    assembler = Assembler(CONFIG)
    assembler.feed(line(0))
    assembler.advance(0)
    assert assembler.announce_cut().cut_offset == 1
    assembler.feed(line(1))
    assembler.advance(1)
    assembler.cut()
    assert [activity.records for activity in assembler.take()] == [1]
    assert assembler.is_waiting


def test_a_cut_that_is_withdrawn_does_not_happen_and_an_older_one_stays():
    assembler = Assembler(CONFIG)
    assembler.feed(line(0))
    assembler.advance(0)
    assembler.announce_cut()
    assembler.withdraw_cut()
    assembler.feed(line(1))
    assembler.advance(1)
    assert assembler.take() == []
    durable = Assembler(CONFIG, Progress(cut_offset=1))
    durable.feed(line(0))
    durable.advance(0)
    durable.announce_cut()
    durable.withdraw_cut()
    durable.feed(line(1))
    assert [activity.records for activity in durable.take()] == [1]


def test_a_merge_keeps_the_first_origin_and_the_union_of_what_was_touched():
    a = line(0, columns=("c.x",), columns_known=True, bytes=5, produced_ms=1, duration_ms=None)
    b = line(1, columns=("c.x", "d.y"), columns_known=False, bytes=3, produced_ms=9, duration_ms=2.0, error="57014")
    merged = merge(a, b)
    assert merged.origin == a.origin
    assert (merged.tables, merged.columns, merged.columns_known) == (("t0.0", "t1.0"), ("c.x", "d.y"), False)
    assert (merged.bytes, merged.produced_ms, merged.duration_ms, merged.error) == (5, 9, 2.0, "57014")
    assert merged.records == 2
