"""A planted record was touched: nobody has a reason to, so it needs no budget and no statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.baseline.today import HONEY_PLACE
from streamguard.detect.channels.channel import DATABASES, Channel
from streamguard.detect.decision import ChannelEvidence

if TYPE_CHECKING:
    from streamguard.detect.scene import Scene

CERTAIN = 60.0
"""Nats: beyond what any ordinary day adds up to."""


class Honey(Channel):
    """Any touch of a record or table that the catalogue marks as honey."""

    name = "honey"
    unit = "planted records"
    reads = 1 << HONEY_PLACE
    technique = DATABASES
    runbook = (
        "Nobody has a reason to look this record up. Treat the session as hostile: keep its logs, list everything it "
        "read, and watch the planted address for mail, which proves that the data left and when."
    )
    false_positives = (
        "A test or a support case in which somebody used the planted customer: retire that record.",
        "A full export by a job that nobody approved.",
    )
    known_gaps = ("A full export touches planted records without naming them: only statements that name one are seen.",)

    def surprise(self, scene: Scene) -> float:
        """Return a fixed surprise once a planted record was touched."""
        return CERTAIN if scene.memory.signs.honey else 0.0

    def evidence(self, scene: Scene, surprise: float, percent: int) -> ChannelEvidence:
        """Return whether it was touched."""
        touched = 1.0 if scene.memory.signs.honey else 0.0
        return ChannelEvidence(name=self.name, observed=touched, usual=0.0, surprise=surprise, percent=percent)
