"""The answer to "what left": by category of personal data and by region, each number with its evidence."""

from __future__ import annotations

import msgspec

from streamguard.activity import Verdict

UNKNOWN_REGION = "unknown"
"""A region like the others: of the people of whom the log does not say where they live."""


class Bounds(msgspec.Struct, frozen=True, gc=False):
    """A count that the log bounds: at least ``lower``, at most ``upper``; None: nothing bounds it from above."""

    lower: int
    upper: int | None

    @property
    def is_exact(self) -> bool:
        """Whether the log tells the number itself."""
        return self.lower == self.upper


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Statements of one shape that say the same of a category."""

    uid: str
    """``S1``, ``S2``, ...: by which numbers link to it; the same in every part of one report."""
    fingerprint: str | None
    statement: str | None
    """Without literals."""
    verdict: Verdict
    why: str
    """One sentence, in plain words: how the log shows it, or why it cannot tell."""
    employees: tuple[str, ...]
    statements: int
    rows: Bounds
    people: Bounds
    first_ms: int
    last_ms: int


class CategoryScope(msgspec.Struct, frozen=True, kw_only=True):
    """What can be said of one category of personal data."""

    category: str
    verdict: Verdict
    """Seen if any statement shows it; else cannot tell if any is in doubt; else not seen."""
    people: Bounds
    regions: dict[str, Bounds]
    """People by region, `UNKNOWN_REGION` among them. A person is in one region; the true number of people of a region
    lies within its own bounds together with those that the unknown region may hold: the bounds of a named region
    already contain them."""
    evidence: tuple[Evidence, ...]
    """Of what was seen and of what is in doubt; of a category that was not seen, the statements on its tables."""


class ScopeReport(msgspec.Struct, frozen=True, kw_only=True):
    """What some employees took in a piece of time."""

    employees: tuple[str, ...]
    from_ms: int
    to_ms: int
    first_ms: int | None
    """Of the first statement that exposed, or may have exposed, personal data."""
    last_ms: int | None
    statements: int
    records: Bounds
    """Rows that left, repeated people and repeated exports included."""
    people: Bounds
    """Distinct data subjects, whatever the category."""
    regions: dict[str, Bounds]
    categories: tuple[CategoryScope, ...]
    """Of every category that the catalogue knows in the tables within reach: also those that were not seen."""
