"""What the memory has to know of a volume channel to keep its sums: the measure."""

from __future__ import annotations

import msgspec


class Measure(msgspec.Struct, frozen=True, gc=False):
    """A leaky sum whose maximum of the day is remembered: S <- S * exp(-dt / tau) + increment."""

    number: int
    """Names the measure in stored state: unique, never reused, 1 to 255."""
    tau_ms: float
    """Time constant of the leak, in milliseconds."""
    restarts_daily: bool
    """Whether the sum begins anew with a new day after an idle night (:data:`NIGHT_MS`)."""


NIGHT_MS = 4 * 3_600_000
"""Idle time that separates two days of work: four hours (a night shift across the day's start goes on)."""
