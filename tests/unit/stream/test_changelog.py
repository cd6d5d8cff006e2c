"""The changelog's protocol against a model: whatever workers, crashes, zombies and compaction do to the log.

The model knows what counts: flushes whose mark is on the log, written by the newest valid term at that time.
Compaction may reach up to the last flush that its worker found in one piece, with nobody else's records in between:
what a zombie has written since is repaired by whoever finds it (`FencedError`, then a restart), and until then
``min.compaction.lag.ms`` must hold compaction back.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streamguard.stream import changelog
from streamguard.stream.changelog import ChangelogError, PartitionState, Record, Stamp

KEYS = [b"a", b"b", b"c"]
CHANGES = st.dictionaries(st.sampled_from(KEYS), st.sampled_from([b"", b"1", b"22", b"333"]), min_size=1)


@dataclass
class Log:
    """One changelog partition: records with their offsets, some of which compaction has removed."""

    records: list[Record] = field(default_factory=list)
    end: int = 0

    def append(self, key, value):
        self.records.append(Record(self.end, key, value))
        self.end += 1
        return self.end

    def compact(self, before):
        """Keep the newest record of every key among those before an offset, and all others."""
        newest = {record.key: record.offset for record in self.records if record.offset < before}
        self.records = [r for r in self.records if r.offset >= before or newest[r.key] == r.offset]

    def read(self):
        state = PartitionState()
        state.apply(self.records)
        return state


class Worker:
    """A worker's tenure of the partition, as `streamguard.stream.detect` does it, record by record."""

    def __init__(self, log):
        self.log = log
        self.state = log.read()
        self.opened = False
        self.fenced = False

    def flush(self, changes):
        """Yield the records of a flush, each to be written at once: an opening first, if there was none."""
        repairs = dict(self.state.repairs())
        self.state.stage_own(sorted(changes.items()))
        entries = sorted({**{key: self.state.entries.get(key, b"") for key in repairs}, **changes}.items())
        if not self.opened:
            term = self.state.stamp.term + 1
            yield changelog.encode_opening(term, self.state.end_offset, self.state.unsettled())
            self.opened = self.acknowledge(Stamp(term, 0), 1)
            if not self.opened:
                return
        stamp = Stamp(self.state.stamp.term, self.state.stamp.flush + 1)
        records = list(changelog.encode_flush(stamp, entries))
        yield from records
        self.acknowledge(stamp, len(records))

    def acknowledge(self, stamp, count):
        self.fenced = self.log.end != self.state.end_offset + count
        self.state.acknowledge_own(stamp, self.log.end)
        return not self.fenced


@dataclass
class History:
    """What workers did to a log, and what counts of it."""

    log: Log = field(default_factory=Log)
    model: dict[bytes, bytes] = field(default_factory=dict)
    workers: list[Worker] = field(default_factory=list)
    safe: int = 0
    """Compaction may reach up to here."""

    def take_over(self):
        self.workers.append(Worker(self.log))

    def crash(self, changes, records):
        """A tenure that ends in the middle of its first flush."""
        self.take_over()
        self.flush(0, changes, records=records)

    def flush(self, number, changes, *, records=99, interrupted_at=99):
        """Let a worker flush: the newest one, or a zombie; some stop in the middle, some are interrupted by others."""
        if not self.workers:
            return
        worker = self.workers[-1 - number % len(self.workers)]
        for count, record in enumerate(worker.flush(changes)):
            if count >= records:
                self.workers.remove(worker)
                return
            if count == interrupted_at:
                others = [other for other in self.workers if other is not worker]
                for other in others[:1]:
                    self.write_all(other, {b"a": b"zombie"})
            self.log.append(*record)
        self.settle(worker, changes)

    def write_all(self, worker, changes):
        for record in worker.flush(changes):
            self.log.append(*record)
        self.settle(worker, changes)

    def settle(self, worker, changes):
        if worker.opened and self.log.read().stamp.term == worker.state.stamp.term:
            self.model |= changes
        if worker.fenced:
            self.workers.remove(worker)
        else:
            self.safe = self.log.end

    def compact(self, before):
        self.log.compact(min(before, self.safe))

    @property
    def committed(self):
        return {key: value for key, value in self.model.items() if value}


FLUSHES = st.fixed_dictionaries(
    {"number": st.integers(0, 3), "changes": CHANGES},
    optional={"records": st.integers(0, 4), "interrupted_at": st.integers(0, 3)},
).map(lambda arguments: ("flush", arguments))
MOVES = st.lists(
    st.one_of(
        st.just(("take_over", {})),
        FLUSHES,
        FLUSHES,
        st.fixed_dictionaries({"changes": CHANGES, "records": st.integers(1, 3)}).map(lambda how: ("crash", how)),
        st.integers(0, 60).map(lambda before: ("compact", {"before": before})),
    ),
    max_size=20,
)


def history(moves):
    out = History()
    for move, arguments in moves:
        getattr(out, move)(**arguments)
    return out


@settings(max_examples=300, deadline=None)
@given(MOVES)
def test_a_reader_sees_exactly_the_committed_flushes(moves):
    done = History()
    for move, arguments in moves:
        getattr(done, move)(**arguments)
        assert done.log.read().entries == done.committed


@settings(max_examples=250, deadline=None)
@given(MOVES, st.data())
def test_reading_a_stretch_again_changes_nothing(moves, data):
    log = history(moves).log
    whole = log.read()
    state, at = PartitionState(), 0
    while at < len(log.records):
        until = data.draw(st.integers(at + 1, len(log.records)))
        state.apply(log.records[data.draw(st.integers(0, at)) : until])
        at = until
    assert vars(state) == vars(whole)


# A zombie's entry between an entry and its mark: compaction keeps the zombie's, so a successor has to write it again.
OVERTAKEN = [
    ("take_over", {}),
    ("flush", {"number": 0, "changes": {b"a": b""}}),
    ("take_over", {}),
    ("flush", {"number": 0, "changes": {b"a": b"x"}, "interrupted_at": 2}),
]


@settings(max_examples=250, deadline=None)
@given(MOVES, st.integers(0, 200))
@example(OVERTAKEN, 9)
def test_once_a_successor_has_repaired_it_the_log_is_safe_under_any_compaction(moves, before):
    log = history(moves).log
    successor = Worker(log)
    for key, value in successor.flush({b"mark": b"x"}):
        log.append(key, value)
    expected = log.read().entries
    log.compact(before)
    assert log.read().entries == expected == successor.state.entries
    assert not log.read().repairs()


@settings(max_examples=100, deadline=None)
@given(MOVES)
def test_the_size_is_that_of_the_entries(moves):
    state = history(moves).log.read()
    assert state.size_bytes == sum(len(key) + len(value) for key, value in state.entries.items())


class TestByExample:
    def log_of(self, *flushes):
        log = Log()
        worker = Worker(log)
        for changes in flushes:
            for key, value in worker.flush(changes):
                log.append(key, value)
        return log, worker

    def test_a_flush_without_its_mark_does_not_count(self):
        log, worker = self.log_of({b"a": b"1"})
        *entries, _ = worker.flush({b"a": b"2", b"b": b"2"})
        for key, value in entries:
            log.append(key, value)
        assert log.read().entries == {b"a": b"1"}

    def test_an_empty_payload_deletes(self):
        log, _ = self.log_of({b"a": b"1", b"b": b"1"}, {b"a": b""})
        assert log.read().entries == {b"b": b"1"}

    def test_who_opens_after_somebody_else_wrote_is_fenced(self):
        log, first = self.log_of({b"a": b"1"})
        late = Worker(log)
        for key, value in first.flush({b"a": b"2"}):
            log.append(key, value)
        for key, value in late.flush({b"a": b"bad"}):
            log.append(key, value)
        assert late.fenced
        assert log.read().entries == {b"a": b"2"}

    def test_what_a_zombie_writes_after_its_successor_opened_is_void(self):
        log, zombie = self.log_of({b"a": b"1"})
        successor = Worker(log)
        for worker, value in [(successor, b"2"), (zombie, b"bad")]:
            for record in worker.flush({b"a": value}):
                log.append(*record)
        assert log.read().entries == {b"a": b"2"}
        assert log.read().repairs() == [(b"a", b"2")]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (b"ek", b"short", "foreign"),
        (b"ek", b"\x02" + bytes(8), "version 2"),
        (b"?k", b"\x01" + bytes(8), "unknown kind"),
    ],
)
def test_foreign_records_are_refused_without_quoting_them(key, value, message):
    with pytest.raises(ChangelogError, match=message) as caught:
        PartitionState().apply([Record(0, key, value)])
    assert "short" not in str(caught.value).replace("shorter", "")


def test_tombstones_and_keyless_records_are_passed_over():
    state = PartitionState()
    state.apply([Record(0, None, b"x"), Record(1, b"ek", None), Record(2, b"ek", b"")])
    assert (state.entries, state.end_offset) == ({}, 3)
