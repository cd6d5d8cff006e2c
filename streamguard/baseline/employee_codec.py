"""The state entry of one employee: usually some 1.5 KB, at most 6 KB."""

from __future__ import annotations

import struct
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from streamguard.baseline.codec import Kind, Reader, Writer
from streamguard.baseline.crowds import Programs
from streamguard.baseline.day import DayNotes
from streamguard.baseline.employee import Case, EmployeeMemory, Ruling
from streamguard.baseline.habits import Habits
from streamguard.baseline.held import HeldDay
from streamguard.baseline.level import NUMBERS, Level
from streamguard.baseline.measure import VOLUMES
from streamguard.baseline.signs import Signs
from streamguard.baseline.symbols import Symbols

if TYPE_CHECKING:
    from streamguard.baseline.volume import Volume

_HEAD: Final = struct.Struct("<BqqiHdd")
_VOLUME: Final = struct.Struct("<5d5dh")
_CASE: Final = struct.Struct("<16sqqd")
_CROWD: Final = struct.Struct("<I")
_OPEN: Final = 1
_IN_CASE: Final = 2
_LONGEST_NAME: Final = 160
_PLACES: Final = {measure.number: place for place, measure in enumerate(VOLUMES)}


def employee_key(employee: str) -> bytes:
    """Return the state key of an employee: ``e:`` and the id; a very long id is cut and made unique."""
    name = employee.encode("utf-8", "surrogatepass")
    if len(name) > _LONGEST_NAME:
        name = name[:_LONGEST_NAME] + b"#" + blake2b(name, digest_size=16).hexdigest().encode()
    return b"e:" + name


def encode_employee(memory: EmployeeMemory) -> bytes:
    """Encode everything that is state."""
    memory.bring_up()
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
    out.count(len(memory.volumes))
    for measure, volume in zip(VOLUMES, memory.volumes, strict=True):
        out.count(measure.number)
        _write_volume(out, volume)
    out.count(len(memory.recent))
    for rows in memory.recent:
        out.count(rows)
    if memory.day is not None:
        memory.notes.write(out)
        memory.signs.write(out)
    if memory.case is not None:
        case = memory.case
        out.fields(_CASE, case.uid, case.start_ms, case.first_seen_ms, case.strangeness)
        out.count(case.statements)
        out.count(case.rows)
        out.count(int(case.is_hostile))
    out.signed(memory.judged)
    out.signed(memory.rows_ms)
    out.count(memory.opening)
    out.signed(memory.shard_slot)
    out.fields(_CROWD, memory.crowd)
    out.fields(_CROWD, memory.peer_group)
    out.count(memory.ruling)
    out.count(len(memory.held))
    for held in memory.held:
        held.write(out)
    memory.programs.write(out, memory.notes.statements)
    memory.habits.write(out)
    memory.symbols.write(out)
    return out.bytes()


def decode_employee(data: bytes) -> EmployeeMemory:
    """Decode what :func:`encode_employee` wrote, in this version or the one before.

    Raises
    ------
    StateError
        If the entry cannot be read.
    """
    source = Reader(data, Kind.EMPLOYEE)
    memory = EmployeeMemory()
    flags, day, memory.last_ms, memory.slot, memory.quarantined, memory.score, memory.strangeness = source.fields(_HEAD)
    for _ in range(source.count()):
        _read_volume(source, memory.volumes[_PLACES[source.count()]])
    memory.recent = [source.count() for _ in range(source.count())]
    is_old = source.version == 1
    if flags & _OPEN:
        memory.day = day
        memory.notes = DayNotes.read(source)
        if not is_old:
            memory.signs = Signs.read(source)
    if flags & _IN_CASE:
        memory.case = Case(*source.fields(_CASE))
        memory.case.statements, memory.case.rows = source.count(), source.count()
        memory.case.is_hostile = not is_old and bool(source.count())
    if not is_old:
        memory.judged, memory.rows_ms, memory.opening = source.signed(), source.signed(), source.count()
        memory.shard_slot, (memory.crowd,) = source.signed(), source.fields(_CROWD)
        (memory.peer_group,), memory.ruling = source.fields(_CROWD), Ruling(source.count())
        memory.held = [HeldDay.read(source) for _ in range(source.count())]
        memory.programs = Programs.read(source)
        memory.habits = Habits.read(source)
        memory.symbols = Symbols.read(source)
    source.end()
    if is_old:
        _from_version_1(memory)
    memory.set_next()
    return memory


def _from_version_1(memory: EmployeeMemory) -> None:
    """Read the sums of a day as what is above the totals: they leaked then."""
    memory.rows_ms, memory.shard_slot = memory.last_ms, memory.slot
    _, rows, statements, _ = memory.volumes
    rows.total = max(0.0, rows.peak - memory.notes.rows)
    statements.total = max(0.0, statements.peak - memory.notes.statements)


def _write_volume(out: Writer, volume: Volume) -> None:
    out.fields(
        _VOLUME,
        *volume.level.numbers(),
        volume.cusum,
        volume.total,
        volume.peak,
        volume.mean,
        volume.deviation,
        volume.residual,
    )


def _read_volume(source: Reader, volume: Volume) -> None:
    values = source.fields(_VOLUME)
    volume.level = Level(values[:NUMBERS])
    volume.cusum, volume.total, volume.peak, volume.mean, volume.deviation, volume.residual = values[NUMBERS:]
