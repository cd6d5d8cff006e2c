"""Rows within a working day: exports cut into pieces that are unremarkable one by one."""

from __future__ import annotations

from streamguard.baseline import Measure
from streamguard.detect.channels.channel import DATABASES
from streamguard.detect.clock import HOUR_MS


class RowsDay:
    """Largest sum of the day of rows that leaks with a time constant of twelve hours."""

    name = "rows_1d"
    measure = Measure(number=2, tau_ms=12.0 * HOUR_MS, restarts_daily=True)
    unit = "rows"
    window = "1 day"
    technique = DATABASES
    runbook = (
        "List the day's statements of this employee by rows. Several exports of similar size are the mark of "
        "somebody who stays below a limit: check the days before for the same statement."
    )
    false_positives = (
        "Back-log after a holiday, where the peers did not have one.",
        "A change of duties that the directory does not know: correct the peer group.",
    )
    known_gaps = (
        "Steady theft of no more than the own usual day on top of it.",
        "Statements whose rows the log does not count add nothing here.",
    )

    def increment(self, rows: int | None) -> float:
        """Return the rows; 0 where the log does not count them: a number is never invented."""
        return float(rows) if rows else 0.0
