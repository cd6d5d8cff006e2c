"""Work at hours at which this employee, and people of this group, do not work."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamguard.baseline.today import HOUR_PLACE
from streamguard.detect.channels.channel import VALID_ACCOUNTS, Channel
from streamguard.detect.decision import ChannelEvidence

if TYPE_CHECKING:
    from streamguard.detect.channels.channel import Technique
    from streamguard.detect.scene import Scene


class UnusualHour(Channel):
    """How unlikely the day's oddest hour of activity is, and the rows taken at odd hours."""

    name: ClassVar[str] = "unusual_hour"
    unit: ClassVar[str] = "local hour"
    technique: ClassVar[Technique] = VALID_ACCOUNTS
    is_circumstance: ClassVar[bool] = True
    runbook: ClassVar[str] = (
        "Check the shift plan and on-call duty. Without either, ask the employee: somebody else may have used the "
        "account while its owner slept."
    )
    false_positives: ClassVar[tuple[str, ...]] = (
        "On-call work, a swapped shift, a business trip to another time zone.",
    )
    known_gaps: ClassVar[tuple[str, ...]] = (
        "Employees whose time zone the directory does not know are judged by UTC.",
    )

    def __init__(self) -> None:
        self.reads = 1 << HOUR_PLACE

    def surprise(self, scene: Scene) -> float:
        """Return the surprise of the hour, plus that of the rows taken in such hours."""
        alone = scene.hour()
        return alone + scene.rows_aside(scene.memory.signs.hour) if alone else 0.0

    def circumstance(self, scene: Scene) -> float:
        """Return the surprise of the hour."""
        return scene.hour()

    def evidence(self, scene: Scene, surprise: float, percent: int) -> ChannelEvidence:
        """Return the oddest hour of activity."""
        odd = scene.memory.signs.odd_hours
        oddest = max(odd, key=odd.__getitem__, default=0)
        return ChannelEvidence(name=self.name, observed=float(oddest), usual=None, surprise=surprise, percent=percent)
