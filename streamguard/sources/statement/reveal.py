"""Columns whose values leave in the result of a query, traced through its syntax tree.

A projection reveals the columns in it, also inside functions, and through subqueries, common table expressions,
joins and aliases. What only decides (WHERE, HAVING, JOIN ... ON, the condition of a CASE, a comparison) reveals no
value, but who belongs: such columns are told apart. ORDER BY, GROUP BY, ``count`` and ``exists`` reveal neither. In
doubt the answer is the larger one: an unqualified column that several tables may have is told without a table, a
function that is not known makes the whole unknown.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from streamguard.sources.statement.changes import ChangeTracer
from streamguard.sources.statement.relations import EMPTY, Leaks, Relation, Scope, united
from streamguard.sources.statement.values import QUERIES, Context

_DECIDING_PARTS: Final = ("where", "having", "qualify", "prewhere", "connect")


class Tracer(ChangeTracer):
    """Traces one statement: see `streamguard.sources.statement.values.ValueTracer` for what it learns."""

    def trace(self, tree: exp.Expr) -> Leaks:
        """Return every column that one statement reveals.

        Raises
        ------
        TooLaboriousError
            When that would take too long.
        """
        leaks = self.query(tree, Context({}, None)).everything() | self.copied
        return frozenset(leak for leak in leaks if f"{leak.rpartition('.')[0]}.*" not in leaks or leak.endswith(".*"))

    def query(self, node: exp.Expr, context: Context) -> Relation:
        """Return what a query yields; learn what it copies and what decides in it."""
        context = self._with(node, context)
        if isinstance(node, exp.Select):
            return self._select(node, context)
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, context)
        if isinstance(node, exp.Subquery):
            return self.query(node.this, context) if isinstance(node.this, QUERIES) else self._joined(node, context)
        if isinstance(node, exp.Values):
            return Relation(blur=self._values(node.expressions, Scope(context.outer), context))
        if isinstance(node, exp.DML):
            return self._modification(node, context)
        self.known = False
        return EMPTY

    def _with(self, node: exp.Expr, context: Context) -> Context:
        """Add the common table expressions of a query; each sees those before it."""
        with_ = node.args.get("with_")
        if with_ is None:
            return context
        recursive = bool(with_.args.get("recursive"))
        for cte in with_.expressions:
            names = [column.name for column in cte.args["alias"].columns]
            if recursive and isinstance(cte.this, exp.SetOperation):
                relation = self._set_operation(cte.this, self._with(cte.this, context), (cte.alias, names))
            else:
                relation = self.query(cte.this, context)
            context = context.having(cte.alias, relation.renamed(names))
        return context

    def _select(self, node: exp.Select, context: Context) -> Relation:
        scope = Scope(context.outer)
        self._add_sources(node, scope, context)
        self._decide([node.args.get(part) for part in _DECIDING_PARTS], scope, context)
        return self._outputs(node.expressions, scope, context)

    def _set_operation(
        self, node: exp.SetOperation, context: Context, recursive: tuple[str, list[str]] | None = None
    ) -> Relation:
        """Unite the parts, each traced once; in a recursive one (alias, column names) a part sees those before."""
        parts = []
        current: exp.Expr = node
        while isinstance(current, exp.SetOperation):
            parts.append(current.expression)
            current = current.this
        result = self.query(current, context)
        for part in reversed(parts):
            if recursive is not None:
                context = context.having(recursive[0], result.renamed(recursive[1]))
            result = united(result, self.query(part, context))
        return result
