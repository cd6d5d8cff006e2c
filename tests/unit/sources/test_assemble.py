"""Merging the records of statements: the same statements leave, whatever restarts happen in between.

The property below plays a partition that grows, falls silent and is cut, and a worker that crashes anywhere:
it keeps only what it committed, as `streamguard.stream.ingest` does.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
from assembly_lines import CONFIG, line, part
from hypothesis import given, settings
from hypothesis import strategies as st

from streamguard.sources.assemble import Assembler, Progress
from streamguard.stream import metadata

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
            st.sampled_from(
                [None] * 5
                + [
                    "plan",
                    "plan",
                    "duration",
                    "fetch",
                    "error",
                    "statement",
                    "query",
                    "access",
                    "execution",
                    "execution",
                ]
            ),
            st.sampled_from(["x", "x", "y", None]),  # text
            st.sampled_from(["one", "one", "one", "two"]),  # server
        ),
        max_size=3,
    ),
)


def execution(offset, index, **more):
    """Return what PostgreSQL logs of one in the extended protocol: how long it took, then pgaudit's line."""
    duration = part(offset, "duration", "x", index=index, **more)
    return [duration, line(offset, index + 1, key=f"e{offset}.{index}", rows=7, fingerprint="x", verb="SELECT", **more)]


def grown(steps):
    """Return a log: (offset, lines of that record), in order."""
    offset, time_ms, log = 0, 1_000, []
    for step, kinds in steps:
        offset, lines = offset + step, []
        for index, (session, key, passed_ms, rows, complete, kind, text, server) in enumerate(kinds):
            time_ms += passed_ms
            if kind == "execution":
                lines += execution(offset, 2 * index, session=session, time_ms=time_ms, instance=server)
                continue
            if kind in {"query", "access"}:
                more = {"key": key, "source": "snowflake.test"}
            else:
                more = {"key": f"{offset}.{2 * index}" if kind else key, "verb": "DO" if text == "y" else "SELECT"}
            more |= {"part": kind, "fingerprint": text, "complete": complete or kind == "error", "instance": server}
            lines.append(line(offset, 2 * index, session=session, time_ms=time_ms, rows=rows, **more))
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
        waiting = sum(statement.activity.records for statement in assembler._open._queue)
        assert sum(a.records for a in out) + waiting == fed
        assert assembler.merged + len(out) + assembler.held == fed
    assembler.announce_cut()
    assembler.cut()
    out += assembler.take()
    assert sorted(mark for a in out for mark in a.filters) == sorted(
        mark for _, lines in log for a in lines for mark in a.filters
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


# A plan waits beside a statement that leaves before it; then its own duration comes.
BESIDE = [
    (0, [line(0, key="k", fingerprint="x", rows=None)]),
    (4, [part(4, "plan", "y")]),
    (6, [line(6, session="other")]),
    (7, [part(7, "duration", "y", complete=True)]),
]


@given(st.lists(st.sampled_from(["read", "take", "commit and crash"]), max_size=8))
def test_what_waited_beside_a_statement_that_has_left_goes_on_as_if_there_had_been_none(happenings):
    undisturbed = run(BESIDE, ()).emitted
    assert [activity.records for activity in undisturbed] == [1, 2, 1]
    assert distinct(run(BESIDE, (), happenings=happenings).emitted) == undisturbed


# A line whose time lies ahead of the statement's comes before it: a restart does not read that one.
AHEAD = [
    (0, [line(0, session="other", key="o", time_ms=1_060, complete=True)]),
    (1, execution(1, 0, time_ms=1_030)),
    (2, [part(2, "plan", "x", rows=7, time_ms=1_040)]),
    (3, [line(3, session="other", time_ms=1_051)]),
    (4, [part(4, "fetch", "x", time_ms=1_051)]),
]


@given(st.lists(st.sampled_from(["read", "take", "commit and crash"]), max_size=8))
def test_what_ends_a_wait_comes_behind_the_statement(happenings):
    undisturbed = run(AHEAD, ()).emitted
    assert [activity.records for activity in undisturbed] == [1, 3, 1, 1]
    assert distinct(run(AHEAD, (), happenings=happenings).emitted) == undisturbed
