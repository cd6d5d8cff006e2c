"""What resolving an incident gives: exact numbers of people, where they are exact, and why where they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamguard.activity import Verdict
from streamguard.resolve.plan import Outcome
from streamguard.scope.report import Bounds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.resolve.settle import Settled
    from streamguard.resolve.tally import Tally
    from streamguard.scope import CategoryScope, ScopeReport


class ResolvedCategory(msgspec.Struct, frozen=True, kw_only=True):
    """One category of personal data."""

    category: str
    verdict: Verdict
    people: Bounds
    without_value: int
    """Of the people that are certain, how many have nothing in this field."""
    regions: dict[str, Bounds]
    log: Bounds | None = None
    """What the log alone said; None: it was not asked."""


class ResolvedStatement(msgspec.Struct, frozen=True, kw_only=True):
    """Statements of one shape that came to the same."""

    fingerprint: str | None
    statement: str | None
    """Without literals."""
    outcome: Outcome
    why: str
    statements: int
    employees: tuple[str, ...]
    rows_then: int | None
    """By the log; None: it does not count them all."""
    rows_now: int | None
    """None: it could not be asked."""


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """The people of an incident, as the database has them now."""

    as_of: str
    """By the database's clock."""
    database: str
    is_replica: bool
    people: Bounds
    regions: dict[str, Bounds]
    categories: tuple[ResolvedCategory, ...]
    statements: tuple[ResolvedStatement, ...]
    elsewhere: dict[str, int]
    """Statements that were not asked because they ran in other databases, by database."""
    log: Bounds | None = None
    """People by the log alone."""
    disagreements: tuple[str, ...] = ()
    """Where no number fits both the log and the database: what they say, in words."""


def resolution_of(
    tally: Tally,
    settled: Sequence[Settled],
    *,
    as_of: str,
    database: str,
    is_replica: bool,
    elsewhere: dict[str, int],
    scope: ScopeReport | None = None,
) -> Resolution:
    """Return the report of settled statements.

    Parameters
    ----------
    tally, settled
        Of the statements.
    as_of, database, is_replica
        When and what was asked.
    elsewhere
        Statements of other databases.
    scope
        What the log alone says of the same statements.
    """
    names = sorted({category for one in settled for category in one.plan.exposure.categories})
    told = {one.category: one for one in scope.categories} if scope is not None else {}
    categories = tuple(_category(name, tally, told.get(name)) for name in names)
    people = tally.count()
    pairs = [("people", people, None if scope is None else scope.people)]
    pairs += [(one.category, one.people, one.log) for one in categories]
    return Resolution(
        as_of=as_of,
        database=database,
        is_replica=is_replica,
        people=people,
        regions=_regions(tally, None),
        categories=categories,
        statements=_statements(settled),
        elsewhere=elsewhere,
        log=None if scope is None else scope.people,
        disagreements=tuple(_words(*pair) for pair in pairs if not _fit(*pair[1:])),
    )


def _category(name: str, tally: Tally, log: CategoryScope | None) -> ResolvedCategory:
    people = tally.count(name)
    return ResolvedCategory(
        category=name,
        verdict=people.verdict,
        people=people,
        without_value=tally.without_value(name),
        regions=_regions(tally, name),
        log=None if log is None else log.people,
    )


def _regions(tally: Tally, category: str | None) -> dict[str, Bounds]:
    found = {region: tally.count(category, region) for region in tally.regions}
    return {region: bounds for region, bounds in found.items() if bounds != Bounds(0, 0)}


def _fit(database: Bounds, log: Bounds | None) -> bool:
    if log is None:
        return True
    is_over = log.upper is not None and database.lower > log.upper
    return not is_over and (database.upper is None or database.upper >= log.lower)


def _words(what: str, database: Bounds, log: Bounds | None) -> str:
    return f"{what}: {_range(database)} by the database, {_range(log)} by the log"


def _range(bounds: Bounds | None) -> str:
    if bounds is None:
        return "nothing"
    if bounds.upper is None:
        return f"at least {bounds.lower:,}"
    return f"{bounds.lower:,}" if bounds.is_exact else f"{bounds.lower:,} to {bounds.upper:,}"


def _statements(settled: Sequence[Settled]) -> tuple[ResolvedStatement, ...]:
    groups: dict[tuple[str | None, Outcome, str], list[Settled]] = {}
    for one in settled:
        # Numbers in the reason differ from statement to statement.
        why = "".join("#" if letter.isdigit() else letter for letter in one.why)
        groups.setdefault((one.plan.exposure.activity.fingerprint, one.outcome, why), []).append(one)
    return tuple(_statement(some) for some in groups.values())


def _statement(some: list[Settled]) -> ResolvedStatement:
    first = some[0]
    then = [one.plan.rows for one in some]
    now = [None if one.answer is None else one.answer.rows for one in some]
    return ResolvedStatement(
        fingerprint=first.plan.exposure.activity.fingerprint,
        statement=first.plan.exposure.activity.statement,
        outcome=first.outcome,
        why=first.why,
        statements=len(some),
        employees=tuple(sorted({one.plan.exposure.employee for one in some})),
        rows_then=_total(then),
        rows_now=_total(now),
    )


def _total(numbers: list[int | None]) -> int | None:
    told = [number for number in numbers if number is not None]
    return sum(told) if len(told) == len(numbers) else None
