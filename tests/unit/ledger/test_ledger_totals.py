"""Totals are what adding up the exposures one by one gives."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_samples import EVER, block_of, history

from streamguard.activity import Verdict
from streamguard.ledger import By, LedgerStore, LedgerWriter, Pseudonyms, Span, totals

LOG = history(400, seed=5)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    directory = tmp_path_factory.mktemp("ledger")
    with LedgerWriter(directory, threads=1, memory_mb=256) as writer:
        writer.take(0, 1, block_of(LOG))
        writer.commit()
    return LedgerStore(directory, threads=1)


def words(one, by):
    if by is By.EMPLOYEE:
        return [one.employee]
    if by is By.GROUP:
        return [one.peer_group]
    if by is By.DAY:
        return [f"{datetime.fromtimestamp(one.activity.time_ms / 1000, tz=UTC):%Y-%m-%d}"]
    if by is By.REGION:
        return list(one.regions) or ["unknown"]
    marks = {Verdict.SEEN: "", Verdict.CANNOT_TELL: " (cannot tell)"}
    return [name + marks[verdict] for name, verdict in one.categories.items() if verdict in marks]


def added_up(some, by):
    found = defaultdict(lambda: [0, 0, 0])
    for one in some:
        for key in product(*(words(one, each) for each in by)):
            rows = one.activity.rows
            found[key] = [a + b for a, b in zip(found[key], (1, rows or 0, rows is None), strict=True)]
    return {key: tuple(counts) for key, counts in found.items()}


@settings(max_examples=25)
@given(by=st.lists(st.sampled_from(By), unique=True), bounds=st.tuples(st.integers(0, 399), st.integers(0, 399)))
def test_totals_by_anything(store, by, bounds):
    span = Span(*sorted(LOG[at].activity.time_ms for at in bounds))
    inside = [one for one in LOG if span.from_ms <= one.activity.time_ms < span.to_ms]
    found = totals(store, span, by)
    assert {one.key: one[1:] for one in found} == added_up(inside, by)
    assert found == sorted(found, key=lambda one: (-one.statements, one.key))


def test_totals_of_some_people_only_and_no_more_than_asked_for(store):
    found = totals(store, EVER, [By.EMPLOYEE, By.CATEGORY], ["anna", "nobody"], limit=2)
    assert [one.key[0] for one in found] == ["anna", "anna"]


def test_totals_of_pseudonyms_bear_the_names_they_were_asked_with(tmp_path):
    names = Pseudonyms(b"0123456789abcdef")
    with LedgerWriter(tmp_path, threads=1, memory_mb=256) as writer:
        writer.take(0, 1, block_of([names.mask(one) for one in LOG]))
        writer.commit()
    (found,) = totals(LedgerStore(tmp_path, names), EVER, [By.EMPLOYEE], ["anna"])
    assert found.key == ("anna",)
