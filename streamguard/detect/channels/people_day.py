"""Different people looked up on a day, where the log shows whose data a statement asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from streamguard.baseline.measure import PEOPLE_1D
from streamguard.detect.channels.channel import AUTOMATED_COLLECTION, VolumeChannel

if TYPE_CHECKING:
    from streamguard.baseline.measure import Measure
    from streamguard.detect.channels.channel import Technique


class PeopleDay(VolumeChannel):
    """Number of different data subjects that the day's statements named, by a sketch over keyed hashes."""

    name: ClassVar[str] = "people_1d"
    measure: ClassVar[Measure] = PEOPLE_1D
    unit: ClassVar[str] = "people"
    technique: ClassVar[Technique] = AUTOMATED_COLLECTION
    runbook: ClassVar[str] = (
        "Compare the people looked up with the tickets, calls or files the employee worked on. Many people with one "
        "statement each, where colleagues run several for each, were collected and not served."
    )
    false_positives: ClassVar[tuple[str, ...]] = (
        "A mailing or call list that the employee works through by hand.",
        "The first days after the log began to show the values of predicates.",
    )
    known_gaps: ClassVar[tuple[str, ...]] = (
        "Statements that name nobody (a whole table, a region) add nothing here: the rows channels see them.",
        "Logs without statements' values: set a subject key and log parameters.",
    )
