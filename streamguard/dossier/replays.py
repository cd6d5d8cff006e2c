"""How early it could have been known, as the dossier takes it."""

from __future__ import annotations

import msgspec

from streamguard.pipeline import HowEarly


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """The exposures of the incident's shards, judged once more under some settings."""

    name: str
    """Of the settings, for people: ``today's settings``, or the name of a file."""
    statements: int
    """On personal data that were judged."""
    from_ms: int
    budget_per_1000: float
    reports: tuple[HowEarly, ...]
    """One for each of the incident's employees who was told of."""
