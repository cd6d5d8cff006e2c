"""More statements than usual, day after day: somebody who looks up a few more people than the work asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamguard.baseline.measure import STATEMENTS_1D
from streamguard.detect.channels.channel import AUTOMATED_COLLECTION, TrendChannel

if TYPE_CHECKING:
    from streamguard.baseline.measure import Measure
    from streamguard.detect.channels.channel import Technique


class StatementsTrend(TrendChannel):
    """Cumulative sum of the daily residual of statements."""

    name: ClassVar[str] = "statements_trend"
    measure: ClassVar[Measure] = STATEMENTS_1D
    technique: ClassVar[Technique] = AUTOMATED_COLLECTION
    runbook: ClassVar[str] = (
        "Compare the number of look-ups with the number of tickets or calls, week by week. Look for people who were "
        "looked up without a matter of theirs being open."
    )
    false_positives: ClassVar[tuple[str, ...]] = (
        "More work: a colleague left, a campaign runs.",
        "A tool that now sends more statements for the same work.",
    )
    known_gaps: ClassVar[tuple[str, ...]] = ("Look-ups that replace work instead of adding to it.",)
