"""The small work of the bench: the same numbers as river's, and the same state wherever a worker was restarted."""

from __future__ import annotations

import orjson
import pytest
from bench import rows
from bench.contestants.engine import RowsLog
from hypothesis import given
from hypothesis import strategies as st
from river import stats

ROWS = st.integers(0, 1_000_000)
EVENTS = st.lists(st.tuples(st.sampled_from(["ann", "bob", "cy"]), ROWS), max_size=60)


def line(employee: str, count: object, statement: str = "select 1") -> bytes:
    quoted = '"' + statement.replace('"', '""') + '"'
    message = f"AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.customers,{quoted},<none>,{count}"
    return orjson.dumps({"user": employee, "message": message})


def test_reads_employee_and_rows_past_commas_and_quotes() -> None:
    assert rows.read(line("ann", 42, "select \"a\", b from t where c = '7,8'")) == ("ann", 42)


@pytest.mark.parametrize("other", [line("ann", "<none>"), orjson.dumps({"user": "ann", "message": "duration: 1 ms"})])
def test_passes_over_lines_without_rows(other: bytes) -> None:
    assert rows.read(other) is None
    assert rows.step(other, {}.get) is None


@given(st.lists(ROWS, min_size=1, max_size=50))
def test_mean_and_variance_are_rivers(counts: list[int]) -> None:
    state, mean, variance = None, stats.EWMean(rows.ALPHA), stats.EWVar(rows.ALPHA)
    for count in counts:
        state = rows.learn(state, count)
        mean.update(count)
        variance.update(count)
    # River subtracts the squares of what may be a million.
    assert state == (len(counts), pytest.approx(mean.get()), pytest.approx(variance.get(), abs=1e-2, rel=1e-6))


def test_alerts_only_when_much_is_known_and_far_exceeded() -> None:
    states: dict[str, rows.State] = {}

    def alert(count: int) -> bytes | None:
        employee, states[employee], raised = rows.step(line("ann", count), states.get)
        return raised

    assert alert(10) is None
    assert [alert(10_000) for _ in range(rows.MIN_STATEMENTS - 1)] == [None] * (rows.MIN_STATEMENTS - 1)
    assert alert(10_000) is None
    assert orjson.loads(alert(10_000_000)) == {"employee": "ann", "rows": 10_000_000}


@given(EVENTS, st.integers(0, 60), st.integers(0, 20))
def test_a_restart_changes_nothing(events: list[tuple[str, int]], at: int, replayed: int) -> None:
    """Whatever was flushed is the state, and what is delivered again counts once."""
    lines = [line(*event) for event in events]
    at = min(at, len(lines))
    whole: dict[bytes, bytes] = {}
    undisturbed = RowsLog(whole.get)
    for offset, value in enumerate(lines):
        undisturbed.step(offset, value)
    whole.update(undisturbed.drain())
    kept: dict[bytes, bytes] = {}
    first = RowsLog(kept.get)
    for offset in range(at):
        first.step(offset, lines[offset])
    kept.update(first.drain())
    second = RowsLog(kept.get)
    for offset in range(max(0, at - replayed), len(lines)):
        second.step(offset, lines[offset])
    kept.update(second.drain())
    assert kept == whole
    assert first.done + second.done == len(lines)


def test_load_keeps_an_employees_lines_in_order_and_makes_more_employees() -> None:
    lines = [line("ann", number) for number in range(5)]
    loaded = list(rows.load(lines, 12))
    assert len(loaded) == 12
    by_key: dict[bytes, list[int]] = {}
    for key, value in loaded:
        employee, count = rows.read(value)
        assert employee.encode() == key
        by_key.setdefault(key, []).append(count)
    assert set(by_key) == {b"ann.0", b"ann.1", b"ann.2"}
    assert all(counts == sorted(counts) for counts in by_key.values())
