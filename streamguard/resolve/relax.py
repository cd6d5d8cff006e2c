"""Leaves out of a query what cannot be asked again, so that what it gives can only become more.

A predicate whose literal is not known, or that may not be run, becomes TRUE where it stands alone or is joined by AND
and OR; where it stands under NOT, the whole NOT does. With it goes every LIMIT: of more rows it would take others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from streamguard.resolve.errors import CannotRewriteError
from streamguard.resolve.levels import is_grouped

if TYPE_CHECKING:
    from streamguard.resolve.levels import Levels

_CONNECTIVES: Final = (exp.And, exp.Or, exp.Paren)
_UNKNOWN: Final = "what it computes on its way cannot be asked again"


def relax(node: exp.Expr, levels: Levels) -> bool:
    """Leave a part of a query out; return whether that can add rows.

    Parameters
    ----------
    node
        The part.
    levels
        Of the query; all of them lose their limits where rows are added.

    Raises
    ------
    CannotRewriteError
        When leaving it out would mean something else.
    """
    path, level = _path_to_level(node, levels)
    clause = path[-1]
    if level is levels.selects[0]:
        if clause.arg_key == "expressions":
            return _empty(clause)
        if clause.arg_key == "group":
            # Who is in a group was in the rows that were grouped.
            level.set("group", None)
            return False
    without_limits(levels)
    is_having = clause.arg_key == "having" and level is levels.selects[0]
    if is_having or clause.arg_key in {"order", "limit", "offset"}:
        level.set(str(clause.arg_key), None)
        return True
    _check_monotone(levels)
    is_condition = isinstance(clause, exp.Where) or (
        isinstance(clause, exp.Join) and len(path) > 1 and path[-2].arg_key == "on"
    )
    for part in reversed(path[:-1]) if is_condition else ():
        if not isinstance(part, _CONNECTIVES):
            part.replace(exp.true())
            return True
    raise CannotRewriteError(_UNKNOWN)


def _path_to_level(node: exp.Expr, levels: Levels) -> tuple[list[exp.Expr], exp.Select]:
    """Return the way from a part outwards to its clause, and the SELECT whose clause that is."""
    path = [node]
    while (parent := path[-1].parent) is not None:
        for level in levels.selects:
            if parent is level:
                return path, level
        path.append(parent)
    raise CannotRewriteError(_UNKNOWN)


def without_limits(levels: Levels) -> None:
    """Take off every LIMIT and OFFSET."""
    for holder in levels.holders:
        for part in ("limit", "offset"):
            holder.set(part, None)


def _check_monotone(levels: Levels) -> None:
    """Make sure that more rows inside are more rows outside."""
    inner = levels.selects[1:]
    if levels.are_shared or any(is_grouped(select) or select.find(exp.Window) for select in inner):
        raise CannotRewriteError(_UNKNOWN)
    if any(not isinstance(holder, (exp.Select, exp.Subquery, exp.Union)) for holder in levels.holders):
        raise CannotRewriteError(_UNKNOWN)


def _empty(item: exp.Expr) -> bool:
    """Empty a column of the result: what orders by it no longer orders by a key."""
    empty = exp.alias_(exp.null(), item.alias) if item.alias else exp.null()
    item.replace(empty)
    return False
