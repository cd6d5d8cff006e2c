"""What the pictures show, as numbers."""

from __future__ import annotations

import msgspec


class DayPoint(msgspec.Struct, frozen=True):
    """What one employee took in one behavioural day."""

    day: int
    rows: int
    """That the log counts."""
    uncounted: int
    """Statements whose rows it does not count."""


class Line(msgspec.Struct, frozen=True):
    """The days of one employee, in order; days without personal data are left out."""

    employee: str
    points: tuple[DayPoint, ...]


class BandPoint(msgspec.Struct, frozen=True):
    """What the peers took in one behavioural day: the least, the middle and the most of those who were active."""

    day: int
    least: int
    middle: int
    most: int


class UsualScene(msgspec.Struct, frozen=True, tag="usual", kw_only=True):
    """The employees' own days, those of their peers, and the incident, on one time line."""

    lines: tuple[Line, ...]
    band: tuple[BandPoint, ...]
    from_day: int
    """First day of the incident."""
    to_day: int
    """Last day of the incident."""
    told_day: int
    """Of the first finding."""


class RegionBar(msgspec.Struct, frozen=True):
    """People of one region; ``upper`` None: nothing bounds them."""

    region: str
    lower: int
    upper: int | None


class CategoryBars(msgspec.Struct, frozen=True):
    """People of one category, by region, most people first."""

    category: str
    bars: tuple[RegionBar, ...]


class PeopleScene(msgspec.Struct, frozen=True, tag="people"):
    """People by region, for every category that was seen or is in doubt."""

    categories: tuple[CategoryBars, ...]
