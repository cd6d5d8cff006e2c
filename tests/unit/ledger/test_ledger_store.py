"""The store: whatever is delivered twice, torn apart, late or after a crash, it holds every exposure once."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_samples import EVER, START_MS, block_of, content, exposures, history, in_order, kept

from streamguard.ledger import LedgerBusyError, LedgerError, LedgerStore, LedgerWriter, Pseudonyms, Purge, Span
from streamguard.ledger.rows import DAY_MS
from streamguard.ledger.worth import MAX_SEGMENTS

LOG = history(60)
KEY = b"0123456789abcdef"
few_examples = settings(max_examples=15, suppress_health_check=list(HealthCheck))


@contextmanager
def scratch():
    directory = Path(tempfile.mkdtemp())
    try:
        yield directory / "store"
    finally:
        shutil.rmtree(directory)


def writer(directory):
    return LedgerWriter(directory, threads=1, memory_mb=256)


def build(directory, *blocks, partition=0):
    with writer(directory) as store:
        for number, some in enumerate(blocks):
            store.take(partition, number + 1, block_of(some))
        return store.commit(caught_up=True)


@few_examples
@given(exposures)
def test_any_exposure_survives_the_disk(one):
    with scratch() as directory:
        build(directory, [one])
        assert content(directory) == [kept(one)]


pieces = st.tuples(st.integers(0, len(LOG)), st.integers(0, len(LOG))).map(sorted)
deliveries = st.lists(st.tuples(pieces, st.sampled_from(["", "", "commit", "commit", "crash"])), max_size=12)


@few_examples
@given(deliveries, st.randoms(use_true_random=False))
def test_blocks_cut_anywhere_repeated_and_overlapping_change_nothing(steps, shuffle):
    """A crash takes what was not committed from memory; the positions then say so, and it is read again."""
    with scratch() as directory:
        topic = [LOG[begin:end] for (begin, end), _ in steps]
        # In the end everything was delivered at least once.
        rest = [LOG[start : start + 17] for start in range(0, len(LOG), 17)]
        shuffle.shuffle(rest)
        topic += rest
        store = writer(directory)
        for what in [what for _, what in steps] + ["commit"] * len(rest):
            at = store.position(0) or 0
            store.take(0, at + 1, block_of(topic[at]))
            if what == "commit":
                store.commit()
            elif what == "crash":
                store.close()
                store = writer(directory)
        while (at := store.position(0) or 0) < len(topic):
            store.take(0, at + 1, block_of(topic[at]))
        store.commit()
        store.close()
        assert content(directory) == in_order(LOG)


@few_examples
@given(st.permutations(range(6)), st.permutations(range(6)))
def test_a_purge_holds_for_what_comes_before_and_after_it(first, second):
    until_ms = START_MS + 2 * DAY_MS + 5_000
    orders = [Purge(until_ms, "anna"), Purge(START_MS + DAY_MS // 2)]
    records = [block_of(LOG[:20]), block_of(LOG[20:40]), block_of(LOG[40:]), block_of(LOG[10:30]), *orders]
    expected = [
        one
        for one in in_order(LOG)
        if one.activity.time_ms >= START_MS + DAY_MS // 2
        and not (one.employee == "anna" and one.activity.time_ms < until_ms)
    ]
    for order in (first, second):
        with scratch() as directory:
            with writer(directory) as store:
                for at, number in enumerate(order):
                    store.take(0, at + 1, records[number])
                    if at % 2:
                        store.commit()
                store.commit()
            assert content(directory) == expected


def test_commits_say_what_they_did(tmp_path):
    with writer(tmp_path) as store:
        store.take(0, 1, block_of(LOG[:40]))
        first = store.commit()
        store.take(0, 2, block_of(LOG[30:]))
        store.take(0, 3, block_of(LOG[:10]))
        second = store.commit()
        store.take(0, 4, Purge(START_MS + DAY_MS))
        third = store.commit()
    assert (first.taken, first.known, first.rows) == (40, 0, 40)
    assert (second.taken, second.known, second.rows) == (20, 20, 60)
    assert third.forgotten == 60 - third.rows > 0
    assert third.size_bytes == sum(path.stat().st_size for path in tmp_path.glob("d*.parquet"))


def test_a_store_built_twice_is_the_same_but_for_how_it_was_cut(tmp_path):
    build(tmp_path / "one", LOG)
    build(tmp_path / "two", LOG[30:], LOG[:45])
    assert content(tmp_path / "one") == content(tmp_path / "two") == in_order(LOG)


def test_many_small_commits_become_few_files(tmp_path):
    with writer(tmp_path) as store:
        for at, one in enumerate(LOG):
            store.take(0, at + 1, block_of([one]))
            store.commit()
        # The last days may still be open; what is older is one file.
        store.commit()
        days = store.manifest.days
        old = [segments for day, segments in days.items() if int(day) <= max(map(int, days)) - 2]
        assert old
        assert all(len(segments) == 1 for segments in old)
        assert all(len(segments) <= MAX_SEGMENTS for segments in days.values())
        names = {path.name for path in tmp_path.glob("*.parquet")}
        assert names == store.manifest.files
    assert content(tmp_path) == in_order(LOG)


def test_retention_takes_whole_days_and_the_shapes_that_nobody_has_any_more(tmp_path):
    build(tmp_path, LOG)
    with writer(tmp_path) as store:
        store.retire(START_MS + 3 * DAY_MS + DAY_MS // 2)
        store.commit()
    expected = [one for one in in_order(LOG) if one.activity.time_ms >= START_MS + 3 * DAY_MS]
    assert content(tmp_path) == expected
    with writer(tmp_path) as store:
        store.retire(START_MS + 9 * DAY_MS)
        store.commit()
        assert not store.manifest.files
    assert list(tmp_path.glob("*.parquet")) == []
    assert content(tmp_path) == []


def test_an_erased_employee_is_in_no_file(tmp_path):
    build(tmp_path, LOG)
    with writer(tmp_path) as store:
        store.take(0, 9, Purge(START_MS + 9 * DAY_MS, "anna"))
        store.commit()
    assert not any(b"anna_db" in path.read_bytes() for path in tmp_path.glob("*.parquet"))
    assert any(b"bob_db" in path.read_bytes() for path in tmp_path.glob("*.parquet"))


def test_what_a_crash_left_is_removed_and_what_it_did_not_finish_is_not_there(tmp_path):
    build(tmp_path, LOG[:30])
    before = content(tmp_path)
    (tmp_path / "d20717-99999999.parquet").write_bytes(b"half")
    (tmp_path / "manifest.json.new").write_bytes(b"{")
    assert content(tmp_path) == before
    with writer(tmp_path):
        assert not (tmp_path / "d20717-99999999.parquet").exists()
    assert content(tmp_path) == before


def test_a_commit_that_failed_is_not_repeated_from_memory(tmp_path, monkeypatch):
    build(tmp_path, LOG[:30])
    with writer(tmp_path) as store:
        store.take(0, 2, block_of(LOG[30:]))
        monkeypatch.setattr("streamguard.ledger.parquet.sync", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            store.commit()
        monkeypatch.undo()
        with pytest.raises(LedgerError, match="open the ledger again"):
            store.commit()
    assert content(tmp_path) == in_order(LOG[:30])
    with writer(tmp_path) as store:
        assert store.position(0) == 1


def test_there_is_one_writer(tmp_path):
    with writer(tmp_path), pytest.raises(LedgerBusyError, match="another"):
        writer(tmp_path)
    writer(tmp_path).close()


def test_a_topic_created_anew_is_read_from_its_beginning(tmp_path):
    with writer(tmp_path) as store:
        store.begin("id-1")
        store.take(0, 8, block_of(LOG))
        store.commit()
    for topic_id, position in (("", 8), ("id-1", 8), ("id-2", None)):
        with writer(tmp_path) as store:
            store.begin(topic_id)
            assert store.position(0) == position


# -- looking


def test_a_span_and_employees_are_what_was_asked_for(tmp_path):
    build(tmp_path, LOG)
    span = Span(LOG[11].activity.time_ms, LOG[50].activity.time_ms)
    asked = ["anna", "carla", "nobody"]
    found = list(LedgerStore(tmp_path).exposures(span, asked))
    assert found == [
        one for one in in_order(LOG) if span.from_ms <= one.activity.time_ms < span.to_ms and one.employee in asked
    ]
    assert list(LedgerStore(tmp_path).exposures(EVER, [])) == []
    assert list(LedgerStore(tmp_path).exposures(Span(0, START_MS - 9 * DAY_MS))) == []


def test_it_is_complete_up_to_the_slowest_partition_or_to_where_it_had_caught_up(tmp_path):
    early, late = LOG[10].activity.time_ms, LOG[59].activity.time_ms
    with writer(tmp_path) as store:
        store.commit()
        assert LedgerStore(tmp_path).complete_until() is None
        store.take(0, 1, block_of(LOG[59:]))
        store.take(1, 1, block_of(LOG[10:11]))
        store.commit()
        assert LedgerStore(tmp_path).complete_until() == early
        store.commit(caught_up=True)
        assert LedgerStore(tmp_path).complete_until() == late


def test_readers_see_files_that_were_replaced_meanwhile(tmp_path):
    """Between the manifest and the files it names the writer may have been at work: then the question is asked again."""
    build(tmp_path, LOG)
    store = LedgerStore(tmp_path)
    old = store.manifest()
    with writer(tmp_path) as changing:
        changing.take(0, 9, Purge(START_MS + DAY_MS, "anna"))
        changing.commit()
    new = store.manifest()
    answers = iter([old, new])
    store.manifest = lambda: next(answers, new)
    expected = [x for x in in_order(LOG) if x.employee != "anna" or x.activity.time_ms >= START_MS + DAY_MS]
    assert list(store.exposures(EVER)) == expected


def test_a_file_that_is_gone_for_good_is_said_to_be(tmp_path):
    build(tmp_path, LOG)
    next(tmp_path.glob("d*.parquet")).unlink()
    with pytest.raises(LedgerError, match="build the store anew"):
        content(tmp_path)


def test_where_there_is_no_store_it_says_how_to_get_one(tmp_path):
    with pytest.raises(LedgerError, match="streamguard ledger run"):
        content(tmp_path)


@pytest.mark.parametrize("text", ['{"version": 2}', "[]", '{"days": 5}'])
def test_a_manifest_that_is_not_of_this_version_is_refused_by_everybody(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(LedgerError, match="anew"):
        content(tmp_path)
    with pytest.raises(LedgerError, match="anew"):
        writer(tmp_path)


def test_only_who_has_the_key_can_ask_for_a_person(tmp_path):
    names = Pseudonyms(KEY)
    build(tmp_path, [names.mask(one) for one in LOG])
    expected = [one.origin for one in in_order(LOG) if one.employee == "anna"]
    found = list(LedgerStore(tmp_path, names).exposures(EVER, ["anna"]))
    assert [one.origin for one in found] == expected
    assert {one.employee for one in found} == {"anna"}
    with pytest.raises(LedgerError, match=r"ledger\.pseudonym_key"):
        list(LedgerStore(tmp_path).exposures(EVER, ["anna"]))
    assert list(LedgerStore(tmp_path, Pseudonyms(b"a wrong key, long enough")).exposures(EVER, ["anna"])) == []
    everybody = {one.employee for one in LedgerStore(tmp_path).exposures(EVER)}
    assert everybody == {names.employee(name) for name in ("anna", "bob", "carla")}
    assert len(list(LedgerStore(tmp_path).exposures(EVER, [names.employee("anna")]))) == len(expected)
