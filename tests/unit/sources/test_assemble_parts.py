"""Joining records that have no key to the statement of their session; and sources whose statements run side by side."""

from __future__ import annotations

import msgspec
import pytest
from assembly_lines import CONFIG, line, part

from streamguard.activity import RowsQuality
from streamguard.sources.assemble import Assembler, AssemblyConfig

A, B = "a", "b"  # texts


def named(offset, text=A, key="k", rows=None, **more):
    """Return a line of pgaudit."""
    return line(offset, key=key, rows=rows, fingerprint=text, verb="SELECT", **more)


def statements(*activities, config=CONFIG):
    """Return the activities, everything closed in the end."""
    assembler = Assembler(config)
    out = []
    for activity in activities:
        assembler.feed(activity)
        assembler.advance(activity.origin.offset)
        out += assembler.take()
    assembler.announce_cut()
    assembler.cut()
    return out + assembler.take()


def records(*activities, config=CONFIG):
    return [activity.records for activity in statements(*activities, config=config)]


SIMPLE = {
    # As servers wrote them; the number of records in each statement.
    "plan, audit, duration": ([part(0, "plan", rows=5), named(1, rows=5), part(2, "duration", complete=True)], [3]),
    "audit, plan, duration": ([named(0, rows=5), part(1, "plan", rows=5), part(2, "duration", complete=True)], [3]),
    "audit at the start, no count": ([named(0), part(1, "plan", rows=5), part(2, "duration", complete=True)], [3]),
    "statement, audit": ([part(0, "statement"), named(1), part(2, "plan")], [3]),
    "execute, fetch, fetch, plan, audit": (
        [part(0, "duration"), part(1, "fetch"), part(2, "fetch"), part(3, "plan", rows=5), named(4, rows=5)],
        [5],
    ),
    "plan and duration": ([part(0, "plan"), part(1, "duration", complete=True)], [2]),
    "the same statement again": ([part(0, "plan"), named(1), part(2, "plan"), named(3, key="l")], [2, 2]),
    "the same again, with durations only": ([part(0, "duration"), part(1, "duration")], [1, 1]),
    "another text": ([part(0, "plan"), part(1, "plan", B)], [1, 1]),
    "another text's audit": ([part(0, "plan"), named(1, B)], [1, 1]),
    "another session": ([part(0, "plan"), named(1, session="t")], [1, 1]),
    "audit and its failure": ([named(0), part(1, "error")], [2]),
    "a beginning and its failure": ([part(0, "statement"), part(1, "error")], [2]),
    "a success and the failure of the same text": ([named(0, rows=5), part(1, "error")], [1, 1]),
    "a plan and the failure of the same text": ([part(0, "plan"), part(1, "error")], [1, 1]),
    "a failure and another attempt": ([part(0, "error"), part(1, "plan"), named(2)], [1, 2]),
    "nothing joins behind the last record": ([named(0), part(1, "duration", complete=True), part(2, "plan")], [2, 1]),
    "too late": ([part(0, "plan"), named(9)], [1, 1]),
    # pgaudit.log_statement = off
    "an audit line without a text": ([part(0, "plan"), named(1, None)], [2]),
    "a plan behind an audit line without a text": ([named(0, None), part(1, "plan")], [2]),
}  # fmt: skip


@pytest.mark.parametrize("name", SIMPLE)
def test_records_of_one_statement_become_one_activity(name):
    activities, expected = SIMPLE[name]
    assert records(*activities) == expected


def test_a_statement_that_is_named_later_has_the_key_and_no_part():
    [activity] = statements(part(0, "duration"), part(1, "plan"), named(2, key="the key"))
    assert (activity.statement_key, activity.part, activity.origin.offset) == ("the key", None, 0)
    [alone] = statements(part(0, "plan"))
    assert (alone.statement_key, alone.part) == ("0.0", "plan")


@pytest.mark.parametrize(("slow", "expected"), [(7, [1, 2]), (3, [2, 1])])
def test_a_plan_joins_no_line_that_counts_otherwise(slow, expected):
    # Only slow statements have plans: of the same text twice, the plan is of the second, unless the counts agree.
    assert records(named(0, rows=3), part(1, "plan", rows=slow), named(2, key="l", rows=slow)) == expected


BLOCK = [
    named(0, "do"), part(1, "plan", A, rows=5), named(2, A, rows=5), part(3, "plan", B, rows=9), named(4, B, rows=9),
    part(5, "duration", "do", complete=True),
]  # fmt: skip


def test_what_ran_inside_a_statement_is_one_activity_with_it():
    [activity] = statements(*BLOCK)
    assert (activity.records, activity.rows, activity.statement_key) == (6, 9, "k")


def test_a_plan_before_the_outer_statements_own_end_ran_inside():
    outer = [named(0, "f"), part(1, "plan", A, rows=5), part(2, "plan", "f", rows=1)]
    assert records(*outer) == [3]


def test_a_plan_that_stood_beside_a_statement_begins_the_next_one():
    assert records(named(0), part(1, "plan", B), named(2, B, key="l"), part(3, "duration", B)) == [1, 3]


def test_a_plan_that_nobody_claims_stands_for_itself():
    # The plan of a cursor, when the transaction that it lived in ends.
    found = statements(named(0, "commit"), part(1, "plan", "declare", rows=4050), named(2, B, key="l"))
    assert [(a.records, a.rows) for a in found] == [(1, None), (1, 4050), (1, None)]


def test_absorbed_records_are_told_until_they_leave():
    assembler = Assembler(CONFIG)
    joined = [assembler.feed(activity) for activity in BLOCK[:3]]
    assert joined == [False, False, True]
    assert assembler.absorbed == [(BLOCK[1].origin, "k")]
    assert assembler.merged == 2
    assembler.take()
    assert assembler.absorbed == []


@pytest.mark.parametrize("verb", ["EXECUTE", "DO", "CALL"])
def test_a_command_that_runs_others_joins_what_it_ran_without_its_text(verb):
    duration = part(1, "duration", "execute p", verb=verb, complete=True, columns=("x",))
    [activity] = statements(named(0, columns=("c.e",), columns_known=True, rows=4), duration)
    assert (activity.fingerprint, activity.columns, activity.columns_known) == (A, ("c.e",), True)
    assert activity.tables == ("t0.0",)
    assert records(duration) == [1]


def test_a_beginning_that_runs_others_takes_them_in():
    assert records(part(0, "statement", "execute p", verb="EXECUTE"), named(1), part(2, "plan", rows=3)) == [3]


# -- statements that have ended

ENDED = (part(0, "duration"), named(1, rows=5))  # of the extended protocol, with pgaudit.log_rows
OTHER = {"session": "other", "key": "other"}


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        (named(2, key="k", rows=5, time_ms=10), [3]),  # another relation, in the same instant
        (part(2, "plan", rows=5, time_ms=10), [3]),
        (named(2, key="k", rows=5, time_ms=11), [2, 1]),
    ],
)
def test_what_is_written_when_a_statement_ends_is_of_it(then, expected):
    assert records(*ENDED, then) == expected


@pytest.mark.parametrize(
    ("then", "leaves"),
    [
        (line(2, time_ms=10, **OTHER), False),
        (line(2, time_ms=11, **OTHER), True),
        (line(2, time_ms=40, time_borrowed=True, **OTHER), False),
        # What other servers' clocks say is no matter of this one.
        (line(2, time_ms=40, instance="elsewhere", **OTHER), False),
        (line(2, time_ms=40, source="mysql.audit", **OTHER), False),
    ],
)
def test_a_statement_that_has_ended_leaves_when_its_servers_clock_moves_on(then, leaves):
    assembler = Assembler(CONFIG)
    for activity in (*ENDED, then):
        assembler.feed(activity)
    assert [activity.records for activity in assembler.take()] == ([2] if leaves else [])


@pytest.mark.parametrize(
    "lines",
    [
        (named(0, rows=5),),  # its duration may come, or more of what runs inside it
        (part(0, "duration"),),
        (part(0, "duration"), named(1)),  # a plan may come that counts
        (named(0), part(1, "duration")),
    ],
)
def test_a_statement_that_may_still_run_or_is_not_counted_waits_for_the_bound(lines):
    assembler = Assembler(CONFIG)
    for activity in (*lines, line(2, time_ms=50, **OTHER)):
        assembler.feed(activity)
    assert assembler.take() == []


def test_a_clock_that_was_set_back_leaves_few_waits_behind():
    assembler = Assembler(CONFIG)
    for n in range(100):
        key = {"session": str(n), "time_ms": 1_000 - n}
        assembler.feed(part(n, "duration", index=0, **key))
        assembler.feed(line(n, 1, key=str(n), fingerprint=A, verb="SELECT", **key))
        assembler.advance(n)
        assembler.take()
    assert max(map(len, assembler._open._ended._waits.values())) <= 2 * CONFIG.gap_records


# -- sources whose statements run side by side


def cloud(offset, key, kind=None, source="snowflake", **more):
    return line(offset, key=key, source=source, session="one session", part=kind, rows=None, **more)


def test_statements_side_by_side_are_told_by_their_keys():
    mixed = [cloud(0, "a", source="trino"), cloud(1, "b", source="trino"), cloud(2, "a", source="trino")]
    assert records(*mixed) == [2, 1]
    assert records(*(msgspec.structs.replace(activity, source="mysql.audit") for activity in mixed)) == [1, 1, 1]


def test_a_second_record_of_one_kind_is_of_another_statement():
    config = AssemblyConfig()
    assert records(cloud(0, "a", "query"), cloud(1, "a", "query"), config=config) == [1, 1]
    assert records(cloud(0, "a", "created", "trino"), cloud(1, "a", "completed", "trino"), config=config) == [2]


def test_snowflakes_statement_leaves_with_its_second_part_and_waits_longer_for_it():
    assembler = Assembler()
    assembler.feed(cloud(0, "a", "query"))
    assembler.feed(cloud(9_999, "b", "query", time_ms=59_000))
    assert assembler.take() == []
    assert assembler.feed(cloud(10_000, "a", "access", time_ms=59_000))
    assert [activity.records for activity in assembler.take()] == [2]
    assert assembler.is_waiting


@pytest.mark.parametrize(
    ("source", "time_ms", "expected"),
    [("trino", 1_001, [1, 1]), ("bigquery", 10_000, [2]), ("bigquery", 10_001, [1, 1]), ("snowflake.x", 60_000, [2])],
)
def test_a_source_may_have_a_wait_of_its_own(source, time_ms, expected):
    late = [cloud(0, "a", source=source), cloud(1, "a", source=source, time_ms=time_ms)]
    assert records(*late, config=AssemblyConfig()) == expected


def test_waits_can_be_set():
    config = AssemblyConfig(waits={"trino": (1, 1)})
    assert records(cloud(0, "a", source="trino"), cloud(2, "a", source="trino"), config=config) == [1, 1]
    assert records(cloud(0, "a"), cloud(2, "a"), config=config) == [2]


def test_an_error_leaves_the_rows_before_it_without_a_bound():
    error = msgspec.structs.replace(part(1, "error"), rows_quality=RowsQuality.UNBOUNDED, error="22012")
    [activity] = statements(named(0), error)
    assert (activity.rows, activity.rows_quality, activity.error) == (None, RowsQuality.UNBOUNDED, "22012")
