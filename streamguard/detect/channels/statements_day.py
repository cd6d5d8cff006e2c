"""Statements on personal data within a working day: many small look-ups, counted or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamguard.baseline.measure import STATEMENTS_1D
from streamguard.detect.channels.channel import AUTOMATED_COLLECTION, VolumeChannel

if TYPE_CHECKING:
    from streamguard.baseline.measure import Measure
    from streamguard.detect.channels.channel import Technique


class StatementsDay(VolumeChannel):
    """Largest sum of the day of statements that leaks with a time constant of twelve hours."""

    name: ClassVar[str] = "statements_1d"
    measure: ClassVar[Measure] = STATEMENTS_1D
    unit: ClassVar[str] = "statements"
    technique: ClassVar[Technique] = AUTOMATED_COLLECTION
    runbook: ClassVar[str] = (
        "Compare the look-ups with the tickets or calls the employee worked on. Even spacing or one repeated "
        "statement points to a script."
    )
    false_positives: ClassVar[tuple[str, ...]] = (
        "A tool that now sends one statement per record where it sent one per page.",
        "A day of overtime or a campaign of one employee only.",
    )
    known_gaps: ClassVar[tuple[str, ...]] = ("A few large exports: the rows channels see them.",)
