"""Columns whose values leave in the result of a query, traced through its syntax tree.

A projection reveals the columns in it, also inside functions, and through subqueries, common table expressions,
joins and aliases. What only decides (WHERE, HAVING, JOIN ... ON, the condition of a CASE, a comparison) reveals no
value, but who belongs: such columns are told apart. ORDER BY, GROUP BY, ``count`` and ``exists`` reveal neither. In
doubt the answer is the larger one: an unqualified column that several tables may have is told without a table, a
function that is not known makes the whole unknown.
"""

from __future__ import annotations

from collections.abc import Sized
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from sqlglot import exp

from streamguard.sources.statement import functions
from streamguard.sources.statement.expressions import (
    Comparison,
    carriers,
    comparison_of,
    conditions,
    is_by_position,
    is_default,
    leaks_of,
    table_name,
)
from streamguard.sources.statement.relations import (
    EMPTY,
    NOTHING,
    Leaks,
    Relation,
    Scope,
    base_table,
    merged,
    united,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_Sized = TypeVar("_Sized", bound=Sized)

_QUERIES: Final = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)
_DECISIONS: Final = (exp.Predicate, exp.Connector, exp.Not, exp.Exists)
_WITHOUT_VALUES: Final = (exp.Count, exp.CountIf, exp.ApproxDistinct, exp.RowNumber, exp.DataType)
_DECIDING_PARTS: Final = ("where", "having", "qualify", "prewhere", "connect")
_ROW_SOURCES: Final = (exp.Func, exp.UDTF, exp.Dot)
_EXCLUDED: Final = "excluded"
_BUILT_IN_SCHEMA: Final = "pg_catalog"
_MAX_STEPS: Final = 500_000
"""Columns and relations looked at in one statement. People's statements need hundreds; some that nobody writes (a
thousand functions in FROM, a column made of a thousand that is selected a thousand times) take quadratic time."""


class TooLaboriousError(Exception):
    """A statement takes more steps than any that people write."""


class Context(NamedTuple):
    """What a query can refer to beyond its own FROM."""

    expressions: Mapping[str, Relation]
    """Common table expressions in force, by name."""
    outer: Scope | None
    """The scope of the query around."""

    def having(self, name: str, relation: Relation) -> Context:
        """Return the context with one more common table expression."""
        return Context({**self.expressions, name: relation}, self.outer)


class Tracer:
    """Traces one statement.

    Parameters
    ----------
    dialect
        sqlglot's name of the SQL dialect it was written in. Without it every name counts as a column, also those
        that some dialects reserve for the session (``user``).

    Attributes
    ----------
    known
        False as soon as something was met whose result cannot be told.
    copied
        What data-modifying parts (INSERT ... SELECT, SET, MERGE ... THEN) copied elsewhere.
    filters
        Columns that decided which rows are concerned.
    compared
        (what the column stands for, what it has to equal), of those among them that have to equal a literal.
    """

    def __init__(self, dialect: str | None = None) -> None:
        self._dialect = dialect
        self.known = True
        self.copied: Leaks = NOTHING
        self.filters: set[str] = set()
        self.compared: list[tuple[Leaks, Comparison]] = []
        self._steps = 0

    def trace(self, tree: exp.Expr) -> Leaks:
        """Return every column that one statement reveals.

        Raises
        ------
        TooLaboriousError
            When that would take too long.
        """
        leaks = self._query(tree, Context({}, None)).everything() | self.copied
        return frozenset(leak for leak in leaks if f"{leak.rpartition('.')[0]}.*" not in leaks or leak.endswith(".*"))

    def _query(self, node: exp.Expr, context: Context) -> Relation:
        context = self._with(node, context)
        if isinstance(node, exp.Select):
            return self._select(node, context)
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, context)
        if isinstance(node, exp.Subquery):
            return self._query(node.this, context) if isinstance(node.this, _QUERIES) else self._joined(node, context)
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
                relation = self._query(cte.this, context)
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
        result = self._query(current, context)
        for part in reversed(parts):
            if recursive is not None:
                context = context.having(recursive[0], result.renamed(recursive[1]))
            result = united(result, self._query(part, context))
        return result

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
            if isinstance(query, _QUERIES):
                self.copied |= self._query(query, context).everything()
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
                return self._query(inside, Context(context.expressions, scope))
            return self._function(inside, scope, context)
        if isinstance(node, _QUERIES):
            return self._query(node, context)
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
        if node.db and node.db != _BUILT_IN_SCHEMA:
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

    def _values(self, nodes: list[exp.Expr], scope: Scope, context: Context) -> Leaks:
        """Return the columns whose values are in the values of expressions."""
        leaks: set[str] = set()
        stack = list(nodes)
        while stack:
            current = stack.pop()
            if is_by_position(current, self._dialect):
                self.known = False
            elif isinstance(current, exp.Column):
                leaks |= self._step(leaks_of(current, scope, self._dialect))
            elif isinstance(current, (exp.Star, exp.Columns)):
                leaks |= self._step(scope.all().everything())
            elif isinstance(current, _QUERIES):
                inner = Context(context.expressions, scope)
                leaks |= self._step(self._query(current, inner).everything())
            elif isinstance(current, _DECISIONS):
                self._decide([current], scope, context)
            elif not isinstance(current, _WITHOUT_VALUES):
                self._check_function(current)
                self._decide(conditions(current), scope, context)
                stack.extend(carriers(current))
        return frozenset(leaks)

    def _decide(self, nodes: Iterable[exp.Expr | None], scope: Scope, context: Context) -> None:
        """Learn which columns are in expressions that decide, and what they are compared with."""
        known = self.known
        stack = [(node, False) for node in nodes if node is not None]
        while stack:
            current, is_negated = stack.pop()
            if isinstance(current, exp.Column):
                self.filters |= (
                    NOTHING
                    if isinstance(current.this, exp.Star)
                    else self._step(leaks_of(current, scope, self._dialect))
                )
            elif isinstance(current, _QUERIES):
                deciding = self._step(self._query(current, Context(context.expressions, scope)).everything())
                self.filters |= NOTHING if isinstance(current.parent, exp.Exists) else deciding
            elif not isinstance(current, exp.DataType):
                compared = None if is_negated else comparison_of(current)
                if compared is not None:
                    self.compared.append((self._step(leaks_of(compared.column, scope, self._dialect)), compared))
                negates = is_negated or isinstance(current, exp.Not)
                stack.extend((part, negates) for part in current.iter_expressions())
        # Whatever a condition calls, it returns no rows of its own.
        self.known = known

    def _step(self, looked_at: _Sized) -> _Sized:
        """Count what was looked at, and return it."""
        self._steps += len(looked_at)
        if self._steps > _MAX_STEPS:
            raise TooLaboriousError
        return looked_at

    def _check_function(self, node: exp.Expr) -> None:
        """Doubt a function that is not built in; a schema before its name says that it is not."""
        if isinstance(node, exp.Dot):
            own = isinstance(node.expression, exp.Func) and node.this.name != _BUILT_IN_SCHEMA
        else:
            own = isinstance(node, exp.Anonymous) and node.name.lower() not in functions.HARMLESS
            own = own or isinstance(node, exp.DynamicIdentifier)
        self.known = self.known and not own
