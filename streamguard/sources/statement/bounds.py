"""How many rows a statement can give at most, by its own words."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from sqlglot import exp

from streamguard.sources.statement.expressions import mark_of

_FETCH: Final = re.compile(
    r"fetch(?: (?:forward |backward )?(?P<count>\?)| (?:next|prior|first|last|(?:absolute|relative) -?\?)"
    r"| forward| backward)?(?: (?:from|in))? (?!(?:all|forward|backward)\b)[\w$\"@]"
)
_ONE_ROW_PARTS: Final = (exp.Alias, exp.Cast, exp.Coalesce, exp.Paren, exp.Binary, exp.Round, exp.Literal, exp.DataType)

_SINGLE_VALUES: Final = (
    *(exp.AnyValue, exp.ApproxDistinct, exp.ApproxQuantile, exp.ArgMax, exp.ArgMin, exp.Avg, exp.Corr, exp.Count),
    *(exp.CountIf, exp.CovarPop, exp.CovarSamp, exp.First, exp.Grouping, exp.GroupingId, exp.Last, exp.LogicalAnd),
    *(exp.LogicalOr, exp.Max, exp.Median, exp.Min, exp.Mode, exp.PercentileCont, exp.PercentileDisc, exp.Quantile),
    *(exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.Sum, exp.Variance, exp.VariancePop),
)
"""Aggregates whose result is one value, or one made of numbers. Those that gather (string_agg) are all others."""
_GATHERING: Final = re.compile("agg|array|concat|collect|list|json|xml|map|string")


class Bound(NamedTuple):
    """The largest number of rows."""

    rows: int | None = None
    mark: int | None = None
    """Number of the mark that stands for it, where it is a literal."""


NO_BOUND: Final = Bound()


def bound_of_fetch(text: str, start: int) -> Bound:
    """Return the bound of a normalised FETCH from a cursor.

    Parameters
    ----------
    text
        The statement.
    start
        Number of its first mark.

    Examples
    --------
    >>> bound_of_fetch("fetch forward ? from cur", 3)
    Bound(rows=None, mark=3)
    >>> bound_of_fetch("fetch next from cur", 3)
    Bound(rows=1, mark=None)
    >>> bound_of_fetch("fetch all from cur", 3)
    Bound(rows=None, mark=None)
    """
    match = _FETCH.match(text)
    if match is None:
        return NO_BOUND
    return Bound(mark=start) if match["count"] else Bound(rows=1)


def bound_of(tree: exp.Expr, dialect: str | None) -> Bound:
    """Return the bound of the outermost query of a statement; what is inside of it does not bound it.

    Parameters
    ----------
    tree
        The statement.
    dialect
        sqlglot's name of the SQL dialect it was written in; ROWNUM counts rows in Oracle's only.
    """
    query = tree
    while True:
        limit = query.args.get("limit")
        if limit is not None:
            return bound_of_limit(limit)
        if isinstance(query, exp.Subquery) or (isinstance(query, exp.Insert) and query.expression is not None):
            query = query.this if isinstance(query, exp.Subquery) else query.expression
        else:
            break
    if not isinstance(query, exp.Select):
        return NO_BOUND
    if _is_one_row(query):
        return Bound(rows=1)
    where = query.args.get("where")
    return NO_BOUND if where is None or dialect != "oracle" else _bound_of_rownum(where.this)


def bound_of_limit(limit: exp.Expr) -> Bound:
    """Return the bound of LIMIT, TOP or FETCH; shares and ties bound nothing."""
    options = limit.args.get("limit_options")
    if options is not None and (options.args.get("percent") or options.args.get("with_ties")):
        return NO_BOUND
    if isinstance(limit, exp.Fetch):
        count = limit.args.get("count")
        return Bound(rows=1) if count is None else Bound(mark=mark_of(count))
    return Bound(mark=mark_of(limit.args.get("expression")))


def _bound_of_rownum(condition: exp.Expr) -> Bound:
    """Return the bound of Oracle's ``rownum <= n``, alone or joined to others by AND."""
    stack = [condition]
    while stack:
        node = stack.pop()
        if isinstance(node, exp.And):
            stack += [node.left, node.right]
        elif isinstance(node, (exp.LTE, exp.LT, exp.EQ)) and is_rownum(node.this):
            return Bound(mark=mark_of(node.expression))
    return NO_BOUND


def _gathers(node: exp.Expr) -> bool:
    """Whether an aggregate may put the values of many rows into one; one that is not known may."""
    if isinstance(node, exp.AggFunc):
        return not isinstance(node, _SINGLE_VALUES)
    return _GATHERING.search(node.name.lower()) is not None


def is_rownum(node: exp.Expr) -> bool:
    """Whether a value is what Oracle counts rows by, if the dialect is Oracle's."""
    is_bare = isinstance(node, exp.Column) and not node.table and not node.this.args.get("quoted")
    return is_bare and node.name == "rownum"


def _is_one_row(query: exp.Select) -> bool:
    """Whether every column is an aggregate of one value, nothing groups, and no aggregate gathers many people."""
    if query.args.get("group") is not None or not query.expressions:
        return False
    if any(_gathers(node) for node in query.find_all(exp.AggFunc, exp.Anonymous)):
        return False
    stack: list[exp.Expr] = list(query.expressions)
    aggregates = 0
    while stack:
        node = stack.pop()
        if isinstance(node, exp.AggFunc):
            aggregates += 1
        elif isinstance(node, _ONE_ROW_PARTS):
            stack.extend(child for child in node.iter_expressions() if not isinstance(child, exp.Identifier))
        else:
            return False
    return aggregates > 0
