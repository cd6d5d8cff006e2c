"""The notes of a day: totals, bursts, verdicts."""

from __future__ import annotations

from unit.detect.small_company import MONDAY_MS, exposure

from streamguard.activity import Verdict
from streamguard.baseline.day import BURST_GAP_MS, MOST_NEWS, DayNotes
from streamguard.baseline.employee import EmployeeMemory
from streamguard.baseline.shape import TABLE, Shapes, Symbol
from streamguard.baseline.usual import NOTHING_KNOWN

SHAPES = Shapes()


def add(memory, one):
    shape, notes = SHAPES.shape(one), memory.notes
    memory.add(one.activity.time_ms, one.activity.rows, notes.met.get(shape) or notes.meet(shape, is_young=False))


def notes_of(*steps, **changes):
    memory = EmployeeMemory()
    memory.open_day(20_332, MONDAY_MS + steps[0][0], NOTHING_KNOWN, 14.0)
    for time_ms, rows in steps:
        add(memory, exposure("a", MONDAY_MS + time_ms, rows, **changes))
    return memory.notes


def test_rows_that_were_not_counted_are_not_invented():
    notes = notes_of((0, 5), (1, None), (2, None))
    assert (notes.rows, notes.statements, notes.without_rows) == (5, 3, 2)


def test_a_burst_ends_with_a_pause():
    notes = notes_of((0, 1), (60_000, 2), (60_001 + BURST_GAP_MS, 4), (120_000 + BURST_GAP_MS, 8))
    assert (notes.burst_rows, notes.burst_start_ms - MONDAY_MS) == (12, 60_001 + BURST_GAP_MS)
    assert notes.first_ms == MONDAY_MS


def test_records_out_of_order_belong_where_they_are():
    notes = notes_of((60_000, 1), (0, 2))
    assert (notes.first_ms - MONDAY_MS, notes.burst_rows) == (0, 3)
    assert notes.burst_start_ms == MONDAY_MS


def test_the_strongest_verdict_of_the_day_stands():
    memory = EmployeeMemory()
    for verdict in (Verdict.NOT_SEEN, Verdict.SEEN, Verdict.CANNOT_TELL):
        add(memory, exposure("a", MONDAY_MS, 1, categories={"phone_number": verdict}))
    add(memory, exposure("a", MONDAY_MS, 1, categories={"name": Verdict.CANNOT_TELL}))
    memory.notes.fold()
    assert memory.notes.categories == {"phone_number": Verdict.SEEN, "name": Verdict.CANNOT_TELL}
    assert memory.notes.tables == ["crm.public.customers"]


def test_each_category_and_table_has_the_rows_of_the_statements_that_exposed_it():
    memory = EmployeeMemory()
    seen, not_seen = Verdict.SEEN, Verdict.NOT_SEEN
    tickets = {"tables": ("public.tickets",), "categories": {"name": seen, "health": not_seen}}
    for _ in range(2):
        add(memory, exposure("a", MONDAY_MS, 20, **tickets))
        memory.notes.fold()
    add(memory, exposure("a", MONDAY_MS, 5_000, categories={"email_address": seen, "name": not_seen}))
    add(memory, exposure("a", MONDAY_MS, None, categories={"email_address": seen}))
    memory.notes.fold()
    assert memory.notes.category_rows == {"name": 40, "email_address": 5_000}
    assert memory.notes.table_rows == {"crm.public.tickets": 40, "crm.public.customers": 5_000}


def test_the_first_names_of_what_is_new_are_kept():
    notes = DayNotes()
    for number in range(MOST_NEWS + 3):
        notes.note_new(Symbol(TABLE, f"crm.t{number}"), 1)
    assert [novelty.name for novelty in notes.news] == [f"crm.t{number}" for number in range(MOST_NEWS)]
    assert notes.news[0].fame == 1
