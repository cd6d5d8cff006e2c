"""What the names in FROM stand for: a table, or a subquery that was taken apart into its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sqlglot import exp

if TYPE_CHECKING:
    from streamguard.scope.shape import Ref


class Outputs(NamedTuple):
    """What a subquery calls its columns."""

    named: dict[str, Ref | None]
    stars: tuple[int, ...]
    """Sources whose columns all pass through under their own names."""


Names: TypeAlias = dict[str, "int | Outputs"]
"""Number of a source, or what a subquery is made of, by name."""


def outputs_of(query: exp.Select, scope: Names) -> Outputs:
    """Return what a subquery calls its columns, and what they are."""
    named: dict[str, Ref | None] = {}
    stars: list[int] = []
    for item in query.expressions:
        star = item if isinstance(item, exp.Star) else item.this if isinstance(item, exp.Column) else None
        if isinstance(star, exp.Star):
            of = [scope[item.table]] if isinstance(item, exp.Column) and item.table in scope else list(scope.values())
            for found in of:
                stars += [found] if isinstance(found, int) else found.stars
                named |= {} if isinstance(found, int) else found.named
        else:
            inside = item.this if isinstance(item, exp.Alias) else item
            named[item.alias_or_name] = resolve(inside, scope) if isinstance(inside, exp.Column) else None
    return Outputs(named, tuple(stars))


def resolve(column: exp.Column, scope: Names) -> Ref | None:
    """Return the source of a column; None where it cannot be told."""
    if isinstance(column.this, exp.Star):
        return None
    if column.table:
        found = scope.get(column.table)
        return None if found is None else within(found, column.name)
    if len(scope) == 1:
        return within(next(iter(scope.values())), column.name)
    return None


def within(found: int | Outputs, name: str) -> Ref | None:
    """Return the source of a column of what a name stands for; None where it cannot be told."""
    if isinstance(found, int):
        return found, name
    if name in found.named:
        return found.named[name]
    return (found.stars[0], name) if len(found.stars) == 1 else None


def using_of(join: exp.Join, scope: Names, before: set[str]) -> list[tuple[Ref, Ref]]:
    """Return what USING makes equal, as far as it is between two names."""
    if len(before) != 1 or len(scope) != 2:
        return []
    left, right = (next(scope[name] for name in scope if (name in before) is side) for side in (True, False))
    pairs = []
    for column in join.args.get("using") or ():
        first, second = within(left, column.name), within(right, column.name)
        if first is not None and second is not None:
            pairs.append((first, second))
    return pairs
