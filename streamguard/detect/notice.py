"""What a statement adds to the signs of the open day, beyond the volumes.

Functions return a bit mask of the signs that rose, by their places in :mod:`streamguard.baseline.today`; 0 if none did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.activity import RowsQuality
from streamguard.baseline.day import MOST_TOTAL
from streamguard.baseline.hours import expected_hours, oddity
from streamguard.baseline.measure import (
    LARGEST,
    PEOPLE_1D,
    RESULT,
    ROWS_1D,
    SCAN,
    SHARE,
    SHARE_OCTAVES,
    UNCOUNTED,
    UNKNOWN_REACH,
    VOLUMES,
    octave,
)
from streamguard.baseline.reach import rarity
from streamguard.baseline.shape import CATEGORIES, CLIENT, PROGRAM, STATEMENT, TABLE
from streamguard.baseline.symbols import AGE_WEIGHTS
from streamguard.baseline.today import FIRST_LARGEST_PLACE, HOUR_PLACE, NOVELTY_PLACE
from streamguard.detect.clock import HOUR_MS, MINUTE_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.activity import Exposure
    from streamguard.baseline import EmployeeMemory
    from streamguard.baseline.shape import Symbol

RESULT_PLACE: Final = LARGEST.index(RESULT)
SCAN_PLACE: Final = LARGEST.index(SCAN)
UNCOUNTED_PLACE: Final = LARGEST.index(UNCOUNTED)
SHARE_PLACE: Final = LARGEST.index(SHARE)
_ROWS_1D: Final = VOLUMES.index(ROWS_1D)
_PEOPLE: Final = VOLUMES.index(PEOPLE_1D)
_WHAT: Final[tuple[int, ...]] = (TABLE, CATEGORIES, STATEMENT)
_WHERE: Final[tuple[int, ...]] = (CLIENT, PROGRAM)
_OTHER_WEIGHT: Final = 0.5
_WHOLE: Final = 2 ** (SHARE_OCTAVES - 1)


def result(memory: EmployeeMemory, rows: int) -> int:
    """Take in the largest result of the day so far."""
    return _raise(memory, RESULT_PLACE, octave(rows))


def share(memory: EmployeeMemory, rows: int, people: int) -> int:
    """Take in that a statement took rows of a table of so many people."""
    if people <= 0:
        return 0
    rose = _raise(memory, SHARE_PLACE, octave(min(_WHOLE, rows * _WHOLE // people)))
    memory.signs.set_next_share()
    return rose


def uncounted(memory: EmployeeMemory, exposure: Exposure) -> int:
    """Take in a statement without a row count."""
    reach = _reach(exposure)
    if reach <= memory.notes.uncounted_reach:
        return 0
    memory.notes.uncounted_reach = reach
    return _raise(memory, UNCOUNTED_PLACE, octave(reach))


def piece(memory: EmployeeMemory, seed: int, taken: tuple[str, str]) -> int:
    """Take in a statement that takes a piece of a larger whole; ``seed`` stands for its shape."""
    signs = memory.signs
    length = signs.chains.extend(seed, taken)
    if length <= signs.longest_chain:
        return 0
    signs.longest_chain = length
    return _raise(memory, SCAN_PLACE, octave(length))


def people(memory: EmployeeMemory) -> int:
    """Take in that more people were asked for."""
    volume = memory.volumes[_PEOPLE]
    volume.peak = float(memory.signs.people.count)
    return (volume.peak > volume.next_peak) << _PEOPLE


def hour(memory: EmployeeMemory, time_ms: int) -> int:
    """Take in the hour of a statement; remember for the next ones until when it lasts and how odd it is."""
    local_ms = time_ms + memory.offset_minutes * MINUTE_MS
    memory.hour_from_ms = time_ms - local_ms % HOUR_MS
    memory.hour_to_ms = memory.hour_from_ms + HOUR_MS
    place = local_ms // HOUR_MS % 24
    signs = memory.signs
    if not signs.hours >> place & 1:
        signs.hours |= 1 << place
        usual = memory.group.usual
        if memory.hours_of is not usual:
            memory.hours_of, memory.expected_hours = usual, expected_hours(memory.habits, usual.hours)
        if tenths := oddity(place, memory.expected_hours, memory.habits.days):
            signs.odd_hours[place] = tenths
    memory.hour_tenths = tenths = signs.odd_hours.get(place, 0)
    memory.is_aside = bool(tenths) or memory.place_is_young
    if tenths <= signs.hour.tenths:
        return 0
    signs.hour.tenths = tenths
    return _tell(memory, HOUR_PLACE, tenths)


def symbols(memory: EmployeeMemory, found: Sequence[Symbol]) -> tuple[bool, int]:
    """Take in what a statement used; return whether any of it is young, too."""
    known, signs = memory.symbols, memory.signs
    is_young = rose = False
    for symbol in found:
        if symbol.code not in known.touched and known.touch(symbol.code):
            _meet(memory, symbol)
        if not known.young or (young := known.young.get(symbol.code)) is None:
            continue
        is_young = True
        age, tenths = young
        worth = int(tenths * AGE_WEIGHTS[age])
        if worth > signs.news[symbol.attribute]:
            signs.news[symbol.attribute] = worth
            rose = True
    if not rose:
        return is_young, 0
    # What belongs together comes together: a new table brings a new statement, a new laptop a new address.
    what, where = max(signs.news[place] for place in _WHAT), max(signs.news[place] for place in _WHERE)
    signs.novelty.tenths = int(max(what, where) + _OTHER_WEIGHT * min(what, where))
    return is_young, _tell(memory, NOVELTY_PLACE, signs.novelty.tenths)


def aside(memory: EmployeeMemory, rows: int, *, is_young: bool) -> int:
    """Take in rows taken under odd circumstances: amid something new, at an odd hour."""
    signs, volume = memory.signs, memory.volumes[_ROWS_1D]
    rose = 0
    if is_young and signs.novelty.add(rows, volume):
        rose = 1 << NOVELTY_PLACE
    if memory.hour_tenths and signs.hour.add(rows, volume):
        rose |= 1 << HOUR_PLACE
    return rose


def _meet(memory: EmployeeMemory, symbol: Symbol) -> None:
    """Take in something that the employee never used before."""
    habits, group = memory.habits, memory.group
    fame = group.popularity.meet(symbol.code, group.usual.members, memory.today.day)
    memory.signs.is_news |= 1 << symbol.attribute
    if not habits.is_newcomer:
        group.news.learn_fame(symbol.attribute, fame.level)
    tenths = group.usual.news.surprise(symbol.attribute, fame, habits)
    if tenths:
        memory.symbols.note_young(symbol.code, tenths)
        memory.notes.note_new(symbol, fame.level)


def _reach(exposure: Exposure) -> int:
    """Return how many people a read without a count may have reached; 0 where that cannot be told."""
    activity = exposure.activity
    if activity.export is None and activity.rows_quality is not RowsQuality.UNBOUNDED:
        if activity.subjects:
            return max(len(hashes) for _, hashes in activity.subjects)
        if activity.filters or activity.scope:
            return 0
    at_most = exposure.subjects_at_most
    return UNKNOWN_REACH if at_most is None else min(max(at_most, 0), MOST_TOTAL)


def _raise(memory: EmployeeMemory, place: int, reached: int) -> int:
    """Take in an octave of the day's largest."""
    signs, habits = memory.signs, memory.habits
    if reached <= signs.octaves[place]:
        return 0
    signs.octaves[place] = reached
    tenths = rarity(reached, habits.octaves[place], habits.fading, habits.days, memory.group.usual.reaches[place])
    if tenths <= signs.rarities[place]:
        return 0
    signs.rarities[place] = tenths
    return _tell(memory, FIRST_LARGEST_PLACE + place, tenths)


def _tell(memory: EmployeeMemory, place: int, tenths: int) -> int:
    """Tell the peers' day a sign of this employee."""
    memory.today.enter(memory.slot, place, tenths)
    return 1 << place
