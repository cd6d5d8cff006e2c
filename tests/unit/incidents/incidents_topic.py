"""The incidents topic in memory, for the tests of incidents."""

from __future__ import annotations

import orjson

from streamguard.incidents import (
    Incident,
    TopicRecord,
    incident_finding,
    page_event,
    read_incident,
    read_page,
)

KAFKA_BYTES = 900_000
"""What one record may have on a topic with Kafka's own defaults."""


def sent(record):
    """A record as it is read back, after it was bytes that Kafka would take."""
    if record.holds is None:
        return record
    is_incident = isinstance(record.holds, Incident)
    value = orjson.dumps(incident_finding(record.holds) if is_incident else page_event(record.holds))
    assert len(value) < KAFKA_BYTES
    back = TopicRecord(record.key, read_incident(value) if is_incident else read_page(value))
    assert back == record
    return back


class Topic:
    """What was written, in order; compaction keeps the newest of each key."""

    def __init__(self):
        self.log = []
        self.positions = {}

    def read(self, book):
        """Let a book read on from where it was, and return it."""
        at = self.positions.get(book, 0)
        self.positions[book] = len(self.log)
        for key, held in self.log[at:]:
            if held is None:
                book.take_removal(key)
            else:
                book.take_record(held)
        return book

    def drained(self, book):
        return [sent(record) for wave in book.drain() for record in wave]

    def write(self, book):
        self.read(book)
        self.log += self.drained(book)

    def compacted(self):
        return [record for record in {record.key: record for record in self.log}.values() if record.holds is not None]

    def incidents(self):
        """Every record of an incident, old ones too."""
        return [record.holds for record in self.log if isinstance(record.holds, Incident)]

    def live(self):
        found = [record.holds for record in self.compacted() if isinstance(record.holds, Incident)]
        return {one.uid: one for one in found if one.merged_into is None}

    def pages(self):
        return {record.key: record.holds for record in self.compacted() if not isinstance(record.holds, Incident)}
