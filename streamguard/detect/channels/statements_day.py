"""Statements on personal data within a working day: many small look-ups, counted or not."""

from __future__ import annotations

from streamguard.baseline import Measure
from streamguard.detect.channels.channel import AUTOMATED_COLLECTION
from streamguard.detect.clock import HOUR_MS


class StatementsDay:
    """Largest sum of the day of statements that leaks with a time constant of twelve hours."""

    name = "statements_1d"
    measure = Measure(number=3, tau_ms=12.0 * HOUR_MS, restarts_daily=True)
    unit = "statements"
    window = "1 day"
    technique = AUTOMATED_COLLECTION
    runbook = (
        "Compare the look-ups with the tickets or calls the employee worked on. Even spacing or one repeated "
        "statement points to a script."
    )
    false_positives = (
        "A tool that now sends one statement per record where it sent one per page.",
        "A day of overtime or a campaign of one employee only.",
    )
    known_gaps = ("A few large exports: the rows channels see them.",)

    def increment(self, rows: int | None) -> float:
        """Return 1: a statement counts whether or not its rows are known."""
        del rows
        return 1.0
