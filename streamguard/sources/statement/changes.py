"""What data-modifying statements copy: INSERT, UPDATE, MERGE, and what they return."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from streamguard.sources.statement.expressions import is_default, leaks_of
from streamguard.sources.statement.relations import EMPTY, NOTHING, Leaks, Relation, Scope, merged
from streamguard.sources.statement.rowsources import SourceTracer
from streamguard.sources.statement.values import QUERIES, Context

_EXCLUDED: Final = "excluded"


class ChangeTracer(SourceTracer):
    """Traces INSERT, UPDATE, DELETE and MERGE."""

    def _modification(self, node: exp.DML, context: Context) -> Relation:
        """Return what RETURNING returns of an INSERT, UPDATE, DELETE or MERGE; what it writes is copied."""
        scope = Scope(context.outer)
        target = node.this.this if isinstance(node.this, exp.Schema) else node.this
        if isinstance(target, exp.Table):
            self._add(target, scope, context)
        self._add_sources(node, scope, context)
        using = node.args.get("using")
        sources = Scope(context.outer)
        for source in using if isinstance(using, list) else [using]:
            if isinstance(source, exp.Expr):
                self._add(source, sources, context)
        for name, relation in sources.relations.items():
            scope.add(name, relation)
        self._decide([node.args.get("where"), node.args.get("on")], scope, context)
        if isinstance(node, exp.Update):
            self._assign(node.expressions, scope, context)
        elif isinstance(node, exp.Insert):
            self._insert(node, scope, context)
        elif isinstance(node, exp.Merge):
            self._merge(node, scope, sources, context)
        returning = node.args.get("returning")
        return EMPTY if returning is None else self._outputs(returning.expressions, scope, context)

    def _insert(self, node: exp.Insert, scope: Scope, context: Context) -> None:
        """Learn what an INSERT copies: its query, and what it assigns where the row is there already."""
        for query in (node.args.get("expression"), node.args.get("source")):
            if isinstance(query, QUERIES):
                self.copied |= self.query(query, context).everything()
            elif isinstance(query, exp.Table):
                self.copied |= self._table(query, scope, context).everything()
            elif query:
                self.known = False
        conflict = node.args.get("conflict")
        if conflict is None or not conflict.expressions:
            return
        query = node.args.get("expression")
        if conflict.args.get("duplicate") and isinstance(query, exp.Select):
            # MySQL lets the assignments read the tables of the query.
            self._add_sources(query, scope, context)
        for row in filter(None, (_EXCLUDED, query.alias if isinstance(query, exp.Expr) else "")):
            # The row that was to be inserted; what is in it is copied already.
            scope.add(row, EMPTY)
        self._decide([conflict.args.get("where")], scope, context)
        self._assign(conflict.expressions, scope, context)

    def _merge(self, node: exp.Merge, scope: Scope, sources: Scope, context: Context) -> None:
        """Learn what the branches of a MERGE copy; ``insert *``, ``insert row`` and ``update set *`` copy all."""
        whens = node.args.get("whens")
        for when in () if whens is None else whens.expressions:
            then = when.args.get("then")
            self._decide([when.args.get("condition")], scope, context)
            if not isinstance(then, (exp.Insert, exp.Update)):
                continue
            self._decide([then.args.get("where")], scope, context)
            values = then.args.get("expression")
            if isinstance(values, exp.Expr):
                self.copied |= self._values([values], scope, context)
            elif isinstance(then, exp.Insert) or any(isinstance(item, exp.Star) for item in then.expressions):
                self.copied |= self._step(sources.all().everything())
            if isinstance(then, exp.Update):
                self._assign([item for item in then.expressions if not isinstance(item, exp.Star)], scope, context)

    def _assign(self, items: list[exp.Expr], scope: Scope, context: Context) -> None:
        """Learn what ``column = value`` copies; what a column takes from itself stays where it is."""
        for item in items:
            value = item.args.get("expression") if isinstance(item, exp.Binary) else item
            if not isinstance(value, exp.Expr) or is_default(value):
                continue
            leaks = self._values([value], scope, context)
            if isinstance(item, exp.EQ) and isinstance(item.this, exp.Column):
                own = leaks_of(item.this, scope, self._dialect)
                # A name without a table may mean another one's column on either side; all columns are not this one.
                leaks -= {leak for leak in own if leak.endswith(f".{item.this.name}")}
            self.copied |= leaks

    def _outputs(self, items: list[exp.Expr], scope: Scope, context: Context) -> Relation:
        named: dict[str, Leaks] = {}
        through: list[Relation] = []
        blur: Leaks = NOTHING
        for item in items:
            if isinstance(item, (exp.Star, exp.Columns)):
                through.append(scope.all())
            elif isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
                through.append(scope.find(item.table) or scope.all())
            else:
                leaks = self._values([item], scope, context)
                name = item.output_name
                if name and not isinstance(item, exp.Func):
                    named[name] = named.get(name, NOTHING) | leaks
                else:
                    blur |= leaks
        if not through:
            return Relation(named, blur=blur)
        return merged([*through, Relation(named, blur=blur)])
