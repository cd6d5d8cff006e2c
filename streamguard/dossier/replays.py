"""How early it could have been known, as the dossier takes it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from streamguard.pipeline import HowEarly
from streamguard.scope import Bounds


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """The exposures of the incident's shards, judged once more under some settings."""

    name: str
    """Of the settings, for people: ``today's settings``, or the name of a file."""
    statements: int
    """On personal data that were judged."""
    from_ms: int
    budget_per_1000: float
    reports: tuple[HowEarly, ...]
    """One for each of the incident's findings."""
    people: Mapping[str, Bounds] = {}
    """Exposed between a mark and the finding, by `mark_key`; where it was not worked out, only those that statements
    named are known."""


def mark_key(report: HowEarly, kind: str, name: str) -> str:
    """Return under which key `Replay.people` has a mark of a report."""
    return f"{report.finding_uid}/{kind}/{name}"
