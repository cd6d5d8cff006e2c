"""The form of a query, collected part by part from its syntax tree.

Subqueries in FROM and common table expressions are taken apart into the tables they are made of, for tools wrap
queries. Where that would not be the same, the form says so, or there is none: nothing is guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from streamguard.scope.conditions import Conditions, Told
from streamguard.scope.names import Names, Outputs, outputs_of, resolve, using_of
from streamguard.scope.shape import Ref, Shape, Source
from streamguard.sources.statement.expressions import table_name

if TYPE_CHECKING:
    from collections.abc import Iterable

_NUMBERING: Final = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile, exp.CumeDist, exp.PercentRank)
"""Windows that count rows, and show nothing of others."""
_SETS: Final = (exp.UDTF, exp.Explode, exp.GenerateSeries, exp.Unnest, exp.Anonymous)
"""What may return several rows for one; a function nobody knows may as well."""
_TOTALS: Final = (exp.Rollup, exp.Cube, exp.GroupingSets)
"""What adds rows that stand for everybody, also where there is nobody."""
_FILTERING: Final = ("having", "qualify", "connect", "match", "sample", "prewhere")
_ODD: Final = ("laterals", "pivots", "kind")


class NoForm(Exception):  # noqa: N818 -- it is no error
    """The query is none that this can tell."""


def query_of(tree: exp.Expr) -> exp.Expr:
    """Return the query that a statement takes its rows from."""
    while isinstance(tree, (exp.Subquery, exp.Insert)):
        inside = tree.this if isinstance(tree, exp.Subquery) else tree.args.get("expression")
        if inside is None:
            raise NoForm
        tree = inside
    return tree


class Former:
    """Collects the form of one query."""

    def __init__(self, tree: exp.Expr) -> None:
        self._sources: list[Source] = []
        self._conditions = Conditions(tree)
        self._shape = Shape(sources=(), named=frozenset(table.name for table in tree.find_all(exp.Table)))
        self._may_be_empty = False
        """Whether a row of the result may be made of no row of any table."""

    def form(self, query: exp.Expr) -> Shape:
        """Return the form of the outermost query.

        Raises
        ------
        NoForm
            When there is none.
        """
        if isinstance(query, exp.SetOperation):
            return self._several(query)
        if isinstance(query, (exp.Update, exp.Delete)):
            return self._changing(query)
        if not isinstance(query, exp.Select):
            raise NoForm
        scope = self._rows(query, {})
        grouped = self._group(query, scope)
        ordered = self._refs((item.this for item in _expressions(query.args.get("order"))), scope)
        self._set(
            is_grouped=grouped is not None,
            by=frozenset(ref for ref in grouped or () if ref is not None),
            by_more=None in (grouped or ()),
            order=tuple(ref for ref in ordered if ref is not None),
            has_limit=query.args.get("limit") is not None,
            has_offset=query.args.get("offset") is not None,
        )
        return self._done()

    def _done(self) -> Shape:
        ranges = self._conditions.ranges()
        if ranges is None:
            self._set(is_told=False)
        if self._may_be_empty:
            self._make_optional(range(len(self._sources)))
        self._set(sources=tuple(self._sources), conditions=(*self._shape.conditions, *(ranges or ())))
        return self._shape

    def _set(self, **changes: object) -> None:
        self._shape = _replace(self._shape, changes)

    def _several(self, query: exp.Expr) -> Shape:
        """Return the form of UNION and the like: certain is only what every part has."""
        forms: list[Shape] = []
        stack = [query]
        while stack:
            node = stack.pop()
            if isinstance(node, exp.SetOperation):
                stack += (node.right, node.left)
            else:
                forms.append(Former(node).form(query_of(node)))
        certain = set.intersection(*({s.table for s in form.sources if not s.optional} for form in forms))
        whole = not any(form.is_mixed for form in forms) and isinstance(query, exp.Union)
        tables = dict.fromkeys(source.table for form in forms for source in form.sources)
        sources = tuple(Source(table, optional=not whole or table not in certain) for table in tables)
        return Shape(sources=sources, named=self._shape.named, is_told=False, is_mixed=True)

    def _changing(self, query: exp.Expr) -> Shape:
        """Return the form of UPDATE and DELETE ... RETURNING: of the rows they change."""
        if not isinstance(query.this, exp.Table) or any(query.args.get(part) for part in ("from_", "using", "with_")):
            raise NoForm
        scope: Names = {}
        self._add(query.this, scope, {})
        self._where([query.args.get("where")], scope)
        return self._done()

    def _rows(self, query: exp.Select, expressions: dict[str, exp.Expr]) -> Names:
        """Take in FROM and WHERE of a query, and what its values are made of."""
        if any(query.args.get(part) for part in _ODD):
            raise NoForm
        expressions = expressions | _named(query)
        scope: Names = {}
        from_ = query.args.get("from_")
        if from_ is not None:
            self._add(from_.this, scope, expressions)
        for join in query.args.get("joins") or ():
            self._join(join, scope, expressions)
        self._where([query.args.get("where")], scope)
        if any(query.args.get(part) for part in _FILTERING):
            self._set(is_told=False)
        self._values(query)
        return scope

    def _add(self, node: exp.Expr, scope: Names, expressions: dict[str, exp.Expr]) -> None:
        if node.args.get("pivots") or node.args.get("laterals"):
            raise NoForm
        if node.args.get("sample"):
            self._set(is_told=False)
        name = node.alias_or_name
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            written = table_name(node)
            inside = expressions.get(written)
            if inside is None:
                scope[name] = len(self._sources)
                self._sources.append(Source(written))
            else:
                others = {key: value for key, value in expressions.items() if key != written}
                scope[name] = self._inner(inside, others)
        elif isinstance(node, exp.Subquery):
            scope[name or f"#{len(scope)}"] = self._inner(query_of(node), expressions)
        else:
            raise NoForm
        for join in node.args.get("joins") or ():
            self._join(join, scope, expressions)

    def _inner(self, query: exp.Expr, expressions: dict[str, exp.Expr]) -> Outputs:
        """Take a subquery apart; what only it can do makes the form a mixed one."""
        if not isinstance(query, exp.Select):
            raise NoForm
        scope = self._rows(query, expressions)
        if self._group(query, scope) is not None:
            self._set(is_mixed=True)
        if query.args.get("limit") is not None or query.args.get("offset") is not None:
            self._set(is_told=False)
        return outputs_of(query, scope)

    def _join(self, join: exp.Join, scope: Names, expressions: dict[str, exp.Expr]) -> None:
        side, kind = join.side.upper(), join.kind.upper()
        if kind not in {"", "INNER", "CROSS", "OUTER"} or join.method:
            raise NoForm
        before, names = len(self._sources), set(scope)
        self._add(join.this, scope, expressions)
        here = set(range(before, len(self._sources)))
        if side in {"RIGHT", "FULL"}:
            self._make_optional(range(before))
        if side in {"LEFT", "FULL"}:
            self._make_optional(here)
        on = join.args.get("on")
        # What an outer join asks for decides which rows are joined, not which are there.
        read = self._conditions.read if not side else self._conditions.equalities
        told = read([] if on is None else [on], lambda column: resolve(column, scope))
        pairs = using_of(join, scope, names)
        is_told = told.is_all and len(pairs) == len(join.args.get("using") or ())
        self._take(told._replace(equal=[*told.equal, *pairs], is_all=is_told))

    def _make_optional(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._sources[number] = self._sources[number]._replace(optional=True)

    def _where(self, clauses: Iterable[exp.Expr | None], scope: Names) -> None:
        nodes = [clause.this for clause in clauses if clause is not None]
        self._take(self._conditions.read(nodes, lambda column: resolve(column, scope)))

    def _take(self, told: Told) -> None:
        self._set(
            conditions=(*self._shape.conditions, *told.conditions),
            equal=(*self._shape.equal, *told.equal),
            is_told=self._shape.is_told and told.is_all,
        )

    def _values(self, query: exp.Select) -> None:
        """Look at what the values of a result are made of."""
        for item in query.expressions:
            if item.find(exp.Query) is not None:
                raise NoForm  # it shows people whom no condition here is about
            windows = list(item.find_all(exp.Window))
            looks = any(not isinstance(window.this, _NUMBERING) for window in windows)
            gathers = item.find(exp.AggFunc) is not None and not windows and not query.args.get("group")
            if looks or gathers:
                self._set(is_mixed=True)
            self._may_be_empty |= gathers
            if item.find(*_SETS) is not None:
                self._set(repeats=True)

    def _group(self, query: exp.Select, scope: Names) -> list[Ref | None] | None:
        """Return what tells the rows of a result apart where several become one; None: nothing does."""
        group, distinct = query.args.get("group"), query.args.get("distinct")
        if group is not None:
            if not group.expressions or group.find(*_TOTALS) is not None:
                self._set(is_mixed=True)
                self._may_be_empty = True
            by = self._refs(group.expressions, scope)
            return by if distinct is None else [None]
        if distinct is None or distinct.args.get("on") is not None:
            # DISTINCT ON takes one row of several.
            self._set(is_told=self._shape.is_told and distinct is None)
            return None
        return self._refs(query.expressions, scope)

    def _refs(self, nodes: Iterable[exp.Expr], scope: Names) -> list[Ref | None]:
        bare = (node.this if isinstance(node, exp.Alias) else node for node in nodes)
        return [resolve(node, scope) if isinstance(node, exp.Column) else None for node in bare]


def _replace(shape: Shape, changes: dict[str, object]) -> Shape:
    fields = {name: getattr(shape, name) for name in shape.__struct_fields__} | changes
    return Shape(**fields)


def _expressions(node: exp.Expr | None) -> list[exp.Expr]:
    return [] if node is None else node.expressions


def _named(query: exp.Select) -> dict[str, exp.Expr]:
    """Return the common table expressions of a query; one that names itself has no form."""
    with_ = query.args.get("with_")
    if with_ is None:
        return {}
    if with_.args.get("recursive"):
        raise NoForm
    return {cte.alias: query_of(cte.this) for cte in with_.expressions}
