"""Who leaked these: employees ranked by how well their access covers a list of people, against chance."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final, NamedTuple

from streamguard.scope.access import Access, Wanted
from streamguard.scope.attribution import Attribution, Suspect
from streamguard.scope.chance import chance_of
from streamguard.scope.claims import ClaimReader
from streamguard.scope.collect import chosen, collect
from streamguard.scope.spaces import Spaces
from streamguard.scope.standing import space_of_keys

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from streamguard.activity import Exposure
    from streamguard.exposure import Catalogue
    from streamguard.ledger import Span
    from streamguard.scope.report import Bounds
    from streamguard.scope.spaces import Space
    from streamguard.scope.subject import Subject

POINTS_BELOW: Final = 0.001
"""A list points to an employee where chance would cover a random list so well, for any of all employees, in less than
one of a thousand cases."""
_TRIED: Final = 12
"""Suspects up to whom every group is tried; beyond, groups grow by who adds most."""


def attribute(
    exposures: Iterable[Exposure],
    catalogue: Catalogue,
    span: Span,
    leaked: Sequence[Subject],
    *,
    employees: Collection[str] | None = None,
    table: str | None = None,
    search_path: tuple[str, ...] = ("public",),
) -> Attribution:
    """Return who had the people of a list, ranked.

    Parameters
    ----------
    exposures
        Of everybody: the more employees, the better chance can be told from guilt.
    catalogue, span, employees, search_path
        As `scope` takes them.
    leaked
        The people. With the regions where they live, exports of whole regions count too.
    table
        Of which table's people they are; None: of the only one that the exposures concern.

    Raises
    ------
    UnclearKeysError
        When it is not clear whose keys they are.
    """
    spaces = Spaces(catalogue, search_path)
    asked = chosen(exposures, span, employees)
    found = collect(asked, spaces)
    space = space_of_keys(found, spaces, table)
    wanted = Wanted(leaked)
    reader = ClaimReader(spaces)
    accesses: dict[str, Access] = {}
    for exposure in asked:
        for claim in reader.claims(exposure):
            if claim.space.name == space.name:
                access = accesses.setdefault(exposure.employee, Access(wanted))
                access.take(claim, exposure.activity.time_ms)
    population = _population(space, accesses, len(wanted))
    suspects = [
        _suspect(employee, access, len(wanted), population, len(found.employees))
        for employee, access in sorted(accesses.items())
        if access.is_any
    ]
    suspects.sort(key=lambda one: (one.chance, -one.selected, -one.covered, one.employee))
    together = _smallest({one.employee: accesses[one.employee].selected for one in suspects if one.points})
    shown = _first_times(accesses[employee].selected for employee in together)
    return Attribution(
        listed=len(wanted),
        population=population,
        suspects=tuple(suspects),
        together=together,
        together_covered=len(shown),
        together_ms=max(shown.values(), default=None),
    )


class _Measure(NamedTuple):
    """How well an employee's selective statements cover the list."""

    hits: int
    expected: float
    chance: float
    reach: Bounds


def _population(space: Space, accesses: dict[str, Access], listed: int) -> int:
    """Return how many people there are: as the catalogue says, or as many as the log shows if those are more."""
    shown = max((access.reach().lower for access in accesses.values()), default=0)
    return max(space.subjects or 0, shown, listed)


def _measure(access: Access, listed: int, population: int, tested: int) -> _Measure:
    reach = access.reach()
    hits = len(access.selected)
    # The largest reach that the log allows: chance covers the more.
    reached = min(population, max(hits, population if reach.upper is None else reach.upper))
    chance = chance_of(hits, listed, reached, population) if hits else 1.0
    # Bonferroni: one of many employees covers a list well by chance sooner than a certain one.
    return _Measure(hits, listed * reached / population if population else 0.0, min(1.0, chance * tested), reach)


def _suspect(employee: str, access: Access, listed: int, population: int, tested: int) -> Suspect:
    measure = _measure(access, listed, population, tested)
    points = measure.chance < POINTS_BELOW
    return Suspect(
        employee=employee,
        covered=len(access.first),
        selected=measure.hits,
        reach=measure.reach,
        expected=measure.expected,
        chance=measure.chance,
        points=points,
        worth=_worth(access, measure, points=points),
        covered_ms=max(access.first.values(), default=None),
        could_have_all_ms=access.could_have_all_ms,
    )


def _worth(access: Access, measure: _Measure, *, points: bool) -> str:
    if points:
        return f"a random list would share {measure.expected:,.0f} people with it, this one shares {measure.hits:,}"
    if len(access.first) > measure.hits:
        return "statements that show everybody cover every list: that is no evidence against anybody in particular"
    if measure.hits:
        return f"a random list would have about as many ({measure.expected:,.0f} expected): no evidence"
    return "the log does not name the people of these statements: they may be the listed ones, or others"


def _smallest(covers: dict[str, dict[str, int]]) -> tuple[str, ...]:
    """Return the smallest group that covers as much as all together, in the order given; the first of several."""
    everything = set().union(*covers.values())
    if not everything:
        return ()
    names = list(covers)
    if len(names) <= _TRIED:
        for size in range(1, len(names) + 1):
            for group in combinations(names, size):
                if len(set().union(*(covers[name] for name in group))) == len(everything):
                    return group
    chosen_: list[str] = []
    missing = set(everything)
    while missing:
        best = max(names, key=lambda name: len(missing & covers[name].keys()))
        chosen_.append(best)
        missing -= covers[best].keys()
    return tuple(name for name in names if name in chosen_)


def _first_times(several: Iterable[dict[str, int]]) -> dict[str, int]:
    shown: dict[str, int] = {}
    for times in several:
        for key, time_ms in times.items():
            shown[key] = min(time_ms, shown.get(key, time_ms))
    return shown
