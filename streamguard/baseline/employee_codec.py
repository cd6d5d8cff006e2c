"""The state entry of one employee: at most 3 KB, usually some 500 bytes."""

from __future__ import annotations

import struct
from hashlib import blake2b
from typing import TYPE_CHECKING

from streamguard.baseline.codec import Kind, Reader, Writer
from streamguard.baseline.day import DayNotes
from streamguard.baseline.employee import Case, Channel, EmployeeMemory
from streamguard.baseline.level import NUMBERS, Level

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEAD = struct.Struct("<BqqiHdd")
_CHANNEL = struct.Struct("<5d5dh")
_CASE = struct.Struct("<16sqqd")
_OPEN, _IN_CASE = 1, 2
_LONGEST_NAME = 160


def employee_key(employee: str) -> bytes:
    """Return the state key of an employee: ``e:`` and the id; a very long id is cut and made unique."""
    name = employee.encode("utf-8", "surrogatepass")
    if len(name) > _LONGEST_NAME:
        name = name[:_LONGEST_NAME] + b"#" + blake2b(name, digest_size=16).hexdigest().encode()
    return b"e:" + name


def encode_employee(memory: EmployeeMemory, numbers: Sequence[int]) -> bytes:
    """Encode; ``numbers`` are those of the measures, in the order of the channels."""
    out = Writer(Kind.EMPLOYEE)
    flags = (_OPEN if memory.day is not None else 0) | (_IN_CASE if memory.case else 0)
    out.fields(
        _HEAD,
        flags,
        memory.day or 0,
        memory.last_ms,
        memory.slot,
        memory.quarantined,
        memory.score,
        memory.strangeness,
    )
    out.count(len(memory.channels))
    for number, channel in zip(numbers, memory.channels, strict=True):
        out.count(number)
        _write_channel(out, channel)
    out.count(len(memory.recent))
    for rows in memory.recent:
        out.count(rows)
    if memory.day is not None:
        memory.notes.write(out)
    if memory.case is not None:
        case = memory.case
        out.fields(_CASE, case.uid, case.start_ms, case.first_seen_ms, case.strangeness)
        out.count(case.statements)
        out.count(case.rows)
    return out.bytes()


def decode_employee(data: bytes, numbers: Sequence[int]) -> EmployeeMemory:
    """Decode what :func:`encode_employee` wrote, perhaps with fewer or other measures.

    Raises
    ------
    StateError
        If the entry cannot be read.
    """
    source = Reader(data, Kind.EMPLOYEE)
    memory = EmployeeMemory(len(numbers))
    flags, day, memory.last_ms, memory.slot, memory.quarantined, memory.score, memory.strangeness = source.fields(_HEAD)
    places = {number: place for place, number in enumerate(numbers)}
    for _ in range(source.count()):
        number, channel = source.count(), _read_channel(source)
        if number in places:
            memory.channels[places[number]] = channel
    memory.recent = [source.count() for _ in range(source.count())]
    if flags & _OPEN:
        memory.day = day
        memory.notes = DayNotes.read(source)
    if flags & _IN_CASE:
        memory.case = Case(*source.fields(_CASE))
        memory.case.statements, memory.case.rows = source.count(), source.count()
    source.end()
    return memory


def _write_channel(out: Writer, channel: Channel) -> None:
    out.fields(
        _CHANNEL,
        *channel.level.numbers(),
        channel.cusum,
        channel.total,
        channel.peak,
        channel.mean,
        channel.deviation,
        channel.residual,
    )


def _read_channel(source: Reader) -> Channel:
    values = source.fields(_CHANNEL)
    channel = Channel()
    channel.level = Level(values[:NUMBERS])
    channel.cusum, channel.total, channel.peak, channel.mean, channel.deviation, channel.residual = values[NUMBERS:]
    channel.set_next_peak()
    return channel
