"""Somebody who steals: their ordinary life, as far as an attack has to fit in."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from statistics import median
from typing import TYPE_CHECKING

from streamguard.simulate.calendar import HOUR_MS, at_local
from streamguard.simulate.habits import works
from streamguard.simulate.roles import ROLES
from streamguard.simulate.schema import is_personal
from streamguard.simulate.workday import SHIFT_HOURS, Session, sessions

if TYPE_CHECKING:
    from random import Random

    from streamguard.simulate.config import WorldConfig
    from streamguard.simulate.habits import Habits
    from streamguard.simulate.roles import Role
    from streamguard.simulate.staff import Person
    from streamguard.simulate.workday import Work


class Actor:
    """A person of the simulation with what an attack needs to know.

    Parameters
    ----------
    person, habit
        Who it is.
    config
        The simulation.
    """

    def __init__(self, person: Person, habit: Habits, config: WorldConfig) -> None:
        self.person = person
        self.habit = habit
        self._config = config

    @property
    def role(self) -> Role:
        """What the person does at the beginning of the simulation."""
        return ROLES[self.person.role]

    def working_days(self, first: int, last: int) -> list[int]:
        """Return the days of the simulation at work, from ``first`` to before ``last``."""
        last = min(last, self._config.days)
        return [day for day in range(first, last) if works(self.person, self.habit, day, self._config)]

    @cached_property
    def _past(self) -> list[list[Session]]:
        """The days at work before the attacks begin."""
        days = self.working_days(0, self._config.evaluate_from_day)
        return [sessions(self.person, self.habit, day, self._config) for day in days]

    @cached_property
    def usual_rows(self) -> int:
        """Median of the rows with personal data of the person's own days, at least 1."""
        totals = [sum(s.rows or 0 for one in day for _, s in one.work if is_personal(s)) for day in self._past]
        return max(1, int(median(totals))) if totals else self.role.usual_rows

    @cached_property
    def usual_statements(self) -> int:
        """Median of the statements of the person's own days, at least 1."""
        totals = [sum(len(one.work) for one in day) for day in self._past]
        return max(1, int(median(totals))) if totals else int(self.role.tasks_a_day)

    def at(self, day: int, hours: float) -> int:
        """Return the time at ``hours`` local time of a day, in milliseconds since 1970-01-01 UTC."""
        return at_local(self.person.zone, self._config.start + timedelta(days=day), hours)

    def in_shift(self, day: int, random: Random) -> int:
        """Draw a time in the shift of a day."""
        start = 0.0 if self.person.role == "service" else self.habit.shift_hours
        return self.at(day, start) + int(random.random() * SHIFT_HOURS * HOUR_MS)

    def session(self, work: Work, *, program: str | None = None, client: str | None = None) -> Session:
        """Return the session of some work: from the own address with the own program unless said otherwise."""
        ordered = tuple(sorted(work, key=lambda item: item[0]))
        own = self.role.programs[0]
        if self.person.role == "service":
            own = self.person.employee.removesuffix("_svc").replace("_", "-")
        return Session(self.person, program or own, client or self.habit.client, ordered)
