"""Merging the lines of statements: the same statements leave, whatever restarts happen in between.

The property below plays a partition that grows, falls silent and is cut, and a worker that crashes anywhere:
it keeps only what it committed, as `streamguard.stream.ingest` does.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamguard.activity import Activity, Origin, RowsQuality
from streamguard.sources.assemble import MAX_LINES, Assembler, AssemblyConfig, Progress, merge
from streamguard.stream import metadata

CONFIG = AssemblyConfig(gap_records=5, gap_ms=50)


def line(offset=0, index=0, *, key="k", session="s", time_ms=0, rows=1, complete=False, **more):
    return Activity(
        origin=Origin("t", 0, 0, offset, index),
        time_ms=time_ms,
        source="test",
        user="u",
        statement_key=key,
        session=session,
        rows=rows,
        rows_quality=RowsQuality.EXACT if rows is not None else RowsQuality.UNKNOWN,
        complete=complete,
        tables=(f"t{offset}.{index}",),
        **more,
    )


# -- logs: records with several lines each, offsets with holes; and what happens between them


STEPS = st.tuples(
    st.sampled_from([1, 1, 1, 1, 2, 7]),  # offsets
    st.lists(
        st.tuples(
            st.sampled_from(["1", "1", "2", "3", None]),  # session
            st.sampled_from(["a", "a", "a", "b"]),  # statement
            st.sampled_from([-30, 0, 0, 10, 30, 60]),  # event time that passed
            st.sampled_from([None, 0, 7]),  # rows
            st.sampled_from([False] * 7 + [True]),  # complete
        ),
        max_size=3,
    ),
)


def grown(steps):
    """Return a log: (offset, lines of that record), in order."""
    offset, time_ms, log = 0, 1_000, []
    for step, kinds in steps:
        offset, lines = offset + step, []
        for index, (session, key, passed_ms, rows, complete) in enumerate(kinds):
            time_ms += passed_ms
            lines.append(line(offset, index, key=key, session=session, time_ms=time_ms, rows=rows, complete=complete))
        log.append((offset, lines))
    return log


LOGS = st.lists(STEPS, max_size=25).map(grown)
SILENCE_AFTER = st.sets(st.integers(0, 25), max_size=4)
WHAT_HAPPENS = st.lists(
    st.sampled_from(["read", "read", "read", "take", "commit", "commit and crash", "crash"]), max_size=60
)  # whatever is left over is read in the end
CUT_STYLES = st.lists(
    st.sampled_from(["orderly", "records meanwhile", "crash before it", "crash after it", "crash after it left"]),
    max_size=5,
)


@dataclass
class Worker:
    """Ingest on one partition, without Kafka."""

    log: list
    committed: Progress = field(default_factory=Progress)
    emitted: list = field(default_factory=list)

    def __post_init__(self):
        self.restart()

    def restart(self):
        # The progress travels as JSON, as in a commit.
        encoded = metadata.encode(metadata.Tenure(0, self.committed))
        self.committed = msgspec.json.decode(encoded, type=metadata.Tenure).progress
        self.assembler = Assembler(CONFIG, self.committed)
        self.taken = []
        self.at = next((n for n, (offset, _) in enumerate(self.log) if offset >= self.committed.offset), len(self.log))

    def read(self, until):
        if self.at < until:
            offset, lines = self.log[self.at]
            self.at += 1
            for activity in lines:
                self.assembler.feed(activity)
            self.assembler.advance(offset)
            self.taken += self.assembler.take()

    def read_all(self, until):
        while self.at < until:
            self.read(until)

    def publish(self):
        self.taken += self.assembler.take()
        self.emitted += self.taken
        self.taken = []

    def commit(self):
        self.publish()
        self.committed = self.assembler.progress()

    def cut(self, style, until):
        """Cut at the end of the log, as ingest does; tell whether it survived that."""
        self.read_all(until)
        if not self.assembler.is_waiting:
            return True
        self.publish()
        self.committed = self.assembler.announce_cut()
        if style == "crash before it":
            self.restart()
            return False
        if style == "records meanwhile":
            self.read(min(until + 1, len(self.log)))
        self.assembler.cut()
        if style == "crash after it left":
            self.publish()
        if style.startswith("crash"):
            self.restart()
            return False
        return True


def run(log, silences, styles=(), happenings=()):
    """Let the log grow from silence to silence; between them whatever happens happens."""
    worker = Worker(log)
    styles, happenings = iter(styles), iter(happenings)
    for silence in [*sorted(n for n in silences if n <= len(log)), len(log)]:
        while worker.at < silence:
            match next(happenings, "read"):
                case "read":
                    worker.read(silence)
                case "take":
                    worker.publish()
                case "commit":
                    worker.commit()
                case "commit and crash":
                    worker.commit()
                    worker.restart()
                case "crash":
                    worker.restart()
        # A worker that crashed reads again, finds silence at the same place, and cuts there.
        while not worker.cut(next(styles, "orderly"), silence):
            pass
    worker.commit()
    return worker


def distinct(emitted):
    out = {}
    for activity in emitted:
        known = out.setdefault(activity.origin, activity)
        assert msgspec.json.encode(known) == msgspec.json.encode(activity), "two activities of one origin differ"
    return [out[origin] for origin in sorted(out)]


@settings(max_examples=250, deadline=None)
@given(LOGS, SILENCE_AFTER, CUT_STYLES, WHAT_HAPPENS)
def test_the_same_statements_leave_whatever_crashes(log, silences, styles, happenings):
    undisturbed = run(log, silences)
    disturbed = run(log, silences, styles, happenings)
    assert distinct(disturbed.emitted) == undisturbed.emitted


@settings(max_examples=80, deadline=None)
@given(LOGS, SILENCE_AFTER)
def test_statements_leave_once_in_the_order_of_their_first_lines(log, silences):
    emitted = run(log, silences).emitted
    origins = [activity.origin for activity in emitted]
    assert origins == sorted(set(origins))


@settings(max_examples=80, deadline=None)
@given(LOGS)
def test_every_line_is_in_exactly_one_statement(log):
    assembler, out, fed = Assembler(CONFIG), [], 0
    for offset, lines in log:
        for activity in lines:
            assembler.feed(activity)
            fed += 1
        assembler.advance(offset)
        out += assembler.take()
        waiting = sum(statement.activity.records for statement in assembler._queue)
        assert sum(a.records for a in out) + waiting == fed
        assert assembler.merged + len(out) + len(assembler._queue) == fed
    assembler.announce_cut()
    assembler.cut()
    out += assembler.take()
    assert sorted(table for a in out for table in a.tables) == sorted(
        table for _, lines in log for a in lines for table in a.tables
    )
    assert not assembler.is_waiting


@settings(max_examples=80, deadline=None)
@given(LOGS)
def test_the_progress_never_goes_back_and_lists_nothing_before_itself(log):
    assembler, before = Assembler(CONFIG), (0, 0)
    for offset, lines in log:
        for activity in lines:
            assembler.feed(activity)
        assembler.advance(offset)
        assembler.take()
        progress = assembler.progress()
        assert before <= (progress.offset, progress.index) <= (offset + 1, 0)
        assert all(done >= (progress.offset, progress.index) for done in progress.done)
        before = (progress.offset, progress.index)


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


# -- merging two lines


@pytest.mark.parametrize(
    ("first", "later", "rows", "quality"),
    [
        ((None, "unknown"), (None, "unbounded"), None, "unbounded"),
        ((None, "unbounded"), (0, "exact"), 0, "exact"),
        ((3, "exact"), (None, "unknown"), 3, "exact"),
        ((3, "exact"), (5, "affected"), 5, "affected"),
        ((3, "estimate"), (3, "exact"), 3, "exact"),
    ],
)
def test_rows_of_two_lines(first, later, rows, quality):
    a, b = (
        msgspec.structs.replace(line(n), rows=count, rows_quality=RowsQuality(name))
        for n, (count, name) in enumerate([first, later])
    )
    for merged in (merge(a, b), merge(b, a)):
        assert (merged.rows, merged.rows_quality) == (rows, quality)


def test_a_merge_keeps_the_first_origin_and_the_union_of_what_was_touched():
    a = line(0, columns=("c.x",), columns_known=True, bytes=5, produced_ms=1, duration_ms=None)
    b = line(1, columns=("c.x", "d.y"), columns_known=False, bytes=3, produced_ms=9, duration_ms=2.0, error="57014")
    merged = merge(a, b)
    assert merged.origin == a.origin
    assert (merged.tables, merged.columns, merged.columns_known) == (("t0.0", "t1.0"), ("c.x", "d.y"), False)
    assert (merged.bytes, merged.produced_ms, merged.duration_ms, merged.error) == (5, 9, 2.0, "57014")
    assert merged.records == 2
