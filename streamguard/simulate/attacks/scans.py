"""Scans: many small statements, one after the other, that add up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.simulate.schema import CUSTOMERS
from streamguard.simulate.statement import select
from streamguard.simulate.tasks.screens import look_up

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from streamguard.simulate.attacks.actor import Actor
    from streamguard.simulate.statement import Statement
    from streamguard.simulate.workday import Session, Work

_MORE: Final = (0.8, 1.5)
_SCRIPT: Final = "id, name, email, phone, street, city"
_PAGE_ROWS: Final = 100


def low_and_slow(
    random: Random, actors: Sequence[Actor], days: Sequence[int], _strength: float | None
) -> list[Session]:
    """Look at single customers, all day long, far more than the work asks for."""
    (actor,) = actors
    more, found = random.uniform(*_MORE), []
    for today in days:
        count = max(1, round(more * actor.usual_statements * random.uniform(0.9, 1.1)))
        found.append(actor.session([(actor.in_shift(today, random), look_up(random, 1.0)[0]) for _ in range(count)]))
    return found


def collusion(random: Random, actors: Sequence[Actor], days: Sequence[int], _strength: float | None) -> list[Session]:
    """Share a script over adjacent ids: on each day everybody at work takes the next 150 to 300."""
    low, found = random.randrange(CUSTOMERS // 2), []
    for today in days:
        for actor in actors:
            if not actor.working_days(today, today + 1):
                continue
            moment, wanted, work = actor.in_shift(today, random), random.randint(150, 300), []
            while wanted > 0:
                size = min(wanted, random.randint(20, 60))
                work.append((moment, _range(low, size)))
                low, wanted = low + size, wanted - size
                moment += random.randint(20_000, 240_000)
            found.append(actor.session(work))
    return found


def offset_paging(
    random: Random, actors: Sequence[Actor], days: Sequence[int], _strength: float | None
) -> list[Session]:
    """Page through all customers, 100 rows a page, for some hours."""
    (actor,) = actors
    moment, work = actor.at(days[0], actor.habit.shift_hours + random.uniform(0.5, 4.0)), []
    first = random.randrange(10_000)
    for page in range(random.randint(100, 300)):
        rest = f"customers order by id limit {_PAGE_ROWS} offset {(first + page) * _PAGE_ROWS}"
        work.append((moment, select("id, name, email, city", rest, _PAGE_ROWS, "customers")))
        moment += random.randint(3_000, 40_000)
    return [actor.session(work)]


def id_ranges(random: Random, actors: Sequence[Actor], days: Sequence[int], _strength: float | None) -> list[Session]:
    """Take adjacent ranges of ids, 15 to 40 a day, on six days."""
    (actor,) = actors
    low, found = random.randrange(CUSTOMERS // 2), []
    for today in days[:6]:
        moment: int = actor.at(today, actor.habit.shift_hours + random.uniform(0.2, 3.0))
        work: Work = []
        for _ in range(random.randint(15, 40)):
            size = random.randint(50, 200)
            work.append((moment, _range(low, size)))
            low += size
            moment += random.randint(20_000, 480_000)
        found.append(actor.session(work))
    return found


def _range(low: int, size: int) -> Statement:
    return select(_SCRIPT, f"customers where id between {low} and {low + size - 1}", size, "customers")
