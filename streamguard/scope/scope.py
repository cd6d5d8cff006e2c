"""From exposures to the scope report."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from streamguard.activity import Verdict
from streamguard.scope.collect import chosen, collect
from streamguard.scope.group import either
from streamguard.scope.report import NOBODY, UNKNOWN_REGION, Bounds, CategoryScope, Evidence, ScopeReport
from streamguard.scope.spaces import Spaces
from streamguard.scope.union import Said, Union, limits_of
from streamguard.scope.words import why

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterable, Sequence

    from streamguard.activity import Exposure
    from streamguard.exposure import Catalogue
    from streamguard.ledger import Span
    from streamguard.scope.claim import Claim
    from streamguard.scope.group import Group
    from streamguard.scope.spaces import Space


def scope(
    exposures: Iterable[Exposure],
    catalogue: Catalogue,
    span: Span,
    employees: Collection[str] | None = None,
    search_path: tuple[str, ...] = ("public",),
) -> ScopeReport:
    """Return what exposures show of whose data left. Pure; in whatever order they come, and however often.

    Parameters
    ----------
    exposures
        Of whom and when it may be; those of others and of other times are left out.
    catalogue
        What is personal data, and of how many people.
    span
        In which the statements ran.
    employees
        Whose statements; None: everybody's.
    search_path
        Schemas of tables that are named without one.
    """
    spaces = Spaces(catalogue, search_path)
    found = collect(chosen(exposures, span, employees), spaces)
    counting = _Counting(found.claims)
    # What the catalogue knew when the statements ran counts as well.
    names = {*spaces.categories, *(name for group in found.groups for name in group.example.categories)}
    return ScopeReport(
        employees=found.employees,
        from_ms=span.from_ms,
        to_ms=span.to_ms,
        first_ms=found.first_ms,
        last_ms=found.last_ms,
        statements=found.statements,
        records=found.records,
        people=counting.people(None),
        regions=counting.regions(None),
        categories=tuple(_category(name, found.groups, counting) for name in sorted(names)),
    )


class _Counting:
    """Counts people by category over claims of several spaces.

    Of most statements several categories left, and the same ones: what was counted of the same claims is kept.
    """

    def __init__(self, claims: Sequence[Claim]) -> None:
        self._by_space = _spaces_of(claims)
        self._claims = len(claims)
        self._limits = {
            space: limits_of([Said(claim, bool(claim.sure)) for claim in found], space.subjects)
            for space, found in self._by_space.items()
        }
        self._unions: dict[Hashable, Union] = {}
        self._counted: dict[Hashable, Bounds] = {}

    def people(self, category: str | None, group: Group | None = None) -> Bounds:
        """Return the people of a category, or of any; by the statements of one group where it is given."""
        if group is not None and len(group.claims) == self._claims:
            group = None
            located: dict[str, Bounds] = {}
        else:
            located = self.regions(category) if group is None else {}
        found = either(self._each(category, "all", Union.everybody, group))
        # People of different regions differ, also where no other way tells those of two tables apart.
        apart = sum(bounds.lower for region, bounds in located.items() if region != UNKNOWN_REGION)
        return Bounds(max(found.lower, apart), found.upper)

    def regions(self, category: str | None) -> dict[str, Bounds]:
        """Return the people of a category, or of any, by region."""
        names = {name for claims in self._by_space.values() for c in claims for name in c.regions or ()}
        found = {
            name: either(self._each(category, ("in", name), partial(Union.within, region=name)))
            for name in sorted(names)
        }
        found[UNKNOWN_REGION] = either(self._each(category, "elsewhere", Union.elsewhere))
        return {name: bounds for name, bounds in found.items() if bounds != NOBODY or name == UNKNOWN_REGION}

    def _each(
        self,
        category: str | None,
        what: Hashable,
        counted: Callable[[Union], Bounds],
        group: Group | None = None,
    ) -> Iterable[Bounds]:
        uid, by_space = (None, self._by_space) if group is None else (group.uid, _spaces_of(group.claims))
        for space, claims in by_space.items():
            # Whether a claim is asked for, and is sure, depends on its categories alone.
            worth = {profile: _worth(category, *profile) for profile in {(c.sure, c.doubtful) for c in claims}}
            asked = frozenset((profile, is_sure) for profile, is_sure in worth.items() if is_sure is not None)
            if not asked:
                continue
            key = (space.name, uid, asked)
            if key not in self._unions:
                told = ((claim, worth[claim.sure, claim.doubtful]) for claim in claims)
                said = [Said(claim, is_sure) for claim, is_sure in told if is_sure is not None]
                self._unions[key] = Union(said, self._limits[space])
            if (key, what) not in self._counted:
                self._counted[key, what] = counted(self._unions[key])
            yield self._counted[key, what]


def _spaces_of(claims: Iterable[Claim]) -> dict[Space, list[Claim]]:
    by_space: dict[Space, list[Claim]] = {}
    for claim in claims:
        by_space.setdefault(claim.space, []).append(claim)
    return by_space


def _worth(category: str | None, sure: frozenset[str], doubtful: frozenset[str]) -> bool | None:
    """Return whether a claim is certain of a category, or of any; None: it does not speak of it."""
    if category is None:
        return bool(sure)
    return category in sure if category in sure or category in doubtful else None


def _category(name: str, groups: list[Group], counting: _Counting) -> CategoryScope:
    people = counting.people(name)
    evidence = [
        _evidence(group, name, counting)
        for group in groups
        if name in group.example.categories or any(name in c.sure | c.doubtful for c in group.claims)
    ]
    if people.verdict is not Verdict.NOT_SEEN:
        evidence = [found for found in evidence if found.verdict is not Verdict.NOT_SEEN]
    return CategoryScope(
        category=name, verdict=people.verdict, people=people, regions=counting.regions(name), evidence=tuple(evidence)
    )


def _evidence(group: Group, category: str, counting: _Counting) -> Evidence:
    people = counting.people(category, group)
    return Evidence(
        uid=group.uid,
        fingerprint=group.example.activity.fingerprint,
        statement=group.example.activity.statement,
        tables=group.tables,
        verdict=people.verdict,
        why=why(group, category, people.verdict),
        employees=tuple(sorted(group.employees)),
        statements=group.statements,
        rows=group.rows,
        people=people,
        first_ms=group.first_ms,
        last_ms=group.last_ms,
    )
