"""A planted record was touched: nobody has a reason to, so it needs no budget and no statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from streamguard.baseline.today import HONEY_PLACE
from streamguard.detect.channels.channel import DATABASES, Channel
from streamguard.detect.decision import ChannelEvidence

if TYPE_CHECKING:
    from streamguard.detect.channels.channel import Technique
    from streamguard.detect.scene import Scene

CERTAIN: Final = 60.0
"""Nats: beyond what any ordinary day adds up to."""


class Honey(Channel):
    """Any touch of a record or table that the catalogue marks as honey."""

    name: ClassVar[str] = "honey"
    unit: ClassVar[str] = "planted records"
    technique: ClassVar[Technique] = DATABASES
    runbook: ClassVar[str] = (
        "Nobody has a reason to look this record up. Treat the session as hostile: keep its logs, list everything it "
        "read, and watch the planted address for mail, which proves that the data left and when."
    )
    false_positives: ClassVar[tuple[str, ...]] = (
        "A test or a support case in which somebody used the planted customer: retire that record.",
        "A full export by a job that nobody approved.",
    )
    known_gaps: ClassVar[tuple[str, ...]] = (
        "A full export touches planted records without naming them: only statements that name one are seen.",
    )

    def __init__(self) -> None:
        self.reads = 1 << HONEY_PLACE

    def surprise(self, scene: Scene) -> float:
        """Return a fixed surprise once a planted record was touched."""
        return CERTAIN if scene.memory.signs.honey else 0.0

    def evidence(self, scene: Scene, surprise: float, percent: int) -> ChannelEvidence:
        """Return whether it was touched."""
        touched = 1.0 if scene.memory.signs.honey else 0.0
        return ChannelEvidence(name=self.name, observed=touched, usual=0.0, surprise=surprise, percent=percent)
