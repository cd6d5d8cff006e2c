"""How many people claims of one space speak of together: at least, and at most.

At least so many as the largest set of people who certainly differ: people whose keys are known, the rows of one
statement or of pages of one whole, ranges of keys of which one begins where the other ends, people of several regions.

At most so many as all sets together, but for those that lie within others: a statement that took everybody who meets
some conditions took everybody who meets these and more. Statements that return the same people count once.

The rows of a table are taken to stay the same while the statements run; where the same statement returned more people
later, they are counted as new ones. The catalogue's number bounds the whole, unless the log shows more people.
"""

from __future__ import annotations

from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from streamguard.scope.people import People
from streamguard.scope.report import NOBODY, Bounds
from streamguard.scope.wholes import length, longest_chain

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from streamguard.scope.claim import Claim


class Said(NamedTuple):
    """A claim, and whether what it says is certain of what is asked."""

    claim: Claim
    is_sure: bool


class Limits(NamedTuple):
    """What the catalogue says of how many people there are."""

    most: int | None
    """In all of a space; None: it does not say."""
    are_right: bool = True
    """Whether the log does not show more."""


class _Set(NamedTuple):
    """People of whom only their number and where they lie is known."""

    within: frozenset[str]
    regions: frozenset[str] | None
    upper: int | None
    is_whole: bool
    number: int = -1
    """Of the set, among those of which none is named."""


def limits_of(said: Sequence[Said], subjects: int | None) -> Limits:
    """Return what of the catalogue's numbers is to be believed, given everything that is claimed of a space."""
    shown = count(said, Limits(None, are_right=False)).lower
    return Limits(subjects, subjects is None or shown <= subjects)


def count(said: Sequence[Said], limits: Limits) -> Bounds:
    """Return how many people claims of one space speak of together.

    Parameters
    ----------
    said
        Claims in the order of time.
    limits
        How many people there are at all.
    """
    sure = [claim for claim, is_sure in said if is_sure]
    lower = _at_least(sure)
    by_region: dict[str, list[Claim]] = {}
    for claim in sure:
        if claim.regions is not None and len(claim.regions) == 1:
            by_region.setdefault(next(iter(claim.regions)), []).append(claim)
    if len(by_region) > 1:
        lower = max(lower, sum(_at_least(claims) for claims in by_region.values()))
    return _bounds(lower, _at_most([claim for claim, _ in said], None, limits), limits)


def count_in(region: str, said: Sequence[Said], limits: Limits) -> Bounds:
    """Return how many of the people live in a region."""
    here = [(c, is_sure) for c, is_sure in said if c.regions is None or region in c.regions]
    lower = _at_least([claim for claim, is_sure in here if is_sure and claim.regions == frozenset((region,))])
    return _bounds(lower, _at_most([claim for claim, _ in here], region, limits), limits)


def count_elsewhere(said: Sequence[Said], limits: Limits) -> Bounds:
    """Return of how many of the people the log does not say where they live."""
    unknown = [entry for entry in said if not _is_located(entry.claim)]
    if not unknown:
        return NOBODY
    located = _at_most([claim for claim, _ in said if _is_located(claim)], None, limits)
    total = count(said, limits)
    lower = 0 if located is None else max(0, total.lower - located)
    return _bounds(lower, _at_most([claim for claim, _ in unknown], None, limits), limits)


def _is_located(claim: Claim) -> bool:
    return claim.regions is not None and len(claim.regions) == 1


def _bounds(lower: int, upper: int | None, limits: Limits) -> Bounds:
    if limits.most is not None and limits.are_right:
        upper = limits.most if upper is None else min(upper, limits.most)
    return Bounds(lower, None if upper is None else max(lower, upper))


def _at_least(claims: Sequence[Claim]) -> int:
    """Return the largest number of people who certainly differ."""
    if not claims:
        return 0
    people = _named(claims)
    named = people.count().lower
    exact = people.exact
    best = max(claim.size.lower for claim in claims)
    for claim in claims:
        if claim.keys is not None and exact is not None:
            best = max(best, named + max(0, claim.size.lower - len(claim.keys & exact)))
    return max(best, named, *_pages(claims), _chains(claims))


def _at_most(claims: Sequence[Claim], region: str | None, limits: Limits) -> int | None:
    """Return how many people there can be, of a region or of all; None: any number."""
    sets = _merged(claims, limits)
    wholes = [one for one in sets if one.is_whole]
    loose = [one for one in sets if not _is_covered(one, wholes, region)]
    if any(one.upper is None for one in loose):
        return None
    keyed = [c for c in claims if c.keys is not None and not _is_covered(_keyed(c), wholes, region)]
    return sum(one.upper or 0 for one in loose) + _named_at_most(keyed)


def _keyed(claim: Claim) -> _Set:
    return _Set(claim.within, claim.regions, claim.size.upper, is_whole=False)


def _is_covered(one: _Set, wholes: Sequence[_Set], region: str | None) -> bool:
    """Whether people lie within a whole that was taken, other than their own."""
    for whole in wholes:
        if whole.number == one.number or not _lies_in(one, whole, region):
            continue
        # Of two wholes that are the same people, the one of which less is unknown stays.
        if not (one.is_whole and _lies_in(whole, one, region)) or _rank(whole) < _rank(one):
            return True
    return False


def _lies_in(one: _Set, whole: _Set, region: str | None) -> bool:
    """Whether the people of a set, or those of them who live in a region, all lie within a whole."""
    if not whole.within <= one.within:
        return False
    if whole.regions is None:
        return True
    if region is not None:
        return region in whole.regions
    return one.regions is not None and one.regions <= whole.regions


def _rank(one: _Set) -> tuple[float, int]:
    return inf if one.upper is None else one.upper, one.number


def _merged(claims: Sequence[Claim], limits: Limits) -> list[_Set]:
    """Return the sets of people who are not named, each once."""
    same: dict[Hashable, list[Claim]] = {}
    found: list[_Set] = []
    for claim in claims:
        if claim.page is not None:
            same.setdefault(("page", claim.space.name, claim.within, claim.regions, claim.page.order), []).append(claim)
        elif claim.keys is None and claim.same is not None:
            same.setdefault((claim.same, claim.is_whole), []).append(claim)
        elif claim.keys is None:
            found.append(_Set(claim.within, claim.regions, _upper(claim, limits), is_whole=False))
    for alike in same.values():
        first = alike[0]
        upper, is_whole = (_risen(alike, limits), first.is_whole) if first.page is None else _paged(alike)
        found.append(_Set(first.within, first.regions, upper, is_whole))
    return [one._replace(number=number) for number, one in enumerate(found)]


def _upper(claim: Claim, limits: Limits) -> int | None:
    return claim.most if claim.size.upper is None and limits.are_right else claim.size.upper


def _risen(alike: Iterable[Claim], limits: Limits) -> int | None:
    """Return how many people returned by the same statement over time: as many as at first, and those who came."""
    counted = [claim.size.upper for claim in alike if claim.is_counted and claim.size.upper is not None]
    if not counted:
        uppers = [_upper(claim, limits) for claim in alike]
        return None if None in uppers else max(upper for upper in uppers if upper is not None)
    return counted[0] + sum(max(0, now - before) for before, now in pairwise(counted))


def _paged(alike: Sequence[Claim]) -> tuple[int | None, bool]:
    """Return how many people pages of one whole hold at most, and whether that is all of it."""
    pages = [claim.page for claim in alike if claim.page is not None]
    upper = length((page.first, page.possibly_behind) for page in pages)
    ends = [page.surely_behind for page in pages if page.is_last]
    sure = length((page.first, page.surely_behind) for page in pages)
    return upper, bool(ends) and sure == upper == max(ends)


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


def _named(claims: Iterable[Claim]) -> People:
    """Return the people whose keys are known, and who are all there."""
    people = People()
    for claim in claims:
        if claim.is_exact and claim.keys is not None:
            people.add(claim.keys)
    return people


def _named_at_most(claims: Sequence[Claim]) -> int:
    """Return how many different people claims with keys speak of: of some lists only so many as there were rows."""
    people, everybody = _named(claims), People()
    partly = 0
    known: set[Hashable] = set()
    for claim in claims:
        if claim.keys is None:
            continue
        everybody.add(claim.keys)
        if not claim.is_exact and (claim.same is None or claim.same not in known):
            known.add(claim.same)
            size = len(claim.keys) if claim.size.upper is None else claim.size.upper
            partly += size if people.exact is None else min(size, len(claim.keys - people.exact))
    named, most = people.count().upper, everybody.count().upper
    return min(most or 0, (named or 0) + partly)
