"""What the SOC may choose."""

from __future__ import annotations

from math import log10

import msgspec


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
    day_start_local_hours: int = 4
    """When a behavioural day begins, local time: an evening that ends at 2 o'clock belongs to its day."""

    def __post_init__(self) -> None:
        for name in ("half_life_days", "case_hours"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be greater than 0")
        for name in ("warmup_days", "warmup_employee_days", "quarantine_days"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative")
        if not 0 < self.budget_per_1000 <= 1000:
            raise ValueError("budget_per_1000 must be greater than 0 and at most 1000")
        if not 0 <= self.day_start_local_hours < 24:
            raise ValueError("day_start_local_hours must be from 0 to 23")

    @property
    def alert_level(self) -> float:
        """The A from which on a day is a finding: log10(1000 / B)."""
        return log10(1000.0 / self.budget_per_1000)
