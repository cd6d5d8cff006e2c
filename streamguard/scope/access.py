"""What one employee had of a list of people, over time."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

from streamguard.scope.standing import Standing, standing
from streamguard.scope.subject import Subject
from streamguard.scope.union import Limits, Said, Union

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streamguard.scope.claim import Claim
    from streamguard.scope.report import Bounds

_NO_KEY: Final = ""
"""The hash of nobody: whether people of a region stand in a claim that names none does not depend on who they are."""


class Wanted:
    """A list of people, by hash and by region.

    Parameters
    ----------
    subjects
        The people; one who is there twice counts once, with the first region told.
    """

    def __init__(self, subjects: Iterable[Subject]) -> None:
        regions: dict[str, str | None] = {}
        for subject in subjects:
            if regions.get(subject.hash) is None:
                regions[subject.hash] = subject.region
        self.people: Mapping[str, str | None] = regions
        self.by_region: dict[str | None, set[str]] = {}
        for key, region in regions.items():
            self.by_region.setdefault(region, set()).add(key)

    def __len__(self) -> int:
        return len(self.people)

    def of(self, claim: Claim, stands: Standing) -> set[str]:
        """Return the people who stand to a claim in a certain way."""
        if claim.keys is not None:
            is_it = (Standing.IN if claim.is_exact else Standing.PERHAPS) is stands
            return {key for key in claim.keys if key in self.people} if is_it else set()
        found: set[str] = set()
        for region, people in self.by_region.items():
            if standing(Subject(_NO_KEY, region), claim) is stands:
                found |= people
        return found


class Access:
    """What the statements of one employee show of the people wanted. They are taken in in the order of time.

    Parameters
    ----------
    wanted
        The people.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self.first: dict[str, int] = {}
        """When each person who was certainly shown was shown first."""
        self.selected: dict[str, int] = {}
        """The same, by statements that did not show everybody."""
        self.could_have_all_ms: int | None = None
        self._possible: set[str] = set()
        self._room = 0.0
        self._claims: list[Claim] = []

    def take(self, claim: Claim, time_ms: int) -> None:
        """Take in what a statement showed."""
        certain = self._wanted.of(claim, Standing.IN)
        if claim.sure:
            for key in sorted(certain):
                self.first.setdefault(key, time_ms)
                if not _shows_everybody(claim):
                    self.selected.setdefault(key, time_ms)
            if not _shows_everybody(claim) and (claim.is_exact or (certain and claim.is_whole)):
                self._claims.append(claim)
        perhaps = self._wanted.of(claim, Standing.PERHAPS) | (set() if claim.sure else certain)
        if perhaps:
            self._possible |= perhaps
            upper = claim.most if claim.size.upper is None else claim.size.upper
            self._room += inf if upper is None else upper
        self._possible |= certain
        missing = len(self._wanted) - len(self.first)
        if self.could_have_all_ms is None and len(self._possible) == len(self._wanted) and missing <= self._room:
            self.could_have_all_ms = time_ms

    @property
    def is_any(self) -> bool:
        """Whether anybody wanted was shown, or may have been."""
        return bool(self._possible)

    def reach(self) -> Bounds:
        """Return how many people were certainly shown by statements that did not show everybody."""
        return Union([Said(claim, is_sure=True) for claim in self._claims], Limits(None)).everybody()


def _shows_everybody(claim: Claim) -> bool:
    return claim.is_whole and not claim.within and claim.regions is None and claim.keys is None
