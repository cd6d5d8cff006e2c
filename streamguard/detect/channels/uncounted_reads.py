"""Reads that move data out without a row count: COPY, UNLOAD, cursors, whole tables where rows are not logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamguard.baseline.measure import UNCOUNTED
from streamguard.detect.channels.channel import DATABASES, LargestChannel

if TYPE_CHECKING:
    from streamguard.baseline.measure import Largest
    from streamguard.detect.channels.channel import Technique
    from streamguard.detect.scene import Scene


class UncountedReads(LargestChannel):
    """Octave of the people within reach of the day's farthest read that the log does not count.

    It compares what might have left, and claims nothing of what did. A nightly dump of a service account is as
    ordinary for that account as any other habit.
    """

    name: ClassVar[str] = "uncounted_reads"
    largest: ClassVar[Largest] = UNCOUNTED
    unit: ClassVar[str] = "people in reach"
    technique: ClassVar[Technique] = DATABASES
    runbook: ClassVar[str] = (
        "The log cannot say how many rows left: treat everything in reach as taken until shown otherwise. Find the "
        "file, bucket or program the export went to, and count there."
    )
    false_positives: ClassVar[tuple[str, ...]] = (
        "A first backup or migration run by hand.",
        "A cursor that was opened and never read.",
    )
    known_gaps: ClassVar[tuple[str, ...]] = (
        "A filtered read without a count that is no export verb: its reach is not known.",
        "Where every read of a group is without count and unfiltered, one more is nothing new.",
    )

    def observed(self, scene: Scene) -> float:
        """Return the people within reach of the farthest read."""
        return float(scene.memory.notes.uncounted_reach)
