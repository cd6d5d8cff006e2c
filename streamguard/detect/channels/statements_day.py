"""Statements on personal data within a working day: many small look-ups, counted or not."""

from __future__ import annotations

from streamguard.baseline.measure import STATEMENTS_1D
from streamguard.detect.channels.channel import AUTOMATED_COLLECTION, VolumeChannel


class StatementsDay(VolumeChannel):
    """Largest sum of the day of statements that leaks with a time constant of twelve hours."""

    name = "statements_1d"
    measure = STATEMENTS_1D
    unit = "statements"
    technique = AUTOMATED_COLLECTION
    runbook = (
        "Compare the look-ups with the tickets or calls the employee worked on. Even spacing or one repeated "
        "statement points to a script."
    )
    false_positives = (
        "A tool that now sends one statement per record where it sent one per page.",
        "A day of overtime or a campaign of one employee only.",
    )
    known_gaps = ("A few large exports: the rows channels see them.",)
