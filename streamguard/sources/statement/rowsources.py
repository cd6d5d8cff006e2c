"""What stands in FROM: tables, subqueries, functions and joins of them, each put under its name."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from streamguard.sources.statement.expressions import table_name
from streamguard.sources.statement.relations import EMPTY, Relation, Scope, base_table, merged
from streamguard.sources.statement.values import BUILT_IN_SCHEMA, QUERIES, Context, ValueTracer

_ROW_SOURCES: Final = (exp.Func, exp.UDTF, exp.Dot)


class SourceTracer(ValueTracer):
    """Traces what rows come from."""

    def _add_sources(self, node: exp.Expr, scope: Scope, context: Context) -> None:
        from_ = node.args.get("from_")
        if from_ is not None:
            self._add(from_.this, scope, context)
        for join in node.args.get("joins") or ():
            self._join(join, scope, context)
        for lateral in node.args.get("laterals") or ():
            self._add(lateral, scope, context)

    def _add(self, node: exp.Expr, scope: Scope, context: Context) -> None:
        """Put what one item of FROM stands for into the scope."""
        while isinstance(node, exp.Final):
            node = node.this
        alias = node.alias
        if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table) and not alias:
            self._add(node.this, scope, context)
        else:
            relation = self._source(node, scope, context)
            columns = node.args["alias"].columns if node.args.get("alias") is not None else []
            scope.add(alias or node.name, relation.renamed([column.name for column in columns]))
            self._step(scope.relations)
        for join in node.args.get("joins") or ():
            self._join(join, scope, context)
        if node.args.get("pivots") or node.args.get("match"):
            self.known = False

    def _join(self, join: exp.Join, scope: Scope, context: Context) -> None:
        self._add(join.this, scope, context)
        self._decide([join.args.get("on")], scope, context)
        for column in join.args.get("using") or ():
            self.filters |= scope.unqualified(column.name)

    def _source(self, node: exp.Expr, scope: Scope, context: Context) -> Relation:
        if isinstance(node, exp.Table):
            return self._table(node, scope, context)
        if isinstance(node, exp.Lateral):
            inside = node.this
            if isinstance(inside, exp.Subquery):
                return self.query(inside, Context(context.expressions, scope))
            return self._function(inside, scope, context)
        if isinstance(node, QUERIES):
            return self.query(node, context)
        return self._function(node, scope, context)

    def _joined(self, node: exp.Subquery, context: Context) -> Relation:
        """Return what parentheses around a join stand for: ``(a join b on ...) j``."""
        scope = Scope(context.outer)
        self._add(node.this, scope, context)
        return scope.all()

    def _table(self, node: exp.Table, scope: Scope, context: Context) -> Relation:
        if isinstance(node.this, exp.Identifier):
            name = table_name(node)
            return context.expressions.get(name) or base_table(name)
        if node.db and node.db != BUILT_IN_SCHEMA:
            self.known = False
        several = node.args.get("rows_from") or ()
        return merged(
            [self._source(item, scope, context) for item in several] or [self._function(node.this, scope, context)]
        )

    def _function(self, node: exp.Expr | None, scope: Scope, context: Context) -> Relation:
        """Return what a function in FROM yields: what it is given, if the function is known."""
        called = node.this if isinstance(node, exp.TableFromRows) else node
        if node is None or not isinstance(called, _ROW_SOURCES):
            # The name of a table in a string or a variable, a file of a stage, what a later grammar brings.
            self.known = False
            return EMPTY
        return Relation(blur=self._values([node], scope, context))
