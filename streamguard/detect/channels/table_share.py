"""How much of a table one statement took: all customers of a small country are few rows and yet everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamguard.baseline.measure import SHARE, SHARE_OCTAVES
from streamguard.detect.channels.channel import DATABASES, LargestChannel

if TYPE_CHECKING:
    from streamguard.baseline.measure import Largest
    from streamguard.detect.channels.channel import Technique
    from streamguard.detect.scene import Scene


class TableShare(LargestChannel):
    """Octave of the largest share that a statement's rows are of the people in the table it read."""

    name: ClassVar[str] = "table_share"
    largest: ClassVar[Largest] = SHARE
    unit: ClassVar[str] = "percent of the table"
    technique: ClassVar[Technique] = DATABASES
    runbook: ClassVar[str] = (
        "A statement returned most of a table. Work on single customers does not need that: ask which report or "
        "transfer did, and whether a summary would have served."
    )
    false_positives: ClassVar[tuple[str, ...]] = ("A full load into another system, run by hand for the first time.",)
    known_gaps: ClassVar[tuple[str, ...]] = (
        "Tables whose size the catalogue does not know.",
        "A table taken in pieces: sequential_scan and the sums see it.",
    )

    def observed(self, scene: Scene) -> float:
        """Return the largest share, rounded down to a halving of the whole, in percent."""
        return self.in_unit(scene.memory.signs.octaves[self.place])

    def in_unit(self, octave: int) -> float:
        """Return the lower end of an octave in percent."""
        return 100.0 * 2.0 ** (octave - SHARE_OCTAVES) if octave else 0.0
