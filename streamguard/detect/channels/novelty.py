"""Something never used before: a table, a set of categories, a network, a program, a statement shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamguard.baseline.today import NOVELTY_PLACE
from streamguard.detect.channels.channel import VALID_ACCOUNTS, Channel
from streamguard.detect.decision import ChannelEvidence

if TYPE_CHECKING:
    from streamguard.detect.channels.channel import Technique
    from streamguard.detect.scene import Scene


class Novelty(Channel):
    """How surprising what is new today is, for this employee and among the peers, and the rows taken amid it.

    What is new stays young for three active days. Of several attributes the most surprising counts in full, the
    others half.
    """

    name: ClassVar[str] = "novelty"
    unit: ClassVar[str] = "new things"
    technique: ClassVar[Technique] = VALID_ACCOUNTS
    is_circumstance: ClassVar[bool] = True
    runbook: ClassVar[str] = (
        "Ask why the employee needed what was never needed before. A new address together with a new program is the "
        "mark of stolen credentials: call the employee, do not write."
    )
    false_positives: ClassVar[tuple[str, ...]] = (
        "A project that needs another table; a new laptop; a business trip.",
        "The first user of a new release: the others are excused by what they share.",
    )
    known_gaps: ClassVar[tuple[str, ...]] = (
        "Somebody who uses the own tables, program and address.",
        "Patience: what is used harmlessly for three active days is old on the fourth.",
    )

    def __init__(self) -> None:
        self.reads = 1 << NOVELTY_PLACE

    def surprise(self, scene: Scene) -> float:
        """Return the surprise of the novelties, plus that of the rows taken amid them."""
        alone = scene.novelty()
        return alone + scene.rows_aside(scene.memory.signs.novelty) if alone else 0.0

    def circumstance(self, scene: Scene) -> float:
        """Return the surprise of the novelties."""
        return scene.novelty()

    def evidence(self, scene: Scene, surprise: float, percent: int) -> ChannelEvidence:
        """Return how many new things there were."""
        return ChannelEvidence(
            name=self.name,
            observed=float(len(scene.memory.notes.news)),
            usual=0.0,
            surprise=surprise,
            percent=percent,
        )
