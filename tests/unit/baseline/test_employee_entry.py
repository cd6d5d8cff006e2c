"""The entry of one employee: lossless, small, bounded; entries of version 1 are read."""

from __future__ import annotations

import struct

from hypothesis import given, settings
from hypothesis import strategies as st
from unit.detect.small_company import MONDAY_MS, exposure

from streamguard.activity import Verdict
from streamguard.baseline.codec import Kind, Reader, Writer
from streamguard.baseline.day import MOST_TOTAL, DayNotes
from streamguard.baseline.employee import Case, EmployeeMemory
from streamguard.baseline.employee_codec import decode_employee, employee_key, encode_employee
from streamguard.baseline.habits import ATTRIBUTES
from streamguard.baseline.measure import HIGHEST_OCTAVE, LARGEST
from streamguard.baseline.shape import TABLE, Shapes, Symbol
from streamguard.baseline.symbols import MOST_KNOWN
from streamguard.baseline.usual import NOTHING_KNOWN

SHAPES = Shapes()


def take_in(memory, one):
    shape = SHAPES.shape(one)
    met = memory.notes.met.get(shape) or memory.notes.meet(shape, is_young=False)
    memory.add(one.activity.time_ms, one.activity.rows, met)
    bound = one.subjects_at_most or 0
    memory.notes.subjects_at_most = max(memory.notes.subjects_at_most, min(bound, MOST_TOTAL))


def worked(rows, shapes=30):
    memory = EmployeeMemory()
    memory.volumes[0].level.learn(4.2, 20_331, 14.0)
    memory.habits.open_day(20_331, 14.0)
    memory.habits.learn([5, 1, 0, 3], [9, 10, 14], 0b11111)
    memory.open_day(20_332, MONDAY_MS, NOTHING_KNOWN, 14.0)
    for minute, much in enumerate(rows):
        take_in(memory, exposure("alice.smith", MONDAY_MS + minute * 61_000, much))
    for number in range(shapes):
        memory.symbols.touch(number % len(ATTRIBUTES) << 32 | number)
    memory.symbols.note_young(1 << 32 | 7, 33)
    memory.notes.note_new(Symbol(TABLE, "crm.customers_eu"), 0)
    signs = memory.signs
    signs.octaves[:], signs.rarities[:], signs.news[:] = [7, 2, 0, 1], [31, 0, 0, 5], [0, 40, 0, 0, 3]
    signs.chains.extend(1, ("100", "200"))
    signs.longest_chain, signs.hours, signs.is_news, signs.honey = 1, 0b1011 << 8, 2, True
    signs.people.add((("id", ("h1", "h2", "h3")),))
    signs.novelty.rows, signs.novelty.tenths, signs.novelty.residual = 12, 41, 5
    memory.note_closed()
    memory.volumes[1].cusum = 3.5
    memory.quarantined, memory.slot, memory.score, memory.strangeness, memory.judged = 3, 17, 4.5, 2.25, 12
    memory.case = Case(b"0123456789abcdef", 5, 4, 2.5)
    return memory


@settings(deadline=None)
@given(st.lists(st.none() | st.integers(0, 10**15), max_size=20))
def test_an_employee_is_decoded_as_encoded(rows):
    memory = worked(rows)
    data = encode_employee(memory)
    again = decode_employee(data)
    assert encode_employee(again) == data
    for name in ("day", "last_ms", "quarantined", "recent", "score", "slot", "strangeness", "judged"):
        assert getattr(again, name) == getattr(memory, name)
    for old, new in zip(memory.volumes, again.volumes, strict=True):
        for name in ("cusum", "total", "peak", "mean", "deviation", "residual", "next_peak"):
            assert getattr(new, name) == getattr(old, name)
    for name in Case.__slots__:
        assert getattr(again.case, name) == getattr(memory.case, name)
    for name in (name for name in DayNotes.__slots__ if name != "met"):
        assert getattr(again.notes, name) == getattr(memory.notes, name)
    for name in ("octaves", "rarities", "news", "longest_chain", "hours", "is_news", "honey", "odd_hours"):
        assert getattr(again.signs, name) == getattr(memory.signs, name)
    assert again.signs.people.count == 3
    assert again.signs.chains.extend(1, ("200", "300")) == 2
    assert again.symbols.young == memory.symbols.young
    assert not again.symbols.touch(0)


def test_the_entry_of_an_ordinary_employee_is_about_a_kilobyte():
    assert len(encode_employee(worked([3] * 50, shapes=60))) < 1500


def test_no_input_makes_an_entry_larger_than_six_kilobytes():
    memory = worked([10**15] * 3, shapes=0)
    for day in range(HIGHEST_OCTAVE):
        memory.habits.open_day(20_332 + day, 1e9)
        memory.habits.learn([day] * len(LARGEST), range(24), 0b11111)
    for attribute in range(len(ATTRIBUTES)):
        for number in range(2 * max(MOST_KNOWN)):
            memory.symbols.touch(attribute << 32 | number)
            memory.symbols.note_young(attribute << 32 | number, 150)
    for number in range(300):
        name = f"{number:04d}" + "x" * 5000
        one = exposure(
            "a",
            MONDAY_MS,
            2**53,
            categories={name: Verdict.SEEN},
            subjects_at_most=2**80,
            sensitivity=10**9,
            tables=(name,),
            database=name,
            regions=(name,),
        )
        take_in(memory, one)
        memory.notes.note_new(Symbol(TABLE, name), 0)
        memory.notes.rows = 2**62
        memory.note_closed()
        memory.signs.chains.extend(1, (str(number), str(number + 1)))
        memory.signs.people.add((("id", (name,)),))
    memory.signs.odd_hours = dict.fromkeys(range(24), 255)
    data = encode_employee(memory)
    assert len(data) <= 6 * 1024
    assert encode_employee(decode_employee(data)) == data


def test_an_entry_of_version_1_is_read():
    out = Writer(Kind.EMPLOYEE)
    out.fields(struct.Struct("<BqqiHdd"), 3, 20_332, MONDAY_MS, 17, 2, 4.5, 2.25)
    out.count(1)
    out.count(2)
    out.fields(struct.Struct("<5d5dh"), 3.0, 4.0, 0.5, 3.0, 20_000.0, 1.5, 120.0, 130.0, 4.0, 0.5, 17)
    out.count(2)
    out.count(40)
    out.count(310)
    out.fields(struct.Struct("<qqqqB"), 1, 2, 3, 4, 2)
    for number in (130, 9, 1, 20, 30, 60_000, 1):
        out.count(number)
    out.text("crm.customers")
    for number in (130, 0, 0):
        out.count(number)
    out.fields(struct.Struct("<16sqqd"), b"0123456789abcdef", 5, 4, 2.5)
    out.count(7)
    out.count(70)
    memory = decode_employee(b"\x01" + out.bytes()[1:])
    assert (memory.day, memory.slot, memory.quarantined, memory.recent) == (20_332, 17, 2, [40, 310])
    assert (memory.volumes[1].level.mean, memory.volumes[1].cusum, memory.volumes[1].residual) == (4.0, 1.5, 17)
    assert memory.volumes[0].level.effective_days == 0.0
    assert (memory.notes.rows, memory.notes.statements, memory.notes.table_rows) == (130, 9, {"crm.customers": 130})
    assert (memory.case.uid, memory.case.rows) == (b"0123456789abcdef", 70)
    assert Reader(encode_employee(memory), Kind.EMPLOYEE).version == 2


def test_keys_tell_employees_apart_however_long_or_odd_their_names():
    names = ["alice", "login:alice", "x" * 500, "x" * 501, "\ud800", "", "é"]
    assert len({employee_key(name) for name in names}) == len(names)
    assert max(len(employee_key(name)) for name in names) < 256
