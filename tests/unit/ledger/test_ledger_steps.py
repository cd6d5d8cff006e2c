"""Steps of cursors: kept with the exposures and forgotten with them, but counted nowhere."""

from __future__ import annotations

import pytest
from ledger_samples import EVER, START_MS, block_of, content, history, in_order
from msgspec.structs import replace

from streamguard.activity import Origin
from streamguard.ledger import Held, LedgerStore, LedgerWriter, Pseudonyms, Purge, Span, decode
from streamguard.ledger.rows import DAY_MS
from streamguard.ledger.totals import By, totals
from streamguard.resolve.cursors import fetched_rows

LOG = history(30)


def step(employee, offset, time_ms, verb, text, rows=None):
    model = LOG[0]
    told = replace(
        model.activity,
        origin=Origin("audit", 9, 7, offset, 0),
        time_ms=time_ms,
        verb=verb,
        statement=text,
        tables=(),
        subjects=(),
        rows=None,
        rows_at_most=rows,
    )
    return replace(model, activity=told, employee=employee, categories={}, sensitivity=0, regions=())


def cursor(employee, offset, time_ms):
    """A cursor that exposes personal data."""
    made = step(employee, offset, time_ms, "DECLARE CURSOR", "declare leaving cursor for select id from customers")
    return replace(made, sensitivity=2, categories=LOG[0].categories)


DECLARED = cursor("anna", 0, START_MS + 1)
STEPS = [
    step("anna", 1, START_MS + 2, "FETCH", "fetch ? from leaving", 250),
    step("anna", 2, START_MS + DAY_MS, "FETCH", "fetch ? from leaving", 100),
    # The name is another cursor's from here on.
    step("anna", 3, START_MS + DAY_MS + 1, "DECLARE CURSOR", "declare leaving cursor for select ? from orders"),
    step("anna", 4, START_MS + DAY_MS + 2, "FETCH", "fetch all from leaving"),
    step("bob", 5, START_MS + DAY_MS + 3, "MOVE", "move ? from other", 7),
]
EVERYTHING = [*LOG, DECLARED, *STEPS]


@pytest.fixture
def directory(tmp_path):
    with LedgerWriter(tmp_path, threads=1, memory_mb=256) as store:
        store.take(0, 1, block_of(EVERYTHING[::2]))
        assert store.commit().taken == sum(not one.is_step for one in EVERYTHING[::2])
        # The same once more is nothing new.
        store.take(0, 2, block_of(EVERYTHING))
        done = store.commit()
        assert done.rows == len(LOG) + 1
    return tmp_path


def steps_in(directory, span=EVER, employees=None):
    return list(LedgerStore(directory).steps(span, employees))


def test_they_are_held_beside_what_is_personal():
    held = Held(10.0, Pseudonyms(None))
    harmless = replace(LOG[0], sensitivity=0)
    held.take(1, [harmless, *STEPS], 0.0)
    assert [one for value in held.release() for one in decode(value).exposures] == STEPS


def test_they_are_apart_from_exposures_in_every_answer(directory):
    assert content(directory) == in_order([*LOG, DECLARED])
    assert steps_in(directory) == in_order(STEPS)
    assert steps_in(directory, Span(START_MS + DAY_MS, START_MS + 2 * DAY_MS), ["anna"]) == in_order(STEPS[1:4])
    (total,) = totals(LedgerStore(directory), EVER, [])
    assert total.statements == len(LOG) + 1
    assert sum(one.statements for one in totals(LedgerStore(directory), EVER, [By.EMPLOYEE])) == len(LOG) + 1


def test_they_say_how_much_of_a_cursor_was_fetched_and_of_which(directory):
    told = sorted([*content(directory), *steps_in(directory)], key=lambda one: (one.activity.time_ms, one.origin))
    assert fetched_rows(one.activity for one in told)[DECLARED.origin] == 350


def test_retention_and_purges_take_them_too(directory):
    with LedgerWriter(directory, threads=1, memory_mb=256) as store:
        store.take(0, 3, Purge(START_MS + 9 * DAY_MS, "bob"))
        store.commit()
        assert steps_in(directory) == in_order(STEPS[:4])
        store.retire(START_MS + DAY_MS)
        store.commit()
        assert steps_in(directory) == in_order(STEPS[1:4])
        store.retire(START_MS + 9 * DAY_MS)
        store.commit()
    assert list(directory.glob("*.parquet")) == []
