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

    @property
    def verdict(self) -> Verdict:
        """What people of a category, so bounded, say of it: seen if at least one is certain."""
        if self.lower:
            return Verdict.SEEN
        return Verdict.NOT_SEEN if self.upper == 0 else Verdict.CANNOT_TELL

    def holds(self, number: int) -> bool:
        """Whether the true number can be this one."""
        return self.lower <= number and (self.upper is None or number <= self.upper)


NOBODY = Bounds(0, 0)
"""The log shows that it is nobody."""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Statements of one shape that say the same of a category."""

    uid: str
    """``S1``, ``S2``, ...: by which numbers link to it; the same in every part of one report."""
    fingerprint: str | None
    statement: str | None
    """Without literals."""
    tables: tuple[str, ...]
    """With personal data in reach, as the catalogue names them."""
    verdict: Verdict
    why: str
    """One sentence, in plain words: how the log shows it, or why it cannot tell."""
    employees: tuple[str, ...]
    statements: int
    rows: Bounds
    people: Bounds
    """Whose data of the category these statements exposed."""
    first_ms: int
    last_ms: int


class CategoryScope(msgspec.Struct, frozen=True, kw_only=True):
    """What can be said of one category of personal data."""

    category: str
    verdict: Verdict
    """Seen if at least one person is certain; not seen if it is certainly nobody; else cannot tell."""
    people: Bounds
    """Distinct people. A person counts as soon as a row of his with such a column left, whether or not it was empty."""
    regions: dict[str, Bounds]
    """People by region, `UNKNOWN_REGION` among them. A person is in one region; the true number of people of a region
    lies within its own bounds together with those that the unknown region may hold: the bounds of a named region
    already contain them."""
    evidence: tuple[Evidence, ...]
    """Of what was seen and of what is in doubt; of a category that was not seen, the statements on its tables: none
    if no statement touched such a table."""

    def region(self, name: str) -> Bounds:
        """Return the bounds of a region, whether or not the log names it."""
        return _region(self.regions, name)


class ScopeReport(msgspec.Struct, frozen=True, kw_only=True):
    """What some employees took in a piece of time."""

    employees: tuple[str, ...]
    """Who ran the statements, sorted."""
    from_ms: int
    to_ms: int
    first_ms: int | None
    """Of the first statement that exposed, or may have exposed, personal data."""
    last_ms: int | None
    statements: int
    """Those that exposed, or may have exposed, personal data."""
    records: Bounds
    """Rows that left, repeated people and repeated exports included."""
    people: Bounds
    """Distinct data subjects, whatever the category."""
    regions: dict[str, Bounds]
    categories: tuple[CategoryScope, ...]
    """Of every category that the catalogue knows, sorted by name: also those that were not seen."""

    def region(self, name: str) -> Bounds:
        """Return the bounds of a region, whether or not the log names it."""
        return _region(self.regions, name)

    def category(self, name: str) -> CategoryScope:
        """Return what can be said of a category.

        Raises
        ------
        KeyError
            When the catalogue does not know it.
        """
        for found in self.categories:
            if found.category == name:
                return found
        raise KeyError(name)


def _region(regions: dict[str, Bounds], name: str) -> Bounds:
    return regions[name] if name in regions else Bounds(0, regions[UNKNOWN_REGION].upper)
