"""What a simulated company looks like in numbers: how much each role reads a day, to be compared with real ones."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from streamguard.simulate.calendar import local_day
from streamguard.simulate.schema import is_personal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streamguard.simulate.moment import Moment
    from streamguard.simulate.world import World


class RoleSummary(msgspec.Struct, frozen=True):
    """The days of one role; rows and statements are those that showed personal data."""

    role: str
    accounts: int
    days: int
    """Employee-days with at least one such statement; a day begins at four o'clock local time."""
    statements_median: int
    rows_median: int
    rows_p99: int
    rows_max: int


class Summary(msgspec.Struct, frozen=True):
    """A whole simulation."""

    statements: int
    personal_statements: int
    attacks: int
    attack_statements: int
    roles: tuple[RoleSummary, ...]


class Tally:
    """Counts what goes by.

    Parameters
    ----------
    world
        The company whose moments are counted.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._habits = {person.employee: (person, habit) for person, habit in world.people}
        self._first_day = (world.config.start - date(1970, 1, 1)).days
        self._statements = 0
        self._counts: Counter[tuple[str, str, int]] = Counter()
        self._rows: Counter[tuple[str, str, int]] = Counter()

    def watch(self, moments: Iterable[Moment]) -> Iterator[Moment]:
        """Pass moments on and count them."""
        for moment in moments:
            self._count(moment)
            yield moment

    def _count(self, moment: Moment) -> None:
        statement = moment.statement
        if statement is None:
            return
        self._statements += 1
        if is_personal(statement):
            person, habit = self._habits[moment.session.person.employee]
            day = local_day(person.zone, moment.time_ms) - self._first_day
            key = (habit.role_on(person, day), person.employee, day)
            self._counts[key] += 1
            self._rows[key] += statement.rows or 0

    def summary(self) -> Summary:
        """Return the numbers of what went by so far."""
        attacks = self._world.attacks
        return Summary(
            statements=self._statements,
            personal_statements=self._counts.total(),
            attacks=len(attacks),
            attack_statements=sum(attack.statements for attack in attacks),
            roles=tuple(self._role(role) for role in dict.fromkeys(person.role for person, _ in self._world.people)),
        )

    def _role(self, role: str) -> RoleSummary:
        rows = sorted(count for key, count in self._rows.items() if key[0] == role)
        statements = sorted(count for key, count in self._counts.items() if key[0] == role)
        return RoleSummary(
            role=role,
            accounts=sum(person.role == role for person, _ in self._world.people),
            days=len(rows),
            statements_median=_quantile(statements, 0.5),
            rows_median=_quantile(rows, 0.5),
            rows_p99=_quantile(rows, 0.99),
            rows_max=_quantile(rows, 1.0),
        )


def _quantile(ordered: list[int], share: float) -> int:
    """Return the value below which a share of the values lies; 0 of none."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0
