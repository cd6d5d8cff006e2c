"""The SELECTs whose rows become rows of a query: the outermost, those in its FROM, those in theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Iterator

Holder = exp.Select | exp.SetOperation | exp.Subquery
"""What may have a LIMIT."""


class Levels(NamedTuple):
    """What a query takes its rows from."""

    selects: list[exp.Select]
    """From the outermost."""
    holders: list[Holder]
    """Those, and what joins or wraps them."""
    expressions: dict[str, exp.CTE]
    """Common table expressions by name."""
    are_shared: bool
    """Whether a common table expression is also asked elsewhere, such as in a subquery of a predicate."""


def levels_of(query: exp.Query) -> Levels:
    """Return the levels of a query."""
    expressions = {cte.alias: cte for with_ in query.find_all(exp.With) for cte in with_.expressions}
    selects: list[exp.Select] = []
    holders: list[Holder] = []
    passed: set[int] = set()
    waiting: list[object] = [query]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, exp.Table) and is_expression(node, expressions):
            passed.add(id(node))
            node = expressions[node.name].this
        if not isinstance(node, (exp.Select, exp.SetOperation, exp.Subquery)) or any(node is one for one in holders):
            continue
        holders.append(node)
        if isinstance(node, exp.Subquery):
            waiting.append(node.this)
        elif isinstance(node, exp.SetOperation):
            waiting += (node.left, node.right)
        else:
            selects.append(node)
            waiting += sources_of(node)
    named = (table for table in query.find_all(exp.Table) if is_expression(table, expressions))
    return Levels(selects, holders, expressions, any(id(table) not in passed for table in named))


def sources_of(select: exp.Select) -> Iterator[exp.Expr]:
    """Yield what stands in FROM and JOIN."""
    for clause in (select.args.get("from_"), *(select.args.get("joins") or ())):
        if clause is not None:
            yield clause.this


def is_expression(table: exp.Table, expressions: dict[str, exp.CTE]) -> bool:
    """Whether a name in FROM is that of a common table expression."""
    return not table.db and table.name in expressions


def is_grouped(select: exp.Select) -> bool:
    """Whether the rows of a SELECT are made of several rows each."""
    return select.args.get("group") is not None or any(
        node.find_ancestor(exp.Window, exp.Select) is select
        for item in select.expressions
        for node in item.find_all(exp.AggFunc)
    )
