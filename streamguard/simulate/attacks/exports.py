"""Exports: how much is taken at once, and how it grows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from streamguard.simulate.schema import CUSTOMERS
from streamguard.simulate.statement import select
from streamguard.simulate.tasks.task import COUNTRIES, day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from streamguard.simulate.attacks.actor import Actor
    from streamguard.simulate.statement import Statement
    from streamguard.simulate.workday import Session

_UNDER_THRESHOLD: Final = (9_000, 9_990)
_FROG_FACTORS: Final = (1.15, 1.3, 2.0)
_FROG_BEGINS: Final = 0.3
_FROG_MOST: Final = 100.0
"""The frog begins with 0.3 of an own median day and grows to 100 of them at most."""
_FROG_EXPORTS: Final = 3


def bulk_dump(random: Random, actors: Sequence[Actor], days: Sequence[int], _strength: float | None) -> list[Session]:
    """Take 0.2 to 3 million customers in one statement."""
    (actor,) = actors
    rows = int(math.exp(random.uniform(math.log(200_000), math.log(CUSTOMERS))))
    statement = select("id, name, email, phone", f"customers order by id limit {rows}", rows, "customers")
    return [actor.session([(actor.in_shift(days[0], random), statement)])]


def under_threshold(
    random: Random, actors: Sequence[Actor], days: Sequence[int], _strength: float | None
) -> list[Session]:
    """Take 9,000 to 9,990 customers once or twice a day, on five days."""
    (actor,) = actors
    low, found = random.randrange(CUSTOMERS // 2), []
    for today in days[:5]:
        work = []
        for _ in range(random.randint(1, 2)):
            rows = random.randint(*_UNDER_THRESHOLD)
            rest = f"customers where id > {low} order by id limit {rows}"
            work.append((actor.in_shift(today, random), select("id, name, email", rest, rows, "customers")))
            low += rows
        found.append(actor.session(work))
    return found


def boiling_frog(random: Random, actors: Sequence[Actor], days: Sequence[int], strength: float | None) -> list[Session]:
    """Take a little more every day at work, in a few exports with the own program."""
    (actor,) = actors
    factor = strength if strength is not None else random.choice(_FROG_FACTORS)
    found, multiple = [], _FROG_BEGINS
    for today in days:
        rows = max(_FROG_EXPORTS, int(multiple * actor.usual_rows))
        work = [(actor.in_shift(today, random), export(random, rows // _FROG_EXPORTS)) for _ in range(_FROG_EXPORTS)]
        found.append(actor.session(work))
        multiple = min(_FROG_MOST, multiple * factor)
    return found


def cold_start(random: Random, actors: Sequence[Actor], days: Sequence[int], strength: float | None) -> list[Session]:
    """Take a multiple of the role's median day in one export."""
    (actor,) = actors
    rows = int((strength or 10.0) * actor.role.usual_rows)
    return [actor.session([(actor.in_shift(days[0], random), export(random, rows))])]


def export(random: Random, rows: int) -> Statement:
    """Make an export of customers of so many rows."""
    rows = min(rows, CUSTOMERS)
    rest = f"customers where country = '{random.choice(COUNTRIES)}' and created_at >= '{day(random)}' limit {rows}"
    return select("id, name, email, country", rest, rows, "customers")
