"""The incident without a server: exposures and truth of one run, kept in a file."""

from __future__ import annotations

import gzip
from typing import Final

import msgspec
from incident.incident import HERE, Incident, Truth, told

from streamguard.activity import Exposure
from streamguard.scope import Subject

FILE: Final = HERE / "recorded.json.gz"


class Recording(msgspec.Struct, frozen=True):
    """What is kept of a run."""

    truth: Truth
    leaked: list[Subject]
    anybody: list[Subject]
    everybody: list[Exposure]


def write(incident: Incident) -> None:
    """Keep an incident that was just played."""
    recording = Recording(incident.truth, incident.leaked, incident.anybody, incident.everybody)
    # Without a time of its own the file is the same for the same run.
    FILE.write_bytes(gzip.compress(msgspec.json.encode(recording), mtime=0))


def read() -> Incident:
    """Return the kept incident."""
    kept = msgspec.json.decode(gzip.decompress(FILE.read_bytes()), type=Recording)
    return told(None, kept.everybody, kept.truth, kept.leaked, kept.anybody)
