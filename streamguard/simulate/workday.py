"""When the people of the company work, and how much: shifts, weekends, holidays, good days and bad days.

Every day of every person has a random generator of its own, seeded by their names, so that adding a leak, a
day or a colleague changes nobody else's days.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

from streamguard.simulate import statements

if TYPE_CHECKING:
    from streamguard.simulate.config import SimulateConfig
    from streamguard.simulate.people import Person
    from streamguard.simulate.statements import Statement

STATEMENTS_A_DAY: Final = {
    "support": 34,
    "marketing": 14,
    "finance": 20,
    "data_engineering": 18,
    "dba": 16,
    "service": 60,
}
"""Statements of an ordinary day, before the person's and the day's own factor."""

APPLICATIONS: Final = {
    "support": "crm-ui",
    "marketing": "metabase",
    "finance": "finance-report",
    "data_engineering": "dbt",
    "dba": "psql",
}
"""Main client program of each group; a service calls itself by its login."""

_SUPPORT_SHIFTS: Final = (7, 9, 14)
_SHIFT_HOURS: Final = 8.5
_WEEKDAY_FACTOR: Final = (1.15, 1.05, 1.0, 1.0, 0.9, 0.85, 0.8)
_MONTH_END_LISTS: Final = 4


class Session(NamedTuple):
    """One database session: statements with their times, milliseconds since 1970-01-01 UTC, in order."""

    person: Person
    application: str
    work: tuple[tuple[int, Statement], ...]


class Habits(NamedTuple):
    """What stays the same about a person all through the simulation."""

    shift_start_hours: float
    activity: float
    """Own factor on the number of statements."""
    rest_offset: int
    """Support rotates: five days of work, two of rest, starting anywhere in the week."""
    holiday: tuple[int, int]
    """First day of the holiday and the first one back, as days of the simulation; equal: no holiday."""
    day_factors: tuple[float, ...]
    """One factor a day: a busy day is followed by a busy day more often than not."""


def habits(person: Person, config: SimulateConfig) -> Habits:
    """Draw what stays the same about a person."""
    random = Random(f"{config.seed}/{person.employee}/habits")  # noqa: S311 - a simulation, not a secret
    shift = random.choice(_SUPPORT_SHIFTS) if person.group == "support" else random.uniform(7.5, 9.5)
    activity = random.lognormvariate(0.0, 0.25)
    rest_offset = random.randrange(7)
    holiday = (0, 0)
    if person.group != "service" and random.random() < 0.35:
        first = random.randrange(max(1, config.days))
        holiday = (first, first + 7)
    level, factors = 0.0, []
    for _ in range(config.days):
        level = 0.5 * level + random.gauss(0.0, 0.2)
        factors.append(2.718281828459045**level)
    return Habits(shift, activity, rest_offset, holiday, tuple(factors))


def works(person: Person, habit: Habits, day: int, config: SimulateConfig) -> bool:
    """Tell whether a person works on a day of the simulation, counted from 0."""
    today = config.start + timedelta(days=day)
    if person.starts is not None and today < person.starts:
        return False
    if person.group == "service":
        return True
    if habit.holiday[0] <= day < habit.holiday[1]:
        return False
    if person.group == "support":
        return (day + habit.rest_offset) % 7 < 5
    return today.weekday() < 5


def sessions(person: Person, habit: Habits, day: int, config: SimulateConfig) -> list[Session]:
    """Return what a person does on a day of the simulation; empty on a day off."""
    if not works(person, habit, day, config):
        return []
    random = Random(f"{config.seed}/{person.employee}/{day}")  # noqa: S311 - a simulation, not a secret
    today = config.start + timedelta(days=day)
    ordinary = _ordinary(person, habit, day, today, random)
    if person.group == "service":
        application = person.login.replace("_svc", "")
        found = [Session(person, application, tuple(ordinary))]
        night = _nightly(person, today)
        return [*found, Session(person, f"{application}-nightly", night)] if night else found
    if person.group == "finance" and is_month_end(today):
        ordinary += _month_end(person, today, random)
        ordinary.sort(key=lambda item: item[0])
    # People log in again after lunch.
    half = len(ordinary) // 2
    application = APPLICATIONS[person.group]
    return [Session(person, application, tuple(part)) for part in (ordinary[:half], ordinary[half:]) if part]


def at_local(person: Person, day: date, hours: float) -> int:
    """Return the milliseconds since 1970-01-01 UTC at which a local clock shows ``hours`` after midnight."""
    local = datetime.combine(day, time(), ZoneInfo(person.zone)) + timedelta(hours=hours)
    # Adding to a local time moves its clock face; the offset is looked up only now.
    return round(local.astimezone(UTC).timestamp() * 1000)


def is_month_end(day: date) -> bool:
    """Tell whether a day is the last working day of its month."""
    following = day + timedelta(days=1)
    while following.weekday() >= 5:
        following += timedelta(days=1)
    return day.weekday() < 5 and following.month != day.month


def _ordinary(person: Person, habit: Habits, day: int, today: date, random: Random) -> list[tuple[int, Statement]]:
    """Draw the statements of an ordinary day, spread over the shift, in order."""
    factor = habit.activity * habit.day_factors[day] * _WEEKDAY_FACTOR[today.weekday()]
    count = max(1, round(STATEMENTS_A_DAY[person.group] * factor))
    shapes = statements.SHAPES[person.group]
    weights = [weight for weight, _ in shapes]
    makers = random.choices([make for _, make in shapes], weights, k=count)
    if person.group == "service":
        start, length = at_local(person, today, 0.0), 24 * 3_600_000
    else:
        start = at_local(person, today, habit.shift_start_hours + random.uniform(-0.2, 0.3))
        length = int(_SHIFT_HOURS * 3_600_000)
    times = sorted(start + random.randrange(length) for _ in range(count))
    return [(moment, make(random)) for moment, make in zip(times, makers, strict=True)]


def _month_end(person: Person, today: date, random: Random) -> list[tuple[int, Statement]]:
    """Draw the big lists that everybody in finance runs on the last working day of a month."""
    start = at_local(person, today, 14.0)
    return [(start + random.randrange(2 * 3_600_000), statements.month_end(random)) for _ in range(_MONTH_END_LISTS)]


def _nightly(person: Person, today: date) -> tuple[tuple[int, Statement], ...]:
    """Return the jobs of a service's night."""
    start = at_local(person, today, 1.5)
    if person.login.startswith("backup"):
        copies = (
            statements.copy_table("customers", "id, email, phone, name, street, city, country, birth_date, created_at"),
            statements.copy_table("orders", "id, customer_id, status, total, created_at"),
            statements.copy_table("payments", "id, order_id, amount, iban, card_last4, paid_at"),
        )
        return tuple((start + 4_000 * number, copy) for number, copy in enumerate(copies))
    if person.login.startswith(("mailer", "etl")):
        pages = range(0, statements.CUSTOMERS, 10_000)
        return tuple((start + 9_000 * number, statements.page(low)) for number, low in enumerate(pages))
    return ()
