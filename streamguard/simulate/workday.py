"""What one person does on one day: sessions of statements, spread over the shift.

Every day of every person has a random generator of its own, seeded by their names, so that adding an attack, a day or
a colleague changes nobody else's days.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple

from streamguard.simulate.calendar import HOUR_MS, at_local, is_first_working_day, working_days_to_month_end
from streamguard.simulate.habits import works
from streamguard.simulate.roles import ROLES
from streamguard.simulate.statement import select
from streamguard.simulate.tasks.analysis import month_end
from streamguard.simulate.tasks.services import nightly_dump, nightly_walk

if TYPE_CHECKING:
    from datetime import date

    from streamguard.simulate.config import WorldConfig
    from streamguard.simulate.habits import Habits
    from streamguard.simulate.roles import Role
    from streamguard.simulate.staff import Person
    from streamguard.simulate.statement import Statement

SHIFT_HOURS: Final = 8.5
_WEEKDAYS: Final = (1.12, 1.05, 1.0, 1.0, 0.9, 0.85, 0.8)
_MONTH_END_LISTS: Final = 4
_OTHER_PROGRAM: Final = 0.012
_OTHER_ADDRESS: Final = 0.03
_CURIOUS: Final = 0.006
"""Shares of the days: another of the role's programs, another address, a look into a table of others."""
_WALK_CHUNKS: Final = 80
_WALK_PAUSE_MS: Final = 9_000

Work = list[tuple[int, "Statement"]]
"""(milliseconds since 1970-01-01 UTC, statement)."""


class Session(NamedTuple):
    """One database session: statements with their times, in order."""

    person: Person
    program: str
    client: str
    work: tuple[tuple[int, Statement], ...]


class _Today(NamedTuple):
    """One day of one person."""

    person: Person
    habit: Habits
    role: Role
    date: date
    busy: float
    """Factor on the number of tasks."""
    random: Random

    def at(self, hours: float) -> int:
        """Return the time at which the person's clock shows ``hours`` after midnight, in milliseconds."""
        return at_local(self.person.zone, self.date, hours)


def sessions(person: Person, habit: Habits, day: int, config: WorldConfig) -> list[Session]:
    """Return what a person does on a day of the simulation; empty on a day off."""
    if not works(person, habit, day, config):
        return []
    random = Random(f"{config.seed}/{person.employee}/{day}")  # noqa: S311 - a simulation, not a secret
    duty = habit.duty_change[1] if habit.duty_change is not None and day >= habit.duty_change[0] else 1.0
    busy = habit.activity * habit.days[day] * duty
    role, date_of = ROLES[habit.role_on(person, day)], config.start + timedelta(days=day)
    today = _Today(person, habit, role, date_of, busy, random)
    if person.role == "service":
        return _service_day(today)
    return _human_day(today._replace(busy=busy * _WEEKDAYS[date_of.weekday()]))


def _human_day(today: _Today) -> list[Session]:
    """Spread a day's tasks over the shift; people log in again after lunch, and some by night."""
    habit, role, random = today.habit, today.role, today.random
    work = _ordinary(today)
    if role.name == "finance":
        work += _month_end(today)
    if random.random() < _CURIOUS:
        work += _look_elsewhere(work[-1][0], today)
    work.sort(key=_time)
    client, half, main = _client(today), len(work) // 2, role.programs[0]
    second = random.choice(role.programs[1:]) if random.random() < _OTHER_PROGRAM else main
    parts = [(main, work[:half]), (second, work[half:])]
    if random.random() < role.night_share:
        start = today.at(habit.shift_hours + SHIFT_HOURS + random.uniform(3.0, 11.0))
        parts.append((main, sorted(_tasks(today, random.randint(1, 4), start, HOUR_MS), key=_time)))
    return [Session(today.person, program, client, tuple(part)) for program, part in parts if part]


def _time(item: tuple[int, Statement]) -> int:
    return item[0]


def _client(today: _Today) -> str:
    """Return the address of the day: of the office, or of a network of thousands of addresses."""
    random = today.random
    if today.habit.wanders:
        return f"10.{random.randint(96, 111)}.{random.randrange(256)}.{random.randint(1, 254)}"
    if random.random() < _OTHER_ADDRESS:
        return f"10.20.{random.randrange(64)}.{random.randint(1, 250)}"
    return today.habit.client


def _ordinary(today: _Today) -> Work:
    """Draw the tasks of an ordinary day."""
    random = today.random
    count = max(1, round(today.role.tasks_a_day * today.busy * random.lognormvariate(0.0, 0.1)))
    start = today.at(today.habit.shift_hours + random.uniform(-0.2, 0.3))
    return _tasks(today, count, start, int(SHIFT_HOURS * HOUR_MS))


def _tasks(today: _Today, count: int, start: int, length: int) -> Work:
    """Draw tasks that begin within ``length`` milliseconds; not in the order of time."""
    random, level = today.random, today.habit.level * today.busy**0.5
    work: Work = []
    for _, task in random.choices(today.role.menu, cum_weights=today.habit.tastes[today.role.name], k=count):
        moment = start + int(random.random() * length)
        for statement in task(random, level):
            work.append((moment, statement))
            moment += 2_000 + int(random.random() * 12_000)
    return work


def _month_end(today: _Today) -> Work:
    """Draw the big lists that all of finance runs when a month ends."""
    random = today.random
    share = {0: 1.0, 1: 0.5}.get(working_days_to_month_end(today.date), 0.0)
    if is_first_working_day(today.date):
        share = 0.3
    if random.random() >= share:
        return []
    start = today.at(today.habit.shift_hours + 1.0)
    count = random.randint(_MONTH_END_LISTS - 2, _MONTH_END_LISTS + 2)
    return [
        (start + int(random.random() * 7 * HOUR_MS), statement)
        for _ in range(count)
        for statement in month_end(random, today.habit.level)
    ]


def _look_elsewhere(moment: int, today: _Today) -> Work:
    """Look into a table that is none of the role's, as people do."""
    table, rows = today.random.choice(today.role.foreign_tables), today.random.choice((5, 10, 20, 50))
    return [(moment + 5_000, select("*", f"{table} limit {rows}", rows, table))]


def _service_day(today: _Today) -> list[Session]:
    """Return a service's look-ups round the clock and its nightly job."""
    person, habit = today.person, today.habit
    program = person.employee.removesuffix("_svc").replace("_", "-")
    count = max(1, round(today.role.tasks_a_day * today.busy))
    ordinary = sorted(_tasks(today, count, today.at(0.0), 24 * HOUR_MS), key=_time)
    job = nightly_walk(max(1, round(_WALK_CHUNKS * today.busy * habit.level)))
    if program.startswith("backup"):
        job += nightly_dump()
    start = today.at(habit.shift_hours)
    night = tuple((start + _WALK_PAUSE_MS * place, statement) for place, statement in enumerate(job))
    return [
        Session(person, program, habit.client, tuple(ordinary)),
        Session(person, f"{program}-nightly", habit.client, night),
    ]
