"""The largest result of the day: one statement that takes more than this person's statements ever take."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamguard.baseline.measure import RESULT
from streamguard.detect.channels.channel import DATABASES, LargestChannel

if TYPE_CHECKING:
    from streamguard.baseline.measure import Largest
    from streamguard.detect.channels.channel import Technique
    from streamguard.detect.scene import Scene


class LargestResult(LargestChannel):
    """Octave of the rows of the day's largest statement."""

    name: ClassVar[str] = "largest_result"
    largest: ClassVar[Largest] = RESULT
    unit: ClassVar[str] = "rows"
    technique: ClassVar[Technique] = DATABASES
    runbook: ClassVar[str] = (
        "Look at this one statement: which columns, which filter, which program. A result that fits no screen went "
        "to a file; ask where the file is."
    )
    false_positives: ClassVar[tuple[str, ...]] = (
        "A report that is run once a quarter.",
        "A filter that was forgotten and the query cancelled.",
    )
    known_gaps: ClassVar[tuple[str, ...]] = (
        "The same data in many small results: the sums and sequential_scan see them.",
    )

    def observed(self, scene: Scene) -> float:
        """Return the rows of the largest statement."""
        return float(scene.memory.notes.largest_rows)
