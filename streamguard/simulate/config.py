"""What can be chosen about a simulated company."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

import msgspec


class Scenario(StrEnum):
    """The ways in which personal data leave the simulated company."""

    BULK_DUMP = "bulk_dump"
    """One statement of 0.2 to 3 million rows."""
    UNDER_THRESHOLD = "under_threshold"
    """One or two exports a day of 9,000 to 9,990 rows, on five days."""
    LOW_AND_SLOW = "low_and_slow"
    """Look-ups of one row each, 80 to 150 % more statements than usual, for 20 days."""
    BOILING_FROG = "boiling_frog"
    """Exports that grow by a factor each day at work."""
    OFF_HOURS = "off_hours"
    """Five exports of an ordinary size at an hour that is none of the employee's."""
    NEW_TABLE = "new_table"
    """300 to 5,000 rows of a table that the role does not work with."""
    NEW_CATEGORY = "new_category"
    """100 to 2,000 rows with columns that the role never reads."""
    STOLEN_CREDENTIAL = "stolen_credential"
    """10 to 30 statements of 20 to 500 rows from a new address with a new program."""
    COLLUSION = "collusion"
    """Four employees, each 150 to 300 rows a day for six days, with one script over adjacent ids."""
    OFFSET_PAGING = "offset_paging"
    """100 to 300 pages of 100 rows in one day."""
    ID_RANGES = "id_ranges"
    """15 to 40 adjacent ranges of 50 to 200 ids a day, for six days."""
    MIMICRY = "mimicry"
    """Twice the own median day on top, with the own tables, program and hours, for ten days at work."""
    DRIP = "drip"
    """A multiple of the own median day on top, like mimicry, from its beginning to the end of the simulation."""
    COLD_START = "cold_start"
    """A new hire's one export of a multiple of the role's median day, on an early day at work."""


TWELVE: Final = tuple(Scenario)[:12]
"""The scenarios of the evaluation; the other two measure poisoning and cold start."""

_COLD_START_HIRES: Final = 0.2


class Plot(msgspec.Struct, frozen=True):
    """How often a scenario happens in one simulation.

    Parameters
    ----------
    scenario
        What happens.
    count
        How many times, each time by other employees.
    strength
        The frog's daily factor, the drip's and the cold start's multiple; None: drawn for each attack.
    active_day
        On which day at work a new hire exports, counted from 1.
    role
        Whose people act; None: those of any role that the scenario suits.
    """

    scenario: Scenario
    count: int = 2
    strength: float | None = None
    active_day: int = 2
    role: str | None = None


class Headcount(msgspec.Struct, frozen=True):
    """Accounts by role."""

    support: int = 130
    fraud: int = 40
    marketing: int = 40
    data_engineering: int = 40
    dba: int = 20
    finance: int = 30
    service: int = 12

    def scaled(self, total: int) -> Headcount:
        """Return the same company with about ``total`` accounts, at least two a role."""
        now = sum(msgspec.structs.astuple(self))
        return Headcount(*(max(2, round(count * total / now)) for count in msgspec.structs.astuple(self)))


class WorldConfig(msgspec.Struct, frozen=True, kw_only=True):
    """One simulation; the same values give the same bytes.

    Parameters
    ----------
    seed
        Another seed is another company.
    start
        First day, in everybody's own time zone.
    days
        Days of the company's life.
    evaluate_from_day
        Attacks begin on this day or later, so that there is a past to learn from.
    headcount
        Accounts by role.
    plots
        What happens; empty: a quiet company.
    vacations, new_hires, role_changes, duty_changes, wanderers
        Shares of the staff that have a vacation, begin within the simulation, move to another role (and the
        directory knows), do more or less from some day on (and it does not know), have a new address every day.
    """

    seed: int = 1
    start: date = date(2025, 9, 1)
    days: int = 60
    evaluate_from_day: int = 21
    headcount: Headcount = Headcount()
    plots: tuple[Plot, ...] = tuple(map(Plot, TWELVE))
    vacations: float = 0.35
    new_hires: float = 0.07
    role_changes: float = 0.05
    duty_changes: float = 0.03
    wanderers: float = 0.10

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated.

        Raises
        ------
        ValueError
            When there are too few days.
        """
        if self.days < 1:
            raise ValueError(f"a simulation needs at least one day, not {self.days}")
        if self.plots and self.days <= self.evaluate_from_day:
            raise ValueError(f"attacks begin on day {self.evaluate_from_day}: {self.days} days are too few")


def small_company(*, seed: int = 1, days: int = 28, attacks: bool = True) -> WorldConfig:
    """Return the company of the demo: 50 accounts, a month-end in the third week, and two attacks in the last one.

    Nobody joins, leaves or moves, so that its directory is the same file for every seed.

    Parameters
    ----------
    seed
        Another seed gives the same people other days.
    days
        Days of the company's life.
    attacks
        Whether support agents steal: one in bulk, one range by range.
    """
    support = [Plot(scenario, count=1, role="support") for scenario in (Scenario.BULK_DUMP, Scenario.ID_RANGES)]
    return WorldConfig(
        seed=seed,
        start=date(2026, 9, 14),
        days=days,
        evaluate_from_day=max(0, days - 7),
        headcount=Headcount(20, 5, 8, 5, 4, 6, 2),
        plots=tuple(support) if attacks else (),
        new_hires=0.0,
        role_changes=0.0,
        duty_changes=0.0,
    )


def clean(config: WorldConfig) -> WorldConfig:
    """Return the same company without attacks."""
    return with_plots(config)


def with_plots(config: WorldConfig, *plots: Plot) -> WorldConfig:
    """Return the same company to which other things happen.

    With a cold start among them one in five is a new hire, so that there are enough.
    """
    is_cold = any(plot.scenario is Scenario.COLD_START for plot in plots)
    hires = max(config.new_hires, _COLD_START_HIRES) if is_cold else config.new_hires
    return msgspec.structs.replace(config, plots=plots, new_hires=hires)


def poisoned(config: WorldConfig, scenario: Scenario, strength: float, attackers: int = 36) -> WorldConfig:
    """Return the same company with many frogs or drips of one strength, and nothing else.

    Parameters
    ----------
    config
        The company.
    scenario
        ``BOILING_FROG`` or ``DRIP``.
    strength
        The frog's daily factor, or the drip's multiple of the own median day.
    attackers
        How many.
    """
    return with_plots(config, Plot(scenario, attackers, strength))


def cold_start(config: WorldConfig, strength: float, active_day: int, attackers: int = 12) -> WorldConfig:
    """Return the same company with more new hires, of whom some export on an early day at work.

    Parameters
    ----------
    config
        The company.
    strength
        Multiple of the role's median day.
    active_day
        Day at work, counted from 1.
    attackers
        How many.
    """
    return with_plots(config, Plot(Scenario.COLD_START, attackers, strength, active_day))
