"""How many people certainly differ, whichever way the log tells them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.scope.people import People
from streamguard.scope.wholes import length, longest_chain

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from streamguard.scope.claim import Claim


def at_least(claims: Sequence[Claim]) -> int:
    """Return the largest number of people who certainly differ."""
    if not claims:
        return 0
    people = named(claims)
    known = people.count().lower
    exact = people.exact
    best = max(claim.size.lower for claim in claims)
    for claim in claims:
        if claim.keys is not None and exact is not None:
            best = max(best, known + max(0, claim.size.lower - len(claim.keys & exact)))
    return max(best, known, *_pages(claims), _chains(claims), _choices(claims))


def named(claims: Iterable[Claim]) -> People:
    """Return the people whose keys are known, and who are all there."""
    people = People()
    for claim in claims:
        if claim.is_exact and claim.keys is not None:
            people.add(claim.keys)
    return people


def _pages(claims: Iterable[Claim]) -> list[int]:
    """Return how many people the pages of each whole certainly hold."""
    pages: dict[Hashable, list[tuple[int, int]]] = {}
    for claim in claims:
        if claim.page is not None:
            key = (claim.within, claim.regions, claim.page.order)
            pages.setdefault(key, []).append((claim.page.first, claim.page.surely_behind))
    return [length(found) for found in pages.values()]


def _chains(claims: Iterable[Claim]) -> int:
    """Return how many people ranges of keys hold that share nobody."""
    columns: dict[str, list[tuple[str, str, int]]] = {}
    for claim in claims:
        if claim.piece is not None:
            piece = claim.piece
            columns.setdefault(piece.column, []).append((piece.begin, piece.behind, claim.size.lower))
    return max((longest_chain(pieces) for pieces in columns.values()), default=0)


def _choices(claims: Iterable[Claim]) -> int:
    """Return how many people statements hold that asked for different values of one column, of which each has one."""
    columns: dict[str, dict[str, int]] = {}
    for claim in claims:
        if claim.choice is not None:
            column, value = claim.choice
            counts = columns.setdefault(column, {})
            counts[value] = max(claim.size.lower, counts.get(value, 0))
    return max((sum(counts.values()) for counts in columns.values()), default=0)
