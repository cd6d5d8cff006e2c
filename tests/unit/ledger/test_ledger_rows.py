"""Exposures become rows and come back, whatever is in them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_samples import exposures, history, kept
from msgspec.structs import replace

from streamguard.ledger import shape
from streamguard.ledger.rows import COLUMNS, from_row, to_rows


def back(some):
    taken = to_rows(some)
    shapes = {uid: shape.decode(body) for uid, body in taken.shapes.items()}
    columns = [taken.rows[name].to_pylist() for name in COLUMNS]
    return [from_row(row, shapes[row[COLUMNS.index("shape")]]) for row in zip(*columns, strict=True)]


@settings(max_examples=100)
@given(st.lists(exposures, max_size=3))
def test_nothing_is_lost_but_what_nobody_needs(some):
    assert back(some) == [kept(one) for one in some]


def test_a_count_that_no_column_holds_is_the_largest_it_can():
    (one,) = history(1)
    (found,) = back([replace(one, activity=replace(one.activity, rows=2**70))])
    assert found.activity.rows == 2**63 - 1


def test_a_shape_is_kept_once():
    assert len(to_rows(history(500)).shapes) == 2 * 2 * 3
