"""Totals of days that are over: made once, right in every question, gone with what they counted."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_samples import EVER, START_MS, block_of, history
from msgspec.structs import replace
from test_ledger_totals import added_up

from streamguard.ledger import By, LedgerStore, LedgerWriter, Purge, Span, rollups, totals
from streamguard.ledger.rows import DAY_MS

DAYS = 40
LOG = history(800, days=DAYS, seed=6)
LATE = [
    replace(one, activity=replace(one.activity, origin=one.origin._replace(epoch=8)))
    for one in LOG
    if one.origin.offset % 9 == 0
]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(rollups, "LEAST_ROWS", 50)


def build(directory, *blocks):
    with LedgerWriter(directory, threads=1, memory_mb=256) as writer:
        for number, some in enumerate(blocks):
            writer.take(0, number + 1, some)
            writer.commit()
        return writer.manifest


def counted(directory, span, by, some):
    found = totals(LedgerStore(directory, threads=1), span, by)
    inside = [one for one in some if span.from_ms <= one.activity.time_ms < span.to_ms]
    assert {one.key: one[1:] for one in found} == added_up(inside, by)


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    place = tmp_path_factory.mktemp("ledger")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rollups, "LEAST_ROWS", 50)
        told = build(place, block_of(LOG), block_of(LATE))
    assert len(told.rollups) == 5

    return place


@settings(max_examples=25)
@given(
    by=st.lists(st.sampled_from(By), unique=True),
    days=st.tuples(st.integers(0, DAYS), st.integers(0, DAYS)),
    shift=st.sampled_from((0, 1, DAY_MS // 2)),
)
def test_they_change_no_answer(directory, by, days, shift):
    first, last = sorted(days)
    counted(directory, Span(START_MS + first * DAY_MS + shift, START_MS + last * DAY_MS), by, [*LOG, *LATE])
    counted(directory, EVER, by, [*LOG, *LATE])


def test_they_are_read(directory, tmp_path):
    """An answer from files that are not there tells which files it would be from."""
    for path in directory.iterdir():
        if path.is_file() and not path.name.startswith("t"):
            (tmp_path / path.name).write_bytes(path.read_bytes())
    store = LedgerStore(tmp_path, threads=1)
    assert totals(store, EVER, [By.DAY])
    with pytest.raises(Exception, match=r"t\d+-\d+\.parquet"):
        totals(store, EVER, [By.EMPLOYEE])


def test_they_go_with_what_is_forgotten(tmp_path):
    told = build(tmp_path, block_of(LOG), Purge(START_MS + 12 * DAY_MS, "anna"))
    left = [one for one in LOG if one.employee != "anna" or one.activity.time_ms >= START_MS + 12 * DAY_MS]
    counted(tmp_path, EVER, [By.EMPLOYEE, By.REGION], left)
    assert {path.name for path in tmp_path.glob("t*.parquet")} == {one.name for one in told.rollups.values()}
    with LedgerWriter(tmp_path, threads=1, memory_mb=256) as writer:
        writer.retire(START_MS + 20 * DAY_MS)
        writer.commit()
        writer.commit()
        told = writer.manifest
    counted(tmp_path, EVER, [By.EMPLOYEE], [one for one in left if one.activity.time_ms >= START_MS + 20 * DAY_MS])
    assert {path.name for path in tmp_path.glob("t*.parquet")} == {one.name for one in told.rollups.values()}
