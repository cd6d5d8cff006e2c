"""Records that only tell how long a statement ran: taken in as they are, they make what their activities would make."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.sources.reading import PRODUCED_MS, SAMPLES

from streamguard.activity import Activity, RawRecord
from streamguard.simulate import World, small_company
from streamguard.sources import Decoder, read_records
from streamguard.sources.assemble import Assembler, Progress
from streamguard.sources.postgresql.durations import _TimedEntry
from streamguard.sources.timed import Timed

FORMAT = "postgresql.jsonlog"


@pytest.fixture(scope="module")
def company():
    return list(islice(World(small_company(days=8)).lines(FORMAT), 4_000, 4_300))


@pytest.fixture(scope="module")
def lines(company):
    """Real ones, with cursors, COPY, functions and failures among them, and usual ones."""
    samples = [read_records(path) for path in sorted((SAMPLES / "postgresql").glob("*.jsonlog"))]
    return [value for sample in samples for value in sample] + company


class Both:
    """Two assemblers of one log: one takes in what is timed as it is, the other its activity."""

    def __init__(self, progress=None):
        self.decoder = Decoder()
        self.short, self.long = Assembler(progress=progress), Assembler(progress=progress)
        self.timed = 0

    def read(self, offset, value):
        raw = RawRecord("audit", 0, 0, offset, PRODUCED_MS, value)
        [outcome] = self.decoder.decode_for_assembly(raw, FORMAT)
        [settled] = self.decoder.decode(raw, FORMAT)
        assert settled == (outcome.activity() if isinstance(outcome, Timed) else outcome)
        if isinstance(outcome, Timed):
            self.timed += 1
            assert self.short.feed_timed(outcome) == self.long.feed(settled)
        elif isinstance(outcome, Activity):
            assert self.short.feed(outcome) == self.long.feed(outcome)
        self.short.advance(offset)
        self.long.advance(offset)

    def take(self):
        statements = self.short.take()
        assert statements == self.long.take()
        assert (self.short.progress(), self.short.merged) == (self.long.progress(), self.long.merged)
        return statements

    def cut(self):
        for assembler in (self.short, self.long):
            assembler.announce_cut()
            assembler.cut()
        return self.take()


def test_whole_logs_give_the_same(lines):
    both = Both()
    statements = []
    for offset, value in enumerate(lines):
        both.read(offset, value)
        statements += both.take()
    statements += both.cut()
    assert both.timed > 100
    assert sum(statement.duration_ms is not None for statement in statements) > both.timed // 2


@settings(deadline=None)
@given(st.data())
def test_whatever_order_lines_come_in_it_is_the_same(lines, data):
    # Neighbours, so that lines of one statement meet; some dropped, doubled or out of order; and a restart.
    begin = data.draw(st.integers(0, len(lines) - 40))
    order = data.draw(st.lists(st.integers(begin, begin + 39), max_size=60) | st.just(range(begin, begin + 40)))
    both = Both(Progress(offset=data.draw(st.integers(0, 5))))
    for offset, place in enumerate(order):
        both.read(offset, lines[place])
        if data.draw(st.booleans()):
            both.take()
    both.cut()


def test_of_usual_lines_nearly_none_becomes_an_activity(company, monkeypatch):
    assembler, decoder, timed, made = Assembler(), Decoder(), 0, []
    make = _TimedEntry.activity
    monkeypatch.setattr(_TimedEntry, "activity", lambda self: made.append(self) or make(self))
    for offset, value in enumerate(company):
        [outcome] = decoder.decode_for_assembly(RawRecord("audit", 0, 0, offset, PRODUCED_MS, value), FORMAT)
        if isinstance(outcome, Timed):
            assembler.feed_timed(outcome)
            timed += 1
        elif isinstance(outcome, Activity):
            assembler.feed(outcome)
    assert len(made) < timed // 20
