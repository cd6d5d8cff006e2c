"""Page after page, range after range: a table taken in order by statements that are small one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamguard.baseline.measure import SCAN
from streamguard.detect.channels.channel import AUTOMATED_COLLECTION, LargestChannel

if TYPE_CHECKING:
    from streamguard.baseline.measure import Largest
    from streamguard.detect.channels.channel import Technique
    from streamguard.detect.scene import Scene


class SequentialScan(LargestChannel):
    """Octave of the longest chain of statements that each begin where another one of the same shape ended."""

    name: ClassVar[str] = "sequential_scan"
    largest: ClassVar[Largest] = SCAN
    unit: ClassVar[str] = "statements in order"
    technique: ClassVar[Technique] = AUTOMATED_COLLECTION
    runbook: ClassVar[str] = (
        "Nobody reads a customer table in order by hand. Find the program behind the session; if it is no known job, "
        "treat the whole range from its first to its last piece as taken."
    )
    false_positives: ClassVar[tuple[str, ...]] = (
        "A user who pages through a long list in a desk application.",
        "A back-fill that the employee runs for the first time, chunk by chunk.",
    )
    known_gaps: ClassVar[tuple[str, ...]] = (
        "Pieces taken in random order, or with gaps.",
        "Logs that hold no values of OFFSET or of ids.",
    )

    def observed(self, scene: Scene) -> float:
        """Return the length of the longest chain."""
        return float(scene.memory.signs.longest_chain)
