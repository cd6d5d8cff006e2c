"""What the SOC may choose."""

from __future__ import annotations

from collections.abc import Mapping
from math import log10
from types import MappingProxyType
from typing import Final

import msgspec

from streamguard.detect.clock import HOUR_MS

DEFAULT_LATENESS_HOURS: Final[Mapping[str, float]] = MappingProxyType(
    {"snowflake": 6.0, "databricks": 3.0, "redshift": 2.0, "bigquery": 1.0}
)
"""How long after the statement its audit record may come. From the vendors' documentation (Snowflake ACCESS_HISTORY "up
to 180 minutes", Databricks query history "within one hour"), doubled or more for the connector's own interval."""


class DetectConfig(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Settings of the detector; the defaults were measured and rarely need to change.

    Raises
    ------
    ValueError
        If a value makes no sense, naming it.
    """

    budget_per_1000: float = 5.0
    """The alert budget B: cases per 1000 benign employee-days that the SOC is willing to look at."""
    half_life_days: float = 14.0
    """After so many days a day counts half in an employee's own baseline."""
    warmup_days: int = 7
    """No findings before a shard has seen so many behavioural days."""
    warmup_employee_days: int = 20
    """... and so many pooled employee-days: 20 is the least for which the 95 % quantile was observed at all."""
    quarantine_days: int = 5
    """Active days in a row that are too strange to learn, before a new level is accepted."""
    case_hours: int = 72
    """Alerts of one employee within this time are one case."""
    lateness_hours: float = 1.0
    """How much older than the employee's newest record a record may be and still count. When its own day is closed
    already, it counts towards the open one: what a slow source tells late must not go unseen."""
    lateness_hours_by_source: Mapping[str, float] = msgspec.field(default_factory=lambda: dict(DEFAULT_LATENESS_HOURS))
    """The same for slow sources, by adapter (``databricks.history``) or family (``databricks``)."""
    day_start_local_hours: int = 4
    """When a behavioural day begins, local time: an evening that ends at 2 o'clock belongs to its day."""

    def __post_init__(self) -> None:
        for name in ("half_life_days", "case_hours"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be greater than 0")
        for name in ("warmup_days", "warmup_employee_days", "quarantine_days"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative")
        for source, hours in {"": self.lateness_hours, **self.lateness_hours_by_source}.items():
            if not 0 <= hours <= 24 * 14:
                raise ValueError(f"lateness_hours must be from 0 to 336 ({source or 'default'})")
        if not 0 < self.budget_per_1000 <= 1000:
            raise ValueError("budget_per_1000 must be greater than 0 and at most 1000")
        if not 0 <= self.day_start_local_hours < 24:
            raise ValueError("day_start_local_hours must be from 0 to 23")

    def lateness_ms(self, source: str) -> float:
        """Return the allowed lateness of an adapter in milliseconds of event time."""
        told = self.lateness_hours_by_source
        hours = told.get(source, told.get(source.partition(".")[0], self.lateness_hours))
        return hours * HOUR_MS

    @property
    def alert_level(self) -> float:
        """The A from which on a day is a finding: log10(1000 / B)."""
        return log10(1000.0 / self.budget_per_1000)
