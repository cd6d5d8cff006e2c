"""The ranges of numbers that a condition allows: ``BETWEEN a AND b``, ``c > a AND c <= b`` and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from sqlglot import exp

from streamguard.sources.statement.expressions import mark_of, unwrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Name: TypeAlias = "Callable[[object], str | None]"
"""What an expression is called if its ranges are of interest, else None."""

_LOWER: Final = (exp.GT, exp.GTE)
_UPPER: Final = (exp.LT, exp.LTE)


class Place(NamedTuple):
    """A place in a larger whole: a sum of numbers of the text."""

    marks: tuple[int, ...]
    """Those whose numbers are added."""
    less: tuple[int, ...] = ()
    """Those whose numbers are taken off."""
    more: int = 0

    def moved(self, by: int) -> Place:
        """Return the place so many further on."""
        return self._replace(more=self.more + by)


class Range(NamedTuple):
    """Numbers from the first that is taken to the first behind it that is not; None: on that side there is no end."""

    first: Place | None = None
    behind: Place | None = None

    def moved(self, by: int) -> Range:
        """Return the range so many further on."""
        return Range(self.first and self.first.moved(by), self.behind and self.behind.moved(by))


NO_RANGE: Final = Range()


def ranges_of(conditions: Iterable[exp.Expr], name: Name) -> dict[str, Range]:
    """Return the ranges that all of some conditions allow together, by what has to be in them, as the text has them.

    What is bounded twice on one side is left out: without the numbers nobody knows which of the two counts.

    Parameters
    ----------
    conditions
        Predicates, alone or joined by AND.
    name
        Says of which expressions ranges are of interest.
    """
    found: dict[str, Range] = {}
    twice: set[str] = set()
    for node, bound in _bounds(conditions):
        called = name(node)
        if called is None:
            continue
        before = found.get(called, NO_RANGE)
        if (before.first and bound.first) or (before.behind and bound.behind):
            twice.add(called)
        found[called] = Range(before.first or bound.first, before.behind or bound.behind)
    return {called: found[called] for called in found if called not in twice}


def _bounds(conditions: Iterable[exp.Expr]) -> Iterator[tuple[object, Range]]:
    """Yield what is compared with a literal, and the numbers which that allows."""
    stack = list(conditions)[::-1]
    while stack:
        node = stack.pop()
        if isinstance(node, exp.And):
            stack += (node.right, node.left)
        elif isinstance(node, exp.Paren):
            stack.append(node.this)
        elif isinstance(node, exp.Between):
            low, high = mark_of(node.args["low"]), mark_of(node.args["high"])
            if low is not None and high is not None:
                yield unwrapped(node.this), Range(Place((low,)), Place((high,), more=1))
        elif isinstance(node, (*_LOWER, *_UPPER)):
            yield from _comparison(node)


def _comparison(node: exp.Binary) -> Iterator[tuple[object, Range]]:
    is_lower = isinstance(node, _LOWER)
    what, mark = node.left, mark_of(node.right)
    if mark is None:
        what, mark, is_lower = node.right, mark_of(node.left), not is_lower
    if mark is None:
        return
    is_strict = isinstance(node, (exp.GT, exp.LT))
    # ``> a`` begins behind a, ``<= b`` ends behind b.
    place = Place((mark,), more=int(is_strict == is_lower))
    yield unwrapped(what), Range(first=place) if is_lower else Range(behind=place)
