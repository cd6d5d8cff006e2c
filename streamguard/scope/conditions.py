"""Conditions of a query, one by one: which of them can be told, and of which source."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlglot import exp

from streamguard.scope.shape import Condition, Ref
from streamguard.sources.statement.expressions import comparison_of, mark_of, unwrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_LOWER: Final = (exp.GT, exp.GTE)
_UPPER: Final = (exp.LT, exp.LTE)
_STEADY: Final = (
    *(exp.And, exp.Or, exp.Not, exp.Paren, exp.Column, exp.Identifier, exp.Is, exp.Null, exp.Boolean, exp.Literal),
    *(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Lower, exp.Upper, exp.Trim, exp.Coalesce),
)
"""What is the same for the same row, whoever asks and when."""


class Told(NamedTuple):
    """What the conditions of a query say."""

    conditions: list[Condition]
    equal: list[tuple[Ref, Ref]]
    is_all: bool
    """Whether there is nothing besides."""


class Conditions:
    """Reads the conditions of one statement.

    Parameters
    ----------
    tree
        The statement: a column that is compared with literals at two places of it has values nobody can tell apart.
    """

    def __init__(self, tree: exp.Expr) -> None:
        compared = (comparison_of(node) for node in tree.find_all(exp.Predicate))
        self._compared = Counter(found.column.name for found in compared if found is not None)
        self._ranges: dict[Ref, list[str]] = {}

    def read(self, nodes: Iterable[exp.Expr], resolve: Callable[[exp.Column], Ref | None]) -> Told:
        """Return what conditions say that all hold.

        Parameters
        ----------
        nodes
            Predicates, alone or joined by AND.
        resolve
            Finds the source of a column.
        """
        told = Told([], [], is_all=True)
        for node in _conjuncts(nodes):
            found = self._values(node, resolve) or _fixed(node, resolve)
            pair = _equality(node, resolve)
            if pair is not None:
                told.equal.append(pair)
            elif found is not None:
                told.conditions.append(found)
            elif not self._bounds(node, resolve):
                told = told._replace(is_all=False)
        return told

    def equalities(self, nodes: Iterable[exp.Expr], resolve: Callable[[exp.Column], Ref | None]) -> Told:
        """Return of conditions only what they say to be equal."""
        pairs = [_equality(node, resolve) for node in _conjuncts(nodes)]
        return Told([], [pair for pair in pairs if pair is not None], is_all=None not in pairs)

    def ranges(self) -> list[Condition] | None:
        """Return the range of numbers that was read; None: several, of which an activity tells one only."""
        if len(self._ranges) > 1:
            return None
        for (source, column), sides in self._ranges.items():
            if len(set(sides)) < len(sides):
                return None
            return [Condition(source, "range" if len(sides) == 2 else "from", column)]
        return []

    def _values(self, node: exp.Expr, resolve: Callable[[exp.Column], Ref | None]) -> Condition | None:
        found = comparison_of(node)
        if found is None or found.how == "pattern" or self._compared[found.column.name] > 1:
            return None
        if isinstance(node, exp.In) and (node.args.get("query") or any(mark_of(e) is None for e in node.expressions)):
            return None
        ref = resolve(found.column)
        return None if ref is None else Condition(ref[0], "values", ref[1])

    def _bounds(self, node: exp.Expr, resolve: Callable[[exp.Column], Ref | None]) -> bool:
        """Take in a bound of a column; return whether it was one."""
        for what, side in _bounds_of(node):
            column = unwrapped(what)
            ref = resolve(column) if isinstance(column, exp.Column) else None
            if ref is None:
                return False
            self._ranges.setdefault(ref, []).append(side)
        return isinstance(node, (exp.Between, *_LOWER, *_UPPER))


def _conjuncts(nodes: Iterable[exp.Expr]) -> Iterator[exp.Expr]:
    stack = list(nodes)[::-1]
    while stack:
        node = stack.pop()
        if isinstance(node, exp.And):
            stack += (node.right, node.left)
        elif isinstance(node, exp.Paren):
            stack.append(node.this)
        else:
            yield node


def _bounds_of(node: exp.Expr) -> Iterator[tuple[object, str]]:
    """Yield what a comparison with a literal bounds, and from which side; nothing of what is none."""
    if isinstance(node, exp.Between):
        marks = mark_of(node.args["low"]), mark_of(node.args["high"])
        is_plain = None not in marks
        yield (node.this, "lower") if is_plain else (None, "")
        yield (node.this, "upper") if is_plain else (None, "")
    elif isinstance(node, (*_LOWER, *_UPPER)):
        is_lower = isinstance(node, _LOWER)
        if mark_of(node.right) is not None:
            yield node.left, "lower" if is_lower else "upper"
        elif mark_of(node.left) is not None:
            yield node.right, "upper" if is_lower else "lower"
        else:
            yield None, ""


def _equality(node: exp.Expr, resolve: Callable[[exp.Column], Ref | None]) -> tuple[Ref, Ref] | None:
    if not isinstance(node, exp.EQ):
        return None
    left, right = _uncast(node.left), _uncast(node.right)
    if not (isinstance(left, exp.Column) and isinstance(right, exp.Column)):
        return None
    first, second = resolve(left), resolve(right)
    return (first, second) if first is not None and second is not None and first[0] != second[0] else None


def _uncast(node: object) -> object:
    while isinstance(node, (exp.Cast, exp.Paren)):
        node = node.this
    return node


def _fixed(node: exp.Expr, resolve: Callable[[exp.Column], Ref | None]) -> Condition | None:
    """Return a condition without literals on one source."""
    if any(not isinstance(part, _STEADY) or mark_of(part) is not None for part in node.walk()):
        return None
    refs = [resolve(column) for column in node.find_all(exp.Column)]
    sources = {ref[0] for ref in refs if ref is not None}
    if len(sources) != 1 or None in refs:
        return None
    bare = node.copy()
    for column in bare.find_all(exp.Column):
        column.set("table", None)
    return Condition(sources.pop(), "fixed", bare.sql())
