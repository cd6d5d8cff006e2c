"""What of a world counts, whatever detectors say: on which days an alert is a false one, and what attacks took."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from streamguard.detect.clock import DAY_MS, HOUR_MS, behavioural_day
from streamguard.evaluate.arrays import Flags, Numbers
from streamguard.evaluate.exposures import BENIGN
from streamguard.evaluate.haul import Haul, HaulBuilder

if TYPE_CHECKING:
    from streamguard.evaluate.exposures import Chunk
    from streamguard.evaluate.truth import Truth

CASE_MS: Final = 72 * HOUR_MS
"""Alerts of one employee within this time of the first are one case."""
DAY_START_LOCAL_HOURS: Final = 4
SETTLED_DAYS: Final = 7
"""Whoever is seen for the first time later than so many days after the beginning is a new hire."""


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """A world without its records.

    Attributes
    ----------
    name
        Of the recording.
    clean
        Employee x day: whether an alert on that behavioural day would be a false one. Days count from the employee's
        first statement on, or from the first day that is evaluated, until the end of the world, at work or not. For
        those an attack was done as, its days and those within a case's length after it do not count.
    ages
        Employee x day: which active day of the employee it is, from 1; 0 where the employee did nothing.
    hired
        Employee: whether seen for the first time late enough to be a new hire.
    hauls
        The attacks.
    """

    name: str
    clean: Flags
    ages: Numbers
    hired: Flags
    hauls: tuple[Haul, ...]

    @property
    def employee_days(self) -> int:
        """Calendar employee-days on which an alert would be a false one."""
        return int(self.clean.sum())


class SceneBuilder:
    """Watches the exposures of a world go by.

    Parameters
    ----------
    name
        Of the recording.
    truth
        What is known of it.
    """

    def __init__(self, name: str, truth: Truth) -> None:
        self._name = name
        self._truth = truth
        self._first_day = truth.start_ms // DAY_MS
        self._numbers: dict[str, int] = {}
        self._today: list[int] = []
        self._offsets: list[int] = []
        self._rows: dict[tuple[int, int], int] = {}
        self._hauls = [HaulBuilder(attack) for attack in truth.attacks]
        self.employees, self.days, self.times_ms = array("q"), array("q"), array("q")
        """Of every statement: number of the employee, of the behavioural day from the world's first, event time."""

    def take(self, chunk: Chunk) -> None:
        """Take in the next exposures."""
        for exposure, attack in zip(chunk.exposures, chunk.attacks, strict=True):
            time_ms = exposure.activity.time_ms
            employee = self._number(exposure.employee)
            self._offsets[employee] = exposure.utc_offset_minutes
            # A record that comes late counts to the open day: so detectors see it. What is after the last day, which
            # ends earlier in the east, counts as one more day on which no alert is a false one.
            day = min(self._day(time_ms, employee), self._truth.days)
            today = self._today[employee] = max(self._today[employee], day)
            self._rows[employee, today] = self._rows.get((employee, today), 0) + (exposure.activity.rows or 0)
            if attack != BENIGN:
                self._hauls[attack].add(len(self.employees), employee, exposure)
            self.employees.append(employee)
            self.days.append(today)
            self.times_ms.append(time_ms)

    def build(self) -> Scene:
        """Return the scene, once all is taken in."""
        days = self._truth.days
        ages = np.zeros((len(self._numbers), days + 1), dtype=np.int64)
        for employee, day in self._rows:
            if day >= 0:
                ages[employee, day] = 1
        ages *= np.cumsum(ages, axis=1)
        first = np.where(ages.any(axis=1), (ages > 0).argmax(axis=1), days)
        clean = np.arange(days + 1) >= np.maximum(first, self._truth.evaluate_from_day)[:, np.newaxis]
        clean[:, days] = False
        hauls = [self._haul(builder, clean) for builder in self._hauls]
        return Scene(name=self._name, clean=clean, ages=ages, hired=first > SETTLED_DAYS, hauls=tuple(hauls))

    def _haul(self, builder: HaulBuilder, clean: Flags) -> Haul:
        """Return an attack, and take its days off those that are clean."""
        attack = builder.attack
        named = [self._numbers[name] for name in attack.employees if name in self._numbers]
        entities = sorted(builder.employees.union(named))
        for entity in entities:
            begins, ends = self._day(attack.start_ms, entity), self._day(attack.end_ms + CASE_MS, entity)
            clean[entity, max(0, begins) : ends + 1] = False
        last = max((self._day(attack.end_ms, entity) for entity in entities), default=-1)
        before = [
            rows
            for (employee, day), rows in self._rows.items()
            if employee in entities and day < self._day(attack.start_ms, employee)
        ]
        return builder.build(entities, last, before)

    def _number(self, name: str) -> int:
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self._numbers)
            self._today.append(-1)
            self._offsets.append(0)
        return number

    def _day(self, moment_ms: int, employee: int) -> int:
        day = behavioural_day(moment_ms, self._offsets[employee], DAY_START_LOCAL_HOURS)
        return -1 if day is None else day - self._first_day
