"""Who acts in which scenario, and when: drawn at random among those whom it suits."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple

from streamguard.simulate.attacks import exports, mimicry, scans, strangers
from streamguard.simulate.attacks.actor import Actor
from streamguard.simulate.attacks.incident import Incident
from streamguard.simulate.config import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from streamguard.simulate.config import Plot, WorldConfig
    from streamguard.simulate.habits import Habits
    from streamguard.simulate.staff import Person
    from streamguard.simulate.workday import Session

    Make = Callable[[Random, Sequence[Actor], Sequence[int], float | None], list[Session]]

_HUMANS: Final = frozenset({"support", "fraud", "marketing", "data_engineering", "dba", "finance"})
_SMALL: Final = frozenset({"support", "fraud", "dba", "finance"})
_POISON: Final = frozenset({"support", "fraud", "dba"})
_COLLUDERS: Final = 4
_SETTLED_DAYS: Final = 10
"""Days at work that an attacker has had before, or half of all days if those are fewer."""


class _Recipe(NamedTuple):
    """What a scenario needs."""

    make: Make
    roles: frozenset[str]
    span_days: int = 1
    """Calendar days that it takes at most; 0: to the end of the simulation."""
    actors: int = 1
    distinct: bool = False
    """Whether every row is another person's."""


_RECIPES: Final[dict[Scenario, _Recipe]] = {
    Scenario.BULK_DUMP: _Recipe(exports.bulk_dump, _HUMANS, distinct=True),
    Scenario.UNDER_THRESHOLD: _Recipe(exports.under_threshold, _SMALL, 8, distinct=True),
    Scenario.LOW_AND_SLOW: _Recipe(scans.low_and_slow, frozenset({"support"}), 20),
    Scenario.BOILING_FROG: _Recipe(exports.boiling_frog, _POISON, 27),
    Scenario.OFF_HOURS: _Recipe(strangers.off_hours, _HUMANS),
    Scenario.NEW_TABLE: _Recipe(strangers.new_table, _HUMANS, distinct=True),
    Scenario.NEW_CATEGORY: _Recipe(strangers.new_category, _HUMANS - {"fraud"}, distinct=True),
    Scenario.STOLEN_CREDENTIAL: _Recipe(strangers.stolen_credential, _HUMANS | {"service"}, distinct=True),
    Scenario.COLLUSION: _Recipe(scans.collusion, frozenset({"support"}), 6, _COLLUDERS, distinct=True),
    Scenario.OFFSET_PAGING: _Recipe(scans.offset_paging, frozenset({"support", "fraud"}), distinct=True),
    Scenario.ID_RANGES: _Recipe(scans.id_ranges, frozenset({"support", "fraud"}), 9, distinct=True),
    Scenario.MIMICRY: _Recipe(mimicry.mimicry, _HUMANS, 15),
    Scenario.DRIP: _Recipe(mimicry.drip, _POISON, 0),
    Scenario.COLD_START: _Recipe(exports.cold_start, _HUMANS, distinct=True),
}


def incidents(config: WorldConfig, people: Sequence[tuple[Person, Habits]]) -> Iterator[Incident]:
    """Yield what happens in a simulation, in the order of its plots; nobody acts twice.

    Raises
    ------
    ValueError
        When a scenario finds too few people whom it suits.
    """
    free = [Actor(person, habit, config) for person, habit in people]
    for plot in config.plots:
        for number in range(plot.count):
            random = Random(f"{config.seed}/{plot.scenario}/{plot.strength}/{plot.active_day}/{number}")  # noqa: S311
            incident, cast = _incident(plot, free, config, random)
            free = [actor for actor in free if actor not in cast]
            yield incident


def _incident(
    plot: Plot, free: Sequence[Actor], config: WorldConfig, random: Random
) -> tuple[Incident, Sequence[Actor]]:
    recipe = _RECIPES[plot.scenario]
    is_cold, is_poison = plot.scenario is Scenario.COLD_START, plot.strength is not None
    span = recipe.span_days if not is_poison or is_cold else 0
    earliest = config.evaluate_from_day
    first = random.randint(earliest, max(earliest, config.days - span)) if span else earliest + 1
    last = min(first + span, config.days) if span else config.days
    cast: list[Actor] = []
    days: list[int] = []
    for actor in random.sample(list(free), len(free)):
        if actor.person.role not in recipe.roles or plot.role not in {None, actor.person.role}:
            continue
        found = _hired_on(actor, plot, config) if is_cold else _days_of(actor, first, last)
        if found:
            cast.append(actor)
            days = sorted({*days, *found})
        if len(cast) == recipe.actors:
            sessions = tuple(recipe.make(random, cast, days, plot.strength))
            return Incident(plot.scenario, sessions, recipe.distinct, plot.strength), cast
    raise ValueError(f"too few people in {', '.join(sorted(recipe.roles))} for so many of {plot.scenario}")


def _days_of(actor: Actor, first: int, last: int) -> list[int]:
    """Return the days at work of a settled actor before ``last``; none if there are too few, or too much changes."""
    habit = actor.habit
    if habit.hired > 0 or habit.role_change is not None or habit.duty_change is not None:
        return []
    if len(actor.working_days(0, first)) < min(_SETTLED_DAYS, first // 2):
        return []
    days = actor.working_days(first, last)
    return days if len(days) >= max(1, (last - first) // 2) else []


def _hired_on(actor: Actor, plot: Plot, config: WorldConfig) -> list[int]:
    """Return the new hire's day at work that the plot names; none if that is too early to be judged."""
    if actor.habit.hired <= 0:
        return []
    days = actor.working_days(actor.habit.hired, config.days)[plot.active_day - 1 : plot.active_day]
    return [day for day in days if day >= config.evaluate_from_day]
