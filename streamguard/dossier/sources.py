"""How complete the log was: what the statements themselves tell of the sources that they came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from streamguard.activity import Exposure
    from streamguard.ledger import Span

LATE_MS = 15 * 60_000
"""From this delay on between a statement and its record in Kafka a source is called lagging."""


class SourceHealth(msgspec.Struct, kw_only=True):
    """One source of the log (adapter and instance), before and during the incident. Times in milliseconds."""

    source: str
    instance: str | None
    statements: int = 0
    """During the incident, of the incident's employees and their peers."""
    statements_before: int = 0
    uncounted: int = 0
    """Statements during the incident without a row count."""
    borrowed: int = 0
    """Statements during the incident whose own time could not be true."""
    delayed: int = 0
    """Statements during the incident that reached Kafka late."""
    longest_delay_ms: int | None = None
    """None: the exposures do not say when they reached Kafka."""
    longest_silence_ms: int = 0
    """Between two records; what of it lies within the incident."""
    silent_from_ms: int | None = None
    longest_silence_before_ms: int = 0
    last_ms: int | None = None

    @property
    def was_silent(self) -> bool:
        """Whether it was silent during the incident for longer than ever before."""
        return bool(self.statements_before) and self.longest_silence_ms > self.longest_silence_before_ms

    @property
    def uncounted_permille(self) -> int:
        """Share of statements during the incident without a row count."""
        return round(1000 * self.uncounted / self.statements) if self.statements else 0


class Sources:
    """Gathers the health of every source in one pass over exposures in the order of time.

    Parameters
    ----------
    span
        Of the incident.
    """

    def __init__(self, span: Span) -> None:
        self._span = span
        self._found: dict[tuple[str, str], SourceHealth] = {}

    def take(self, exposure: Exposure) -> None:
        """Take in an exposure; those after the incident say nothing."""
        activity = exposure.activity
        if activity.time_ms >= self._span.to_ms:
            return
        key = (activity.source, activity.instance or "")
        health = self._found.get(key)
        if health is None:
            health = self._found[key] = SourceHealth(source=activity.source, instance=activity.instance)
        _silence(health, activity.time_ms, self._span.from_ms)
        health.last_ms = activity.time_ms
        if activity.time_ms < self._span.from_ms:
            health.statements_before += 1
            return
        health.statements += 1
        health.uncounted += activity.rows is None
        health.borrowed += activity.time_borrowed
        if activity.produced_ms is not None and not activity.time_borrowed:
            delay_ms = max(0, activity.produced_ms - activity.time_ms)
            health.longest_delay_ms = max(health.longest_delay_ms or 0, delay_ms)
            health.delayed += delay_ms >= LATE_MS

    def all(self) -> list[SourceHealth]:
        """Return every source, by name. To be called once, after the last exposure."""
        for health in self._found.values():
            _silence(health, self._span.to_ms, self._span.from_ms)
        return [self._found[key] for key in sorted(self._found)]


def _silence(health: SourceHealth, until_ms: int, from_ms: int) -> None:
    """Take in a silence that ends now; it is before the incident as far as it lies before, and during it after that."""
    if health.last_ms is None:
        return
    before_ms = min(until_ms, from_ms) - health.last_ms
    health.longest_silence_before_ms = max(health.longest_silence_before_ms, before_ms)
    since_ms = max(health.last_ms, from_ms)
    if until_ms - since_ms > health.longest_silence_ms:
        health.longest_silence_ms, health.silent_from_ms = until_ms - since_ms, since_ms
