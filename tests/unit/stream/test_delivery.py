"""Runs: every record once, in the order of its partition, no partition starved."""

from __future__ import annotations

from itertools import pairwise

from faust.types import TP
from hypothesis import given
from hypothesis import strategies as st
from stream_fakes import record

from streamguard.stream.delivery import PIECE_BYTES, Fetched, Run, RunRecord, RunScheduler, RunSchema, pieces


class Small(RunScheduler):
    run_records = 3


FETCHES = st.dictionaries(
    st.sampled_from([TP("audit", partition) for partition in range(3)]),
    st.lists(st.integers(0, 9), max_size=10),
    max_size=3,
)


def iterate(lengths):
    fetched = {tp: Fetched([record(offset) for offset in range(len(some))], 7, 0) for tp, some in lengths.items()}
    return list(Small().iterate(fetched))


@given(FETCHES)
def test_every_record_comes_once_in_the_order_of_its_partition(lengths):
    got = {tp: [] for tp in lengths}
    for tp, one in iterate(lengths):
        assert 1 <= len(one.value.records) <= Small.run_records
        assert one.offset == one.value.records[-1].offset
        assert one.value.seeks == 7
        assert one.value.begin == (got[tp][-1] + 1 if got[tp] else 0)
        got[tp] += [r.offset for r in one.value.records]
    assert got == {tp: list(range(len(some))) for tp, some in lengths.items()}


@given(FETCHES)
def test_partitions_take_turns(lengths):
    order = [tp for tp, _ in iterate(lengths)]
    for tp in lengths:
        own = [at for at, other in enumerate(order) if other == tp]
        assert all(order[a + 1 : b].count(other) <= 1 for a, b in pairwise(own) for other in lengths)


@given(st.lists(st.sampled_from([0, 1, PIECE_BYTES // 2, PIECE_BYTES, 2 * PIECE_BYTES])))
def test_pieces_are_all_of_a_run_and_end_when_they_are_full(sizes):
    records = [record(offset, b"x" * size) for offset, size in enumerate(sizes)]
    cut = [[len(r.value) for r in piece] for piece in pieces(records)]
    assert [size for piece in cut for size in piece] == sizes
    assert all(piece and sum(piece[:-1]) < PIECE_BYTES for piece in cut)
    assert all(sum(piece) >= PIECE_BYTES for piece in cut[:-1])


def test_a_run_looks_like_a_record_to_faust_and_passes_its_schema_untouched():
    one = RunRecord(TP("audit", 0), [record(3), record(5)], 1, 2)
    schema = RunSchema()
    assert (one.topic, one.partition, one.offset, one.key, one.headers) == ("audit", 0, 5, None, None)
    assert schema.loads_key(None, one) is None
    assert schema.loads_value(None, one) is one.value
    assert isinstance(one.value, Run)


def test_records_fetched_by_somebody_else_count_as_never_sought():
    ((_, one),) = Small().iterate({TP("audit", 0): [record(0)]})
    assert one.value.seeks == 0
