"""What stays the same about a person all through the simulation, and what changes once."""

from __future__ import annotations

import math
from datetime import timedelta
from hashlib import blake2b
from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple

from streamguard.simulate.roles import ROLES

if TYPE_CHECKING:
    from streamguard.simulate.config import WorldConfig
    from streamguard.simulate.staff import Person

_SUPPORT_SHIFTS: Final = (7.0, 9.0, 14.0, 22.0)
_SERVICE_JOBS: Final = (0.5, 6.0)
"""Local hours between which a service's nightly job begins."""
_ACTIVITY_SPREAD: Final = 0.36
_DAY_MEMORY: Final = 0.5
_DAY_SPREAD: Final = 0.20
"""A day's level is ``exp(level)``, level = 0.5 * level of the day before + normal(0, 0.2)."""
_VACATION_DAYS: Final = (5, 16)
_FIRST_HIRE_DAY: Final = 7
_LAST_HIRE_DAYS: Final = 12
"""Nobody begins in the last days, so that everybody has a few days at work."""


class Habits(NamedTuple):
    """What stays the same about a person."""

    shift_hours: float
    """Local hours after midnight at which the shift, or a service's nightly job, begins."""
    activity: float
    """Own factor on the number of tasks."""
    level: float
    """Own factor on row counts that vary."""
    tastes: dict[str, tuple[float, ...]]
    """Own cumulative weights of the tasks, by role."""
    rest_offset: int
    """Support rotates: five days of work, two of rest, starting anywhere in the week."""
    vacation: tuple[int, int]
    """First day of the vacation and the first one back, as days of the simulation; equal: none."""
    hired: int
    """First day at work; 0 or less: before the simulation."""
    role_change: tuple[int, str] | None
    """From which day on in which other role; the directory says so."""
    duty_change: tuple[int, float] | None
    """From which day on how much more or less; nobody says so."""
    wanders: bool
    """Whether the address is a new one every day."""
    client: str
    days: tuple[float, ...]
    """One factor a day: a busy day is followed by a busy day more often than not."""

    def role_on(self, person: Person, day: int) -> str:
        """Return the role on a day of the simulation."""
        change = self.role_change
        return change[1] if change is not None and day >= change[0] else person.role


def habits(person: Person, config: WorldConfig) -> Habits:
    """Draw what stays the same about a person."""
    random = Random(f"{config.seed}/{person.employee}/habits")  # noqa: S311 - a simulation, not a secret
    role, is_human = ROLES[person.role], person.role != "service"
    shift = random.choice(_SUPPORT_SHIFTS) if person.role == "support" else random.uniform(7.5, 9.5)
    if not is_human:
        shift = random.uniform(*_SERVICE_JOBS)
    activity = random.lognormvariate(0.0, _ACTIVITY_SPREAD)
    level = random.lognormvariate(0.0, role.spread)
    rest_offset = random.randrange(7)
    # All of these are drawn for everybody, so that a share changes nothing but whom it is about.
    lots = [random.random() for _ in range(5)]
    first = random.randrange(max(1, config.days))
    vacation = (first, first + random.randint(*_VACATION_DAYS)) if is_human and lots[0] < config.vacations else (0, 0)
    hire_day = random.randint(_FIRST_HIRE_DAY, max(_FIRST_HIRE_DAY, config.days - _LAST_HIRE_DAYS))
    is_hired = is_human and lots[1] < config.new_hires
    move = (random.randint(config.days // 4, max(config.days // 4, config.days - 8)), _other_role(random, person.role))
    moves = is_human and not is_hired and lots[2] < config.role_changes
    duty = (random.randint(config.days // 4, max(config.days // 4, config.days - 8)), _duty(random))
    changes_duty = is_human and not is_hired and not moves and lots[3] < config.duty_changes
    return Habits(
        shift_hours=shift,
        activity=activity,
        level=level,
        tastes={name: _tastes(config, person, name) for name in {person.role, move[1] if moves else person.role}},
        rest_offset=rest_offset,
        vacation=vacation,
        hired=hire_day if is_hired else 0,
        role_change=move if moves else None,
        duty_change=duty if changes_duty else None,
        wanders=is_human and lots[4] < config.wanderers,
        client=_client(person.employee),
        days=_days(random, config.days),
    )


def works(person: Person, habit: Habits, day: int, config: WorldConfig) -> bool:
    """Tell whether a person works on a day of the simulation, counted from 0."""
    if person.role == "service":
        return True
    if day < habit.hired or habit.vacation[0] <= day < habit.vacation[1]:
        return False
    if habit.role_on(person, day) == "support":
        return (day + habit.rest_offset) % 7 < 5
    return (config.start + timedelta(days=day)).weekday() < 5


def _tastes(config: WorldConfig, person: Person, role: str) -> tuple[float, ...]:
    random = Random(f"{config.seed}/{person.employee}/tastes/{role}")  # noqa: S311 - a simulation, not a secret
    total, cumulated = 0.0, []
    for weight, _ in ROLES[role].menu:
        total += weight * random.lognormvariate(0.0, 0.35)
        cumulated.append(total)
    return tuple(cumulated)


def _other_role(random: Random, role: str) -> str:
    return random.choice([name for name in ROLES if name not in {role, "service"}])


def _duty(random: Random) -> float:
    """Draw a factor between 0.5 and 2.5 that is a change."""
    return random.uniform(0.5, 0.75) if random.random() < 0.4 else random.uniform(1.4, 2.5)


def _days(random: Random, days: int) -> tuple[float, ...]:
    level, factors = random.gauss(0.0, _DAY_SPREAD), []
    for _ in range(days):
        level = _DAY_MEMORY * level + random.gauss(0.0, _DAY_SPREAD)
        factors.append(math.exp(level))
    return tuple(factors)


def _client(employee: str) -> str:
    """Return the address that an account works from."""
    first, second = blake2b(employee.encode(), digest_size=2).digest()
    return f"10.20.{first % 64}.{1 + second % 250}"
