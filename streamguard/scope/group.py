"""Statements of one shape and one outcome, collected: what evidence is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamguard.scope.report import Bounds

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from streamguard.activity import Exposure
    from streamguard.scope.claim import Claim


class Group:
    """Exposures that differ in literals, people, and counts only.

    Parameters
    ----------
    uid
        Of the evidence.
    example
        The first of them.
    tables
        With personal data in reach.
    """

    def __init__(self, uid: str, example: Exposure, tables: tuple[str, ...]) -> None:
        self.uid = uid
        self.example = example
        self.tables = tables
        self.statements = 0
        self.employees: set[str] = set()
        self.rows = Bounds(0, 0)
        self.first_ms = self.last_ms = example.activity.time_ms
        self._claims: list[Claim] = []
        self._named: dict[Hashable, tuple[Claim, set[str]]] = {}
        self._told: list[Claim] | None = None

    def add(self, exposure: Exposure, claims: Iterable[Claim], rows: Bounds) -> None:
        """Take in one more of them. They come in the order of time."""
        self._told = None
        self.statements += 1
        self.employees.add(exposure.employee)
        self.rows = plus(self.rows, rows)
        self.last_ms = exposure.activity.time_ms
        for claim in claims:
            if claim.is_exact and claim.keys is not None:
                profile = (claim.space.name, claim.sure, claim.doubtful, claim.within, claim.regions, claim.how)
                self._named.setdefault(profile, (claim, set()))[1].update(claim.keys)
            else:
                self._claims.append(claim)

    @property
    def claims(self) -> list[Claim]:
        """What they say, in the order of time; those that name all their people are one for each kind."""
        if self._told is None:
            self._told = self._collected()
        return self._told

    def _collected(self) -> list[Claim]:
        named = [
            msgspec.structs.replace(claim, keys=frozenset(keys), size=Bounds(len(keys), len(keys)), same=None)
            for claim, keys in self._named.values()
        ]
        return named + self._claims


def plus(a: Bounds, b: Bounds) -> Bounds:
    """Return the bounds of the sum of two counts of different things."""
    return Bounds(a.lower + b.lower, None if a.upper is None or b.upper is None else a.upper + b.upper)


def either(several: Iterable[Bounds]) -> Bounds:
    """Return the bounds of how many different people counts hold together that nobody can compare."""
    found = list(several)
    upper = Bounds(0, 0)
    for bounds in found:
        upper = plus(upper, bounds)
    return Bounds(max((bounds.lower for bounds in found), default=0), upper.upper)
