"""What can be chosen about a simulation, and the record of the truth about it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

from streamguard.simulate.people import PEOPLE, Person

DEFAULT_START: Final = date(2026, 9, 14)
"""A Monday, so that four weeks hold one month-end in the third week."""


class Leak(StrEnum):
    """The ways in which personal data leave the simulated company."""

    BULK = "bulk"
    """One night, one support agent takes every customer's e-mail address."""
    SLOW = "slow"
    """Another one takes three exports of some 500 customers a day, during work."""


class SimulateConfig(msgspec.Struct, frozen=True, kw_only=True):
    """One simulation; the same values give the same bytes."""

    seed: int = 1
    start: date = DEFAULT_START
    """First day, in everybody's own time zone."""
    days: int = 28
    leaks: tuple[Leak, ...] = (Leak.BULK, Leak.SLOW)
    """Empty: a quiet company."""
    people: tuple[Person, ...] = PEOPLE

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated.

        Raises
        ------
        ValueError
            When there are too few days, no people, or no two support agents for the leaks.
        """
        if self.days < 1:
            raise ValueError(f"a simulation needs at least one day, not {self.days}")
        if not self.people:
            raise ValueError("a simulation needs people")
        if self.leaks and self.days < MIN_DAYS_WITH_LEAKS:
            raise ValueError(f"leaks need at least {MIN_DAYS_WITH_LEAKS} days, not {self.days}")
        if self.leaks and sum(person.group == "support" for person in self.people) < len(Leak):
            raise ValueError(f"leaks need at least {len(Leak)} people in support")


MIN_DAYS_WITH_LEAKS: Final = 8
"""The leaks take the last week; before it there must be a day of ordinary life."""


class Attack(msgspec.Struct, frozen=True, kw_only=True):
    """The truth about one leak: what a detector should find out."""

    scenario: Leak
    employee: str
    start_ms: int
    """Time of the first statement, milliseconds since 1970-01-01 UTC."""
    end_ms: int
    """Time of the last statement."""
    statements: int
    rows: int
    tables: tuple[str, ...]
    categories: tuple[str, ...]
    """GDPR terms of the catalogue, sorted."""
