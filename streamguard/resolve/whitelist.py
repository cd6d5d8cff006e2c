"""What may be run on the customer's database: plain reads, made of nothing but what is listed here.

Statement texts are written by the people who are being investigated. A function may write, wait, or reach files and
other servers, so only those run that are known to compute; what is not listed is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Iterator

_STRUCTURE: Final = (
    *(exp.Select, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Limit, exp.Offset),
    *(exp.Fetch, exp.Subquery, exp.With, exp.CTE, exp.Union, exp.Table, exp.TableAlias, exp.Alias, exp.Identifier),
    *(
        exp.Column,
        exp.Star,
        exp.Literal,
        exp.Null,
        exp.Boolean,
        exp.Paren,
        exp.Var,
        exp.Tuple,
        exp.Distinct,
        exp.Window,
    ),
    *(exp.WindowSpec, exp.Interval, exp.DataType, exp.DataTypeParam),
)
_OPERATORS: Final = (
    *(exp.And, exp.Or, exp.Not, exp.Xor, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ),
    *(exp.NullSafeNEQ, exp.Is, exp.In, exp.Between, exp.Like, exp.ILike, exp.RegexpLike, exp.RegexpILike, exp.Exists),
    *(exp.Any, exp.All, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg, exp.DPipe, exp.Case, exp.If, exp.Collate),
)
_FUNCTIONS: Final = (
    *(exp.Cast, exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least, exp.Lower, exp.Upper, exp.Trim, exp.Length),
    *(exp.Substring, exp.Left, exp.Right, exp.StrPosition, exp.Concat, exp.Abs, exp.Round, exp.Floor, exp.Ceil),
    *(exp.Extract, exp.Year, exp.Month, exp.Day, exp.Date, exp.DateTrunc, exp.TimestampTrunc, exp.Count, exp.Min),
    *(exp.Max, exp.Sum, exp.Avg, exp.RowNumber, exp.Rank, exp.DenseRank),
)
_ALLOWED: Final = frozenset((*_STRUCTURE, *_OPERATORS, *_FUNCTIONS))
_REFUSED_TYPES: Final = frozenset({exp.DataType.Type.USERDEFINED, exp.DataType.Type.UNKNOWN})
"""A cast to a type of somebody's own runs a function of somebody's own."""
_REFUSED_PARTS: Final = {
    exp.Select: ("into", "locks", "hint", "sample", "laterals", "pivots", "settings", "format", "match", "connect"),
    exp.Table: ("sample", "hints", "pivots", "when", "only", "changes", "version", "partition", "joins", "catalog"),
    exp.Limit: ("limit_options",),
    exp.With: ("recursive",),
}


def refused_in(tree: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the outermost parts of a tree that may not be run; none: it is a plain read."""
    if not _is_allowed(tree):
        yield tree
        return
    for child in tree.iter_expressions():
        yield from refused_in(child)


def is_plain_read(tree: exp.Expr) -> bool:
    """Whether a tree may be run as it is."""
    return isinstance(tree, (exp.Select, exp.Union)) and next(refused_in(tree), None) is None


def _is_allowed(node: exp.Expr) -> bool:
    kind = type(node)
    if kind not in _ALLOWED:
        return False
    if any(node.args.get(part) for part in _REFUSED_PARTS.get(kind, ())):
        return False
    if isinstance(node, exp.DataType):
        return node.this not in _REFUSED_TYPES
    # A table that is called like a function is one.
    return not isinstance(node, exp.Table) or isinstance(node.this, exp.Identifier)
