"""What one attack took, statement by statement: of it follows what was gone when an alert came."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from streamguard.evaluate.arrays import Numbers, Reals

if TYPE_CHECKING:
    from streamguard.activity import Exposure
    from streamguard.evaluate.truth import Attack


class Haul(msgspec.Struct, frozen=True, kw_only=True):
    """One attack as a log shows it.

    Attributes
    ----------
    scenario, strength
        Its kind, and how strong it is where that varies.
    entities
        Numbers of the employees that it was done as, as the directory in use names them.
    start_ms
        Event time of its first statement.
    last_day
        Number of the behavioural day of its last statement: later alerts come too late to be its own.
    positions
        Of its statements among all judged ones, ascending.
    rows
        Records taken up to and including each of them. What the log does not count is the rest of what the truth
        says, in equal parts.
    people
        Data subjects up to and including each of them: different ones where the log shows them all, else as many as the
        share of the records lets expect; None: unknown.
    own_day_rows
        Median rows of the active days that those it was done as had before it, at least 1.
    days_before
        How many active days those were, on average over them.
    """

    scenario: str
    strength: float | None
    entities: Numbers
    start_ms: int
    last_day: int
    positions: Numbers
    rows: Reals
    people: Reals | None
    own_day_rows: float
    days_before: float


class HaulBuilder:
    """Collects the statements of one attack.

    Parameters
    ----------
    attack
        What the truth says of it.
    """

    def __init__(self, attack: Attack) -> None:
        self.attack = attack
        self.employees: set[int] = set()
        self._positions: list[int] = []
        self._rows: list[float] = []
        self._seen: set[str] = set()
        self._subjects: list[float] = []
        self._shows_subjects = True

    def add(self, position: int, employee: int, exposure: Exposure) -> None:
        """Take in one of its statements."""
        activity = exposure.activity
        self.employees.add(employee)
        self._positions.append(position)
        self._rows.append(float("nan") if activity.rows is None else activity.rows)
        self._seen.update(value for _, values in activity.subjects for value in values)
        self._shows_subjects = self._shows_subjects and bool(activity.subjects)
        self._subjects.append(len(self._seen))

    def build(self, entities: list[int], last_day: int, own_days: list[int]) -> Haul:
        """Return the attack, once all is taken in.

        Parameters
        ----------
        entities
            Numbers of those it was done as.
        last_day
            Number of its last behavioural day.
        own_days
            Rows of the active days that they had before it.
        """
        rows = np.cumsum(self._filled())
        people: Reals | None = None
        if self._shows_subjects and self._positions:
            people = np.asarray(self._subjects, dtype=np.float64)
        elif self.attack.people is not None and len(rows) and rows[-1] > 0:
            people = self.attack.people * rows / rows[-1]
        return Haul(
            scenario=self.attack.scenario,
            strength=self.attack.strength,
            entities=np.asarray(entities, dtype=np.int64),
            start_ms=self.attack.start_ms,
            last_day=last_day,
            positions=np.asarray(self._positions, dtype=np.int64),
            rows=rows,
            people=people,
            own_day_rows=max(1.0, median(own_days)) if own_days else 1.0,
            days_before=len(own_days) / max(1, len(entities)),
        )

    def _filled(self) -> Reals:
        rows = np.asarray(self._rows, dtype=np.float64)
        uncounted = np.isnan(rows)
        if uncounted.any():
            rows[uncounted] = max(0.0, self.attack.rows - np.nansum(rows)) / uncounted.sum()
        return rows
