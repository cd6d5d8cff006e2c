"""Different people looked up on a day, where the log shows whose data a statement asked for."""

from __future__ import annotations

from streamguard.baseline.measure import PEOPLE_1D
from streamguard.detect.channels.channel import AUTOMATED_COLLECTION, VolumeChannel


class PeopleDay(VolumeChannel):
    """Number of different data subjects that the day's statements named, by a sketch over keyed hashes."""

    name = "people_1d"
    measure = PEOPLE_1D
    unit = "people"
    technique = AUTOMATED_COLLECTION
    runbook = (
        "Compare the people looked up with the tickets, calls or files the employee worked on. Many people with one "
        "statement each, where colleagues run several for each, were collected and not served."
    )
    false_positives = (
        "A mailing or call list that the employee works through by hand.",
        "The first days after the log began to show the values of predicates.",
    )
    known_gaps = (
        "Statements that name nobody (a whole table, a region) add nothing here: the rows channels see them.",
        "Logs without statements' values: set a subject key and log parameters.",
    )
