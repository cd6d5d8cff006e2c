"""The leaks: which statements they are made of, and the truth about them.

Both leakers are day-shift support agents, who see one customer at a time all day. They are drawn by the seed,
from those who are there in the last week.
"""

# ruff: noqa: S608 - this SQL is written into a log and never sent to a database

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Final

from streamguard.simulate.config import Attack, Leak, SimulateConfig
from streamguard.simulate.statements import CUSTOMERS, select
from streamguard.simulate.workday import Session, at_local, habits, works

if TYPE_CHECKING:
    from streamguard.simulate.people import Person

_BULK_DAYS_BEFORE_END: Final = 4
_BULK_LOCAL_HOURS: Final = 3.2
"""03:12."""
_BULK_PAGE_ROWS: Final = 5_000
_BULK_PAUSE_MS: Final = 80_000
"""Ten pages within twelve minutes."""

_SLOW_DAYS: Final = 6
_SLOW_EXPORTS_A_DAY: Final = 3
_SLOW_FIRST_LOCAL_HOURS: Final = 11.0
_SLOW_PAUSE_HOURS: Final = 1.5


def leaking_sessions(config: SimulateConfig) -> list[tuple[Leak, Session]]:
    """Return the sessions in which the configured leaks happen, each day's on its own."""
    bulk, slow = _leakers(config) if config.leaks else (None, None)
    found: list[tuple[Leak, Session]] = []
    if Leak.BULK in config.leaks and bulk is not None:
        found.append((Leak.BULK, _bulk(bulk, config)))
    if Leak.SLOW in config.leaks and slow is not None:
        found.extend((Leak.SLOW, session) for session in _slow(slow, config))
    return found


def truth(config: SimulateConfig) -> list[Attack]:
    """Return what the leaks took, when and by whom: one record a leak, in the order of their beginning."""
    parts: dict[Leak, list[Session]] = {}
    for leak, session in leaking_sessions(config):
        parts.setdefault(leak, []).append(session)
    attacks = [_attack(leak, sessions) for leak, sessions in parts.items()]
    return sorted(attacks, key=lambda attack: (attack.start_ms, attack.scenario))


def _attack(leak: Leak, sessions: list[Session]) -> Attack:
    work = [item for session in sessions for item in session.work]
    categories = {
        Leak.BULK: ("email_address",),
        Leak.SLOW: ("email_address", "name", "phone_number"),
    }
    return Attack(
        scenario=leak,
        employee=sessions[0].person.employee,
        start_ms=work[0][0],
        end_ms=work[-1][0],
        statements=len(work),
        rows=sum(statement.rows for _, statement in work),
        tables=("public.customers",),
        categories=categories[leak],
    )


def _leakers(config: SimulateConfig) -> tuple[Person, Person]:
    """Draw who leaks: the bulk leaker, and the slow one, who has to be at work in the last week."""
    agents = [person for person in config.people if person.group == "support"]
    Random(f"{config.seed}/leakers").shuffle(agents)  # noqa: S311 - a simulation, not a secret
    # Whoever works most of the last week leaks slowly; the next one in the shuffled order leaks in bulk.
    slow = max(agents, key=lambda person: len(_last_working_days(person, config)))
    bulk = next(person for person in agents if person is not slow)
    return bulk, slow


def _last_working_days(person: Person, config: SimulateConfig) -> list[int]:
    habit = habits(person, config)
    return [day for day in range(config.days - 7, config.days) if works(person, habit, day, config)][-_SLOW_DAYS:]


def _bulk(person: Person, config: SimulateConfig) -> Session:
    """Take the whole table by night, page by page, from a client that the agent's screens do not use."""
    today = config.start + timedelta(days=config.days - _BULK_DAYS_BEFORE_END)
    start = at_local(person, today, _BULK_LOCAL_HOURS)
    work = []
    for number, low in enumerate(range(0, CUSTOMERS, _BULK_PAGE_ROWS)):
        rows = min(_BULK_PAGE_ROWS, CUSTOMERS - low)
        sql = f"select id, email from customers where id > {low} order by id limit {_BULK_PAGE_ROWS}"
        work.append((start + number * _BULK_PAUSE_MS, select(sql, rows, "customers")))
    return Session(person, "psql", tuple(work))


def _slow(person: Person, config: SimulateConfig) -> list[Session]:
    """Take some 500 customers three times a day, during work, with the agent's usual client."""
    random = Random(f"{config.seed}/{person.employee}/slow")  # noqa: S311 - a simulation, not a secret
    found, offset = [], 0
    for day in _last_working_days(person, config):
        today = config.start + timedelta(days=day)
        work = []
        for number in range(_SLOW_EXPORTS_A_DAY):
            hours = _SLOW_FIRST_LOCAL_HOURS + number * _SLOW_PAUSE_HOURS + random.uniform(0.0, 0.5)
            rows = random.randint(480, 520)
            sql = f"select name, email, phone from customers order by id limit {rows} offset {offset}"
            work.append((at_local(person, today, hours), select(sql, rows, "customers")))
            offset += rows
        found.append(Session(person, "crm-ui", tuple(work)))
    return found
