"""The entry of one employee: lossless, small, readable when measures were added."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from unit.detect.small_company import MONDAY_MS, exposure

from streamguard.activity import Verdict
from streamguard.baseline.day import DayNotes
from streamguard.baseline.employee import Case, EmployeeMemory
from streamguard.baseline.employee_codec import decode_employee, employee_key, encode_employee
from streamguard.baseline.measure import Measure
from streamguard.baseline.peers import PeerLevel

MEASURES = (Measure(1, 3_600_000.0, False), Measure(2, 43_200_000.0, True))
NUMBERS = (1, 2)
PEERS = (PeerLevel(4.0, 0.2, 0.3), None)


def worked(rows):
    memory = EmployeeMemory(2)
    memory.open_day(20_332, MONDAY_MS, MEASURES, PEERS)
    for minute, much in enumerate(rows):
        one = exposure("alice.smith", MONDAY_MS + minute * 61_000, much)
        memory.notes.add(one)
        memory.add(one.activity.time_ms, [float(much or 0), 1.0], MEASURES)
        for channel in memory.channels:
            if channel.peak > channel.next_peak:
                channel.rise()
    memory.note_closed()
    memory.channels[0].level.learn(4.2, 20_332, 14.0)
    memory.channels[1].cusum = 3.5
    memory.quarantined, memory.slot, memory.score, memory.strangeness = 3, 17, 4.5, 2.25
    memory.case = Case(b"0123456789abcdef", 5, 4, 2.5)
    return memory


@given(st.lists(st.none() | st.integers(0, 10**15), max_size=20))
def test_an_employee_is_decoded_as_encoded(rows):
    memory = worked(rows)
    data = encode_employee(memory, NUMBERS)
    again = decode_employee(data, NUMBERS)
    assert encode_employee(again, NUMBERS) == data
    for name in ("day", "last_ms", "quarantined", "recent", "score", "slot", "strangeness"):
        assert getattr(again, name) == getattr(memory, name)
    for old, new in zip(memory.channels, again.channels, strict=True):
        for name in ("cusum", "total", "peak", "mean", "deviation", "residual"):
            assert getattr(new, name) == getattr(old, name)
    for name in Case.__slots__:
        assert getattr(again.case, name) == getattr(memory.case, name)
    for name in (name for name in DayNotes.__slots__ if not name.startswith("_")):
        assert getattr(again.notes, name) == getattr(memory.notes, name)
    assert [channel.next_peak for channel in again.channels] == [channel.next_peak for channel in memory.channels]


def test_the_entry_of_an_ordinary_employee_is_about_half_a_kilobyte():
    assert len(encode_employee(worked([3] * 50), NUMBERS)) < 600


def test_no_input_makes_an_entry_larger_than_three_kilobytes():
    memory = worked([10**15] * 3)
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
        memory.notes.add(one)
        memory.notes.rows = 2**62
        memory.note_closed()
    data = encode_employee(memory, NUMBERS)
    assert len(data) <= 3000
    assert encode_employee(decode_employee(data, NUMBERS), NUMBERS) == data


def test_a_measure_added_later_begins_empty_and_the_others_stay():
    memory = worked([5])
    new = decode_employee(encode_employee(memory, NUMBERS), (9, 1))
    assert new.channels[0].level.effective_days == 0.0
    assert new.channels[1].level.numbers() == memory.channels[0].level.numbers()


def test_keys_tell_employees_apart_however_long_or_odd_their_names():
    names = ["alice", "login:alice", "x" * 500, "x" * 501, "\ud800", "", "é"]
    assert len({employee_key(name) for name in names}) == len(names)
    assert max(len(employee_key(name)) for name in names) < 256
