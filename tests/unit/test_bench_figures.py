"""The report's arithmetic: ratios point the right way, ranges hold every run, and unequal work is never compared."""

from __future__ import annotations

import pytest
from bench import figures
from bench.tables import core
from hypothesis import given
from hypothesis import strategies as st

POSITIVE = st.floats(1e-6, 1e6)
PAIRS = st.lists(st.tuples(POSITIVE, POSITIVE), min_size=1, max_size=9)


def run(cost: float, done: int = 1_000, read: int = 1_000) -> dict:
    return {
        "name": "x 1.0",
        "cpu_us_per_record": cost,
        "peak_mb": 1,
        "read": read,
        "done": done,
        "build": "interpreted",
    }


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    # Of medians it would be 20: the slow round slowed both.
    assert figures.paired_ratio([60.0, 120.0, 61.0], [3.0, 6.0, 4.0]) == (20.0, 15.25, 20.0)


def test_unpaired_runs_have_no_ratio() -> None:
    with pytest.raises(ValueError, match="zip"):
        figures.paired_ratio([1.0, 2.0], [1.0])


@given(PAIRS)
def test_a_ratio_the_other_way_round_is_its_inverse(pairs: list[tuple[float, float]]) -> None:
    above, below = zip(*pairs, strict=True)
    there, back = figures.paired_ratio(above, below), figures.paired_ratio(below, above)
    assert there.lowest == pytest.approx(1 / back.highest)
    assert there.highest == pytest.approx(1 / back.lowest)
    if len(pairs) % 2:
        assert there.median == pytest.approx(1 / back.median)


@given(st.lists(POSITIVE, min_size=1), st.floats(0.1, 100))
def test_a_percentile_is_a_value_that_enough_do_not_exceed(values: list[float], percent: float) -> None:
    found = figures.percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) >= percent * len(values) / 100 - 1e-9
    assert sum(value < found for value in values) < percent * len(values) / 100


@pytest.mark.parametrize(("values", "percent"), [([], 50), ([1.0], 0), ([1.0], 101)])
def test_there_is_no_percentile_of_nothing(values: list[float], percent: float) -> None:
    with pytest.raises(ValueError, match="percentile"):
        figures.percentile(values, percent)


def test_others_are_measured_by_what_this_pipeline_costs() -> None:
    found = {one.label: [run(10.0), run(12.0)] for one in core.CONTESTANTS}
    found[core.OURS.label] = [run(2.0), run(3.0)]
    result = core.report(found, {}, 1_000)
    assert [row.ratio for row in result.rows] == [(1.0, 1.0, 1.0)] + [(4.5, 4.0, 5.0)] * 4
    assert result.rows[1].cells["records/s/core"] == "90,909"


@pytest.mark.parametrize("done", [980, 0])
def test_who_did_less_work_has_a_row_that_says_so(done: int) -> None:
    found = {one.label: [run(10.0)] for one in core.CONTESTANTS}
    found["bare aiokafka loop (the limit)"].append(run(1.0, done=done))
    rows = core.report(found, {}, 1_000).rows
    assert "did not do the same work" in rows[-1].failure
    assert rows[-1].ratio is None
    assert not rows[-1].cells
    assert all(row.failure is None for row in rows[:-1])


def test_who_read_less_may_have_done_the_same_work() -> None:
    assert core.different_work({"a": [run(1.0)], "b": [run(1.0, done=199, read=200)]}) == {}


def test_without_this_pipeline_there_are_figures_and_no_ratios() -> None:
    found = {one.label: [run(10.0)] for one in core.CONTESTANTS}
    found[core.OURS.label] = []
    rows = core.report(found, {core.OURS.label: "did not run: boom"}, 1_000).rows
    assert rows[0].failure == "did not run: boom"
    assert all(row.ratio is None and row.cells for row in rows[1:])
