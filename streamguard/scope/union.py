"""How many people claims of one space speak of together: at least, and at most.

At least so many as the largest set of people who certainly differ: people whose keys are known, the rows of one
statement or of pages of one whole, ranges of keys of which one begins where the other ends, people of several regions.

At most so many as all sets together, but for those that lie within others: a statement that took everybody who meets
some conditions took everybody who meets these and more. Statements that return the same people count once.

The rows of a table are taken to stay the same while the statements run; where the same statement returned more people
later, they are counted as new ones. The catalogue's number bounds the whole, unless the log shows more people.
"""

from __future__ import annotations

from itertools import combinations, pairwise
from math import inf
from typing import TYPE_CHECKING, Final, NamedTuple

from streamguard.scope.differ import at_least, named
from streamguard.scope.people import People
from streamguard.scope.report import NOBODY, Bounds
from streamguard.scope.wholes import length

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

    from streamguard.scope.claim import Claim


_NOTHING: Final = frozenset[str]()
"""Conditions of everybody."""


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
    shown = Union(said, Limits(None, are_right=False)).everybody().lower
    return Limits(subjects, subjects is None or shown <= subjects)


class Union:
    """The people of whom claims of one space speak together.

    Parameters
    ----------
    said
        Claims in the order of time.
    limits
        How many people there are at all.
    """

    def __init__(self, said: Sequence[Said], limits: Limits) -> None:
        self._said = said
        self._limits = limits
        self._sets = _merged([claim for claim, _ in said], limits)
        self._keyed = [claim for claim, _ in said if claim.keys is not None]

    def everybody(self) -> Bounds:
        """Return how many they are."""
        sure = [claim for claim, is_sure in self._said if is_sure]
        lower = at_least(sure)
        by_region: dict[str, list[Claim]] = {}
        for claim in sure:
            if claim.regions is not None and len(claim.regions) == 1:
                by_region.setdefault(next(iter(claim.regions)), []).append(claim)
        if len(by_region) > 1:
            lower = max(lower, sum(at_least(claims) for claims in by_region.values()))
        return _bounds(lower, self._at_most(lambda _: True, None), self._limits)

    def within(self, region: str) -> Bounds:
        """Return how many of them live in a region."""
        here = frozenset((region,))
        lower = at_least([claim for claim, is_sure in self._said if is_sure and claim.regions == here])
        upper = self._at_most(lambda regions: regions is None or region in regions, region)
        return _bounds(lower, upper, self._limits)

    def elsewhere(self) -> Bounds:
        """Return of how many of them the log does not say where they live."""
        if all(_is_located(claim.regions) for claim, _ in self._said):
            return NOBODY
        located = self._at_most(_is_located, None)
        lower = 0 if located is None else max(0, self.everybody().lower - located)
        return _bounds(lower, self._at_most(lambda regions: not _is_located(regions), None), self._limits)

    def _at_most(self, concerns: Callable[[frozenset[str] | None], bool], region: str | None) -> int | None:
        """Return how many people there can be, of a region or of all; None: any number.

        Parameters
        ----------
        concerns
            Which claims count, by where their people live.
        region
            Of which people; None: of all.
        """
        sets = [one for one in self._sets if concerns(one.regions)]
        wholes: dict[frozenset[str], list[_Set]] = {}
        for one in sets:
            if one.is_whole:
                wholes.setdefault(one.within, []).append(one)
        loose = [one for one in sets if not _is_covered(one, wholes, region)] if wholes else sets
        if any(one.upper is None for one in loose):
            return None
        keyed = [c for c in self._keyed if concerns(c.regions) and not _is_covered(_keyed(c), wholes, region)]
        return sum(one.upper or 0 for one in loose) + _named_at_most(keyed)


def _is_located(regions: frozenset[str] | None) -> bool:
    return regions is not None and len(regions) == 1


def _bounds(lower: int, upper: int | None, limits: Limits) -> Bounds:
    if limits.most is not None and limits.are_right:
        upper = limits.most if upper is None else min(upper, limits.most)
    return Bounds(lower, None if upper is None else max(lower, upper))


def _keyed(claim: Claim) -> _Set:
    return _Set(claim.within, claim.regions, claim.size.upper, is_whole=False)


def _is_covered(one: _Set, wholes: Mapping[frozenset[str], list[_Set]], region: str | None) -> bool:
    """Whether people lie within a whole that was taken, other than their own."""
    for whole in _wider(one.within, wholes):
        if whole.number == one.number or not _lies_in(one, whole, region):
            continue
        # Of two wholes that are the same people, the one of which less is unknown stays.
        if not (one.is_whole and _lies_in(whole, one, region)) or _rank(whole) < _rank(one):
            return True
    return False


def _wider(within: frozenset[str], wholes: Mapping[frozenset[str], list[_Set]]) -> Iterator[_Set]:
    """Yield the wholes that ask for nothing but some of these conditions: looked up, for there may be many wholes."""
    if len(within) == 1:
        yield from wholes.get(_NOTHING, ())
        yield from wholes.get(within, ())
        return
    if 2 ** len(within) > len(wholes):
        yield from (whole for conditions, some in wholes.items() if conditions <= within for whole in some)
        return
    asked = sorted(within)
    for size in range(len(asked) + 1):
        for conditions in combinations(asked, size):
            yield from wholes.get(frozenset(conditions), ())


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
            same.setdefault((claim.same, claim.is_whole, claim.regions), []).append(claim)
        elif claim.keys is None:
            found.append(_Set(claim.within, claim.regions, _upper(claim, limits), is_whole=False, number=len(found)))
    for number, alike in enumerate(same.values(), len(found)):
        first = alike[0]
        upper, is_whole = (_risen(alike, limits), first.is_whole) if first.page is None else _paged(alike)
        found.append(_Set(first.within, first.regions, upper, is_whole, number))
    return found


def _upper(claim: Claim, limits: Limits) -> int | None:
    return claim.most if claim.size.upper is None and limits.are_right else claim.size.upper


def _risen(alike: Sequence[Claim], limits: Limits) -> int | None:
    """Return how many people returned by the same statement over time: as many as at first, and those who came."""
    if len(alike) == 1:
        return _upper(alike[0], limits)
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


def _named_at_most(claims: Sequence[Claim]) -> int:
    """Return how many different people claims with keys speak of: of some lists only so many as there were rows."""
    people, everybody = named(claims), People()
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
    exact, most = people.count().upper, everybody.count().upper
    return min(most or 0, (exact or 0) + partly)
