"""Rows within about an hour: bursts, and exports that are one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamguard.baseline.measure import ROWS_1H
from streamguard.detect.channels.channel import DATABASES, VolumeChannel

if TYPE_CHECKING:
    from streamguard.baseline.measure import Measure
    from streamguard.detect.channels.channel import Technique


class RowsHour(VolumeChannel):
    """Largest sum of the day of rows that leaks with a time constant of one hour."""

    name: ClassVar[str] = "rows_1h"
    measure: ClassVar[Measure] = ROWS_1H
    unit: ClassVar[str] = "rows"
    technique: ClassVar[Technique] = DATABASES
    runbook: ClassVar[str] = (
        "Ask for the ticket or task behind the export. Look at the tables, the client program and where the "
        "result went. If nobody asked for it, freeze the account's access and keep the session's logs."
    )
    false_positives: ClassVar[tuple[str, ...]] = (
        "A report or clean-up that the employee runs for the first time.",
        "A colleague's bulk job taken over without a change in the directory.",
        "The first members of a team to begin a bulk task that all will do today (month end).",
    )
    known_gaps: ClassVar[tuple[str, ...]] = (
        "Statements whose rows the log does not count (COPY, cursors) add nothing here: uncounted_reads sees them.",
        "An export spread over a day: rows_1d sees it.",
    )
