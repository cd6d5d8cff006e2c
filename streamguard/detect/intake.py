"""A statement is taken in: every sign of the employee's open day that it can raise, the usual checks first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.baseline.crowds import NOBODY
from streamguard.baseline.day import MOST_ROWS, MOST_TOTAL
from streamguard.baseline.shape import Shapes
from streamguard.baseline.today import HONEY_PLACE
from streamguard.detect import notice
from streamguard.detect.reading import statement

if TYPE_CHECKING:
    from streamguard.activity import Activity, Exposure
    from streamguard.baseline import EmployeeMemory
    from streamguard.baseline.day import Met


class Intake:
    """Adds statements to open days. What it remembers is a cache of pure functions."""

    def __init__(self) -> None:
        self._shapes = Shapes()

    def take(self, memory: EmployeeMemory, exposure: Exposure) -> int:  # noqa: C901, PLR0912 -- flat, for it is hot
        """Add a statement; return a bit mask of the signs that rose, by their places in the peers' day."""
        notes = memory.notes
        rose = 0
        (
            fingerprint, database, tables, categories, regions,
            time_ms, client, application, rows, limit, bound, sensitivity, piece, subjects, is_honey,
        ) = statement(exposure)  # fmt: skip
        met = notes.last_met.get(fingerprint)
        if met is None or not met.shape.fits(database, tables, categories, regions):
            met, rose = self._meet(memory, exposure)
        place = memory.place
        if place is None or client != place.client or application != place.application:
            rose |= self._change_place(memory, exposure.activity)
        if not memory.hour_from_ms <= time_ms < memory.hour_to_ms:
            rose |= notice.hour(memory, time_ms)
        if bound and bound > notes.subjects_at_most:
            notes.subjects_at_most = min(bound, MOST_TOTAL)
        if sensitivity > notes.sensitivity:
            notes.sensitivity = min(sensitivity, 255)
        if rows is None:
            rose |= notice.uncounted(memory, exposure)
        elif rows > 1:
            if rows > notes.largest_rows:
                rows = min(rows, MOST_ROWS)
                rose |= notice.result(memory, rows)
            # Where the text allows fewer rows than there are people, the bound is the text's, not the table's.
            if bound and (limit is None or limit > bound) and rows >= memory.signs.next_share * bound:
                rose |= notice.share(memory, rows, bound)
        elif rows < 0:
            rows = 0
        rose |= memory.add(time_ms, rows, met)
        if rows and (memory.is_aside or met.is_young):
            rose |= notice.aside(memory, rows, is_young=met.is_young or memory.place_is_young)
        if piece is not None:
            rose |= notice.piece(memory, met.shape.seed, piece)
        if subjects and memory.signs.people.add(subjects):
            rose |= notice.people(memory)
        if is_honey and not memory.signs.honey:
            memory.signs.honey = True
            rose |= 1 << HONEY_PLACE
        return rose

    def _meet(self, memory: EmployeeMemory, exposure: Exposure) -> tuple[Met, int]:
        """Return the shape of a statement as met today, and the signs that rose by it."""
        notes, rose = memory.notes, 0
        shape = self._shapes.shape(exposure)
        met = notes.met.get(shape)
        if met is None:
            is_young, rose = notice.symbols(memory, shape.symbols)
            met = notes.meet(shape, is_young=is_young)
        notes.last_met[exposure.activity.fingerprint] = met
        return met, rose

    def program_of(self, activity: Activity) -> int:
        """Return the number of the program that an activity came through; ``NOBODY`` if the log does not say."""
        program = self._shapes.place(activity).program
        return NOBODY if program is None else program.number

    def _change_place(self, memory: EmployeeMemory, activity: Activity) -> int:
        place = memory.place = self._shapes.place(activity)
        memory.place_is_young, rose = notice.symbols(memory, place.symbols)
        memory.is_aside = memory.place_is_young or bool(memory.hour_tenths)
        memory.programs.use(NOBODY if place.program is None else place.program.number, memory.notes.statements)
        return rose
