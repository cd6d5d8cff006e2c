"""Rows a little above the usual, day after day: drips, and the frog in slowly heated water."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamguard.baseline.measure import ROWS_1D
from streamguard.detect.channels.channel import DATABASES, TrendChannel

if TYPE_CHECKING:
    from streamguard.baseline.measure import Measure
    from streamguard.detect.channels.channel import Technique


class RowsTrend(TrendChannel):
    """Cumulative sum of the daily residual of rows."""

    name: ClassVar[str] = "rows_trend"
    measure: ClassVar[Measure] = ROWS_1D
    technique: ClassVar[Technique] = DATABASES
    runbook: ClassVar[str] = (
        "No single day stands out, the run of days does. Compare this month's statements with those of the month "
        "before: what is done now that was not done then, and for whom?"
    )
    false_positives: ClassVar[tuple[str, ...]] = (
        "A change of duties that the directory does not know: correct the peer group, or close the case as benign.",
        "A busy season of one employee only.",
    )
    known_gaps: ClassVar[tuple[str, ...]] = (
        "Growth so slow that each day is within the ordinary spread of the days before.",
    )
