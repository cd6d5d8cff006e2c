"""Puts what is known of its literals back into a query: in clear, or as values that are looked up by their hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from sqlglot import exp

from streamguard.resolve.logged import Edge, Known
from streamguard.sources.statement.expressions import unwrapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamguard.resolve.logged import Meaning


class ColumnOf(NamedTuple):
    """A column of a real table."""

    table: str
    """As a query names it, in quotes where it has to be."""
    column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


class Given(NamedTuple):
    """Values that are known."""

    values: tuple[str | int, ...]
    is_neutral: bool


class LookUp(NamedTuple):
    """Values that are in a column, and known by their hashes."""

    where: ColumnOf
    hashes: frozenset[str]


class LookUpEdge(NamedTuple):
    """A number known by the hash of its place among the numbers of a column, less ``more``."""

    where: ColumnOf
    place: str
    more: int
    is_upper: bool
    """Whether the numbers of the column have to be smaller; else larger."""


Source: TypeAlias = Given | LookUp | LookUpEdge
"""Where the values behind a name in a query come from."""


class Binder:
    """Names for the values of one query.

    Parameters
    ----------
    prefix
        Of the names; no word of the statement begins with it.
    column_of
        Finds the real table of a column of the query; None: it cannot be told.
    """

    def __init__(self, prefix: str, column_of: Callable[[exp.Column], ColumnOf | None]) -> None:
        self.prefix = prefix
        self.sources: dict[str, Source] = {}
        self._column_of = column_of

    def put(self, literal: exp.Literal, meaning: Meaning) -> bool:
        """Put the meaning of a mark in its place; return False if that is not possible."""
        if isinstance(meaning, Known):
            return self._put_known(literal, meaning)
        comparison = _comparison(literal)
        if comparison is None:
            return False
        predicate, column = comparison
        where = self._column_of(column)
        if where is None:
            return False
        if isinstance(meaning, Edge):
            is_upper = _is_upper(predicate, literal)
            if is_upper is None:
                return False
            literal.replace(exp.var(self._name(LookUpEdge(where, meaning.place, meaning.more, is_upper))))
            return True
        return self._put_hashed(predicate, column, LookUp(where, meaning.hashes))

    def compared_column(self, literal: exp.Literal) -> ColumnOf | None:
        """Return the real column that a literal is compared with; None if it cannot be told."""
        comparison = _comparison(literal)
        return None if comparison is None else self._column_of(comparison[1])

    def _put_known(self, literal: exp.Literal, known: Known) -> bool:
        values = known.values
        if isinstance(literal.parent, (exp.Limit, exp.Offset, exp.Fetch, exp.Ordered)):
            if len(values) != 1 or not str(values[0]).isdecimal():
                return False
            literal.replace(exp.Literal.number(str(values[0])))
            return True
        if isinstance(literal.parent, (exp.Interval, exp.DataType, exp.DataTypeParam)):
            return False
        if isinstance(literal.parent, exp.In) or len(values) != 1:
            return self._put_list(literal, Given(values, known.is_neutral))
        literal.replace(exp.var(self._name(Given(values, known.is_neutral))))
        return True

    def _put_list(self, literal: exp.Literal, given: Given) -> bool:
        predicate = literal.parent
        while isinstance(predicate, (exp.Paren, exp.Tuple, exp.Cast)):
            predicate = predicate.parent
        name = exp.var(self._name(given))
        if isinstance(predicate, exp.In) and len(predicate.expressions) == 1:
            predicate.set("expressions", [name])
            return True
        if isinstance(predicate, (exp.EQ, exp.Like, exp.ILike)) and isinstance(unwrapped(predicate.this), exp.Column):
            # Several texts, or hashes, of one statement's records.
            predicate.replace(exp.In(this=predicate.this, expressions=[name]))
            return True
        return False

    def _put_hashed(self, predicate: exp.Expr, column: exp.Column, source: LookUp) -> bool:
        # In a pattern an underscore stands for any character, and its hash does not say so.
        if not isinstance(predicate, (exp.EQ, exp.NullSafeEQ, exp.In)):
            return False
        if isinstance(predicate, exp.In) and len(predicate.expressions) != 1:
            return False
        found = exp.In(this=column.copy(), expressions=[exp.var(self._name(source))])
        predicate.replace(found)
        return True

    def _name(self, source: Source) -> str:
        name = f"{self.prefix}{len(self.sources)}"
        self.sources[name] = source
        return name


def _is_upper(predicate: exp.Expr, literal: exp.Literal) -> bool | None:
    """Whether a literal bounds the column that it is compared with from above; None: it bounds none."""
    if isinstance(predicate, exp.Between):
        return unwrapped(predicate.args["high"]) is literal
    if isinstance(predicate, (exp.GT, exp.GTE, exp.LT, exp.LTE)):
        return isinstance(predicate, (exp.LT, exp.LTE)) == (unwrapped(predicate.expression) is literal)
    return None


def _comparison(literal: exp.Literal) -> tuple[exp.Expr, exp.Column] | None:
    """Return the predicate that compares a literal with a column, and that column."""
    node: exp.Expr | None = literal.parent
    while isinstance(node, (exp.Paren, exp.Cast, exp.Any, exp.Array, exp.Tuple, exp.Lower, exp.Upper, exp.Trim)):
        node = node.parent
    if node is None:
        return None
    sides = [unwrapped(node.this), unwrapped(node.args.get("expression"))]
    columns = [side for side in sides if isinstance(side, exp.Column)]
    return (node, columns[0]) if len(columns) == 1 else None
