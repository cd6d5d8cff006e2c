"""Rows within a working day: exports cut into pieces that are unremarkable one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamguard.baseline.measure import ROWS_1D
from streamguard.detect.channels.channel import DATABASES, VolumeChannel

if TYPE_CHECKING:
    from streamguard.baseline.measure import Measure
    from streamguard.detect.channels.channel import Technique


class RowsDay(VolumeChannel):
    """Largest sum of the day of rows that leaks with a time constant of twelve hours."""

    name: ClassVar[str] = "rows_1d"
    measure: ClassVar[Measure] = ROWS_1D
    unit: ClassVar[str] = "rows"
    technique: ClassVar[Technique] = DATABASES
    runbook: ClassVar[str] = (
        "List the day's statements of this employee by rows. Several exports of similar size are the mark of "
        "somebody who stays below a limit: check the days before for the same statement."
    )
    false_positives: ClassVar[tuple[str, ...]] = (
        "Back-log after a holiday, where the peers did not have one.",
        "A change of duties that the directory does not know: correct the peer group.",
    )
    known_gaps: ClassVar[tuple[str, ...]] = (
        "Steady theft of less than the own usual day on top of it.",
        "Statements whose rows the log does not count add nothing here: uncounted_reads sees them.",
    )
