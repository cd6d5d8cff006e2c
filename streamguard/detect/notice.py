"""What a statement adds to the signs of the open day, beyond the volumes.

Every function that returns a truth value says whether one of the signs rose, so that the day has to be judged again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.activity import RowsQuality
from streamguard.baseline.day import MOST_TOTAL
from streamguard.baseline.measure import (
    LARGEST,
    RESULT,
    SCAN,
    SHARE,
    SHARE_OCTAVES,
    UNCOUNTED,
    UNKNOWN_REACH,
    VOLUMES,
    octave,
)
from streamguard.baseline.reach import rarity
from streamguard.baseline.symbols import AGE_WEIGHTS
from streamguard.baseline.today import HOUR_PLACE, NOVELTY_PLACE
from streamguard.detect.clock import HOUR_MS, MINUTE_MS

if TYPE_CHECKING:
    from streamguard.activity import Exposure
    from streamguard.baseline import EmployeeMemory, GroupMemory
    from streamguard.baseline.shape import Symbol
    from streamguard.baseline.signs import Aside

RESULT_PLACE, SCAN_PLACE = LARGEST.index(RESULT), LARGEST.index(SCAN)
UNCOUNTED_PLACE, SHARE_PLACE = LARGEST.index(UNCOUNTED), LARGEST.index(SHARE)
_FIRST_LARGEST = len(VOLUMES)
_ROWS_1D = 1
_OTHERS_WEIGHT = 0.5
_WHOLE = 2 ** (SHARE_OCTAVES - 1)


def largest(memory: EmployeeMemory, group: GroupMemory, exposure: Exposure, rows: int | None) -> bool:
    """Take in how much one statement took, as far as it is the largest of the day."""
    rose = False
    if rows is None:
        rose = _uncounted(memory, group, exposure)
    elif rows:
        # The next octave begins with one bit more.
        if rows >> memory.signs.octaves[RESULT_PLACE]:
            rose = _raise(memory, group, RESULT_PLACE, octave(rows))
        if rows > 1:
            rose = _share(memory, group, exposure, rows) or rose
    if exposure.activity.slice is not None:
        rose = _piece(memory, group, exposure) or rose
    return rose


def people(memory: EmployeeMemory, exposure: Exposure) -> bool:
    """Take in whom a statement asked for."""
    signs, volume = memory.signs, memory.volumes[-1]
    if not signs.people.add(exposure.activity.subjects):
        return False
    volume.total = volume.peak = float(signs.people.count)
    return volume.peak > volume.next_peak


def hour(memory: EmployeeMemory, group: GroupMemory, time_ms: int) -> bool:
    """Take in the hour of a statement; remember for the next ones until when it lasts and how odd it is."""
    local_ms = time_ms + memory.offset_minutes * MINUTE_MS
    memory.hour_from_ms = time_ms - local_ms % HOUR_MS
    memory.hour_to_ms = memory.hour_from_ms + HOUR_MS
    place = local_ms // HOUR_MS % 24
    signs = memory.signs
    signs.hours |= 1 << place
    memory.hour_tenths = tenths = signs.odd_hours[place]
    if tenths <= signs.hour.tenths:
        return False
    signs.hour.tenths = tenths
    group.enter(memory.day, memory.slot, HOUR_PLACE, tenths)
    return True


def symbols(memory: EmployeeMemory, group: GroupMemory, found: tuple[Symbol, ...]) -> tuple[bool, bool]:
    """Take in what a statement used; return whether any of it is young, and whether the signs of novelty rose."""
    known, signs = memory.symbols, memory.signs
    is_young = rose = False
    for symbol in found:
        attribute, number = symbol.attribute, symbol.number
        if known.touch(attribute, number):
            _meet(memory, group, symbol)
        young = known.young.get((attribute, number)) if known.young else None
        if young is None:
            continue
        is_young = True
        age, tenths = young
        worth = int(tenths * AGE_WEIGHTS[age])
        if worth > signs.news[attribute]:
            signs.news[attribute] = worth
            rose = True
    if rose:
        most = max(signs.news)
        signs.novelty.tenths = int(most + _OTHERS_WEIGHT * (sum(signs.news) - most))
        group.enter(memory.day, memory.slot, NOVELTY_PLACE, signs.novelty.tenths)
    return is_young, rose


def aside(memory: EmployeeMemory, rows: int, *, is_young: bool) -> bool:
    """Take in rows taken under odd circumstances: amid something new, at an odd hour."""
    signs = memory.signs
    rose = is_young and _aside(memory, signs.novelty, rows)
    return bool(memory.hour_tenths and _aside(memory, signs.hour, rows)) or rose


def _aside(memory: EmployeeMemory, found: Aside, rows: int) -> bool:
    found.rows = min(found.rows + rows, MOST_TOTAL)
    residual = memory.volumes[_ROWS_1D].residual_of(found.rows)
    if residual <= found.residual:
        return False
    found.residual = residual
    return True


def _share(memory: EmployeeMemory, group: GroupMemory, exposure: Exposure, rows: int) -> bool:
    """Take in the share of its table that a statement took, if the size of the table is known."""
    people = exposure.subjects_at_most
    limit = exposure.activity.rows_at_most
    # Where the text allows fewer rows than there are people, the bound is the text's, not the table's.
    if not people or people < 0 or (limit is not None and limit <= people):
        return False
    return _raise(memory, group, SHARE_PLACE, octave(min(_WHOLE, rows * _WHOLE // people)))


def _uncounted(memory: EmployeeMemory, group: GroupMemory, exposure: Exposure) -> bool:
    """Take in a statement without a row count."""
    reach = _reach(exposure)
    memory.notes.uncounted_reach = max(memory.notes.uncounted_reach, reach)
    return _raise(memory, group, UNCOUNTED_PLACE, octave(reach))


def _piece(memory: EmployeeMemory, group: GroupMemory, exposure: Exposure) -> bool:
    """Take in a statement that takes a piece of a larger whole."""
    where = exposure.activity.slice
    if where is None:
        return False
    signs = memory.signs
    length = signs.chains.extend(exposure.activity.fingerprint, where)
    if length <= signs.longest_chain:
        return False
    signs.longest_chain = length
    return _raise(memory, group, SCAN_PLACE, octave(length))


def _meet(memory: EmployeeMemory, group: GroupMemory, symbol: Symbol) -> None:
    """Take in something that the employee never used before."""
    habits = memory.habits
    fame = group.popularity.meet(symbol.attribute, symbol.number, group.usual.members)
    memory.signs.is_news |= 1 << symbol.attribute
    if not habits.is_newcomer:
        group.news.learn_fame(symbol.attribute, fame)
    tenths = group.usual.news.surprise(symbol.attribute, fame, habits)
    if tenths:
        memory.symbols.note_young(symbol.attribute, symbol.number, tenths)
        memory.notes.note_new(symbol, fame)


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


def _raise(memory: EmployeeMemory, group: GroupMemory, place: int, reached: int) -> bool:
    """Take in an octave; return whether the day's largest is rarer now."""
    signs = memory.signs
    if reached <= signs.octaves[place]:
        return False
    signs.octaves[place] = reached
    habits = memory.habits
    tenths = rarity(reached, habits.octaves[place], habits.days, group.usual.reaches[place])
    if tenths <= signs.rarities[place]:
        return False
    signs.rarities[place] = tenths
    group.enter(memory.day, memory.slot, _FIRST_LARGEST + place, tenths)
    return True
