"""Mimicry: more of what one does anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.simulate.schema import is_personal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from streamguard.simulate.attacks.actor import Actor
    from streamguard.simulate.workday import Session, Work

_MULTIPLE: Final = 2.0
_DAYS: Final = 10
_MOST_STATEMENTS: Final = 400


def mimicry(random: Random, actors: Sequence[Actor], days: Sequence[int], strength: float | None) -> list[Session]:
    """Take twice the own median day on top, on ten days at work."""
    return drip(random, actors, days[:_DAYS], _MULTIPLE if strength is None else strength)


def drip(random: Random, actors: Sequence[Actor], days: Sequence[int], strength: float | None) -> list[Session]:
    """Take a multiple of the own median day on top, with the own tasks, program, address and hours."""
    (actor,) = actors
    wanted = max(1, int((strength or 1.0) * actor.usual_rows))
    return [actor.session(_extra(random, actor, today, wanted)) for today in days]


def _extra(random: Random, actor: Actor, today: int, wanted: int) -> Work:
    """Draw own tasks that give about so many rows; those that would give far too many are left out."""
    work: Work = []
    taken, tastes = 0, actor.habit.tastes[actor.person.role]
    for _ in range(_MOST_STATEMENTS):
        _, task = random.choices(actor.role.menu, cum_weights=tastes)[0]
        moment = actor.in_shift(today, random)
        statements = task(random, actor.habit.level)
        rows = sum(statement.rows or 0 for statement in statements if is_personal(statement))
        if not 0 < rows <= max(1.3 * (wanted - taken), 1):
            continue
        for statement in statements:
            work.append((moment, statement))
            moment += random.randint(2_000, 14_000)
        taken += rows
        if taken >= wanted:
            break
    return work
