"""Carries the subject keys of the tables inside a query out to its result, with regions and what values there are.

    select email from (select email from customers where ...) x
 -> select p, r, h, count(*) from (select x.p, x.r, x.h from (select email, id as p, country as r, ...) x) ...

Where a query takes only some of the rows (LIMIT), which ones it takes is determined only if it orders by the key.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from sqlglot import exp

from streamguard.resolve.errors import CannotRewriteError
from streamguard.resolve.levels import Levels, is_expression, is_grouped, levels_of, sources_of
from streamguard.resolve.relax import without_limits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from streamguard.exposure.catalogue import Table

    Finder: TypeAlias = Callable[[exp.Table], "Table | None"]
    """Finds a table of personal data in the catalogue; None: it is none."""


_WORD: Final = re.compile(r"\W", re.ASCII)
_NAME_CHARACTERS: Final = 30
"""Of a category, in the name of a column: databases cut names at some sixty."""


class Carrier(NamedTuple):
    """The people of one table in a query's result."""

    table: Table
    key: str
    """Name of the result's column with the subject key."""
    region: str | None
    """Name of the result's column with the region; None: it is the table's constant, or not known."""
    flags: tuple[tuple[str, str], ...]
    """(category, name of the result's column that says whether there was a value)."""


class Carried(NamedTuple):
    """A query that gives subject keys."""

    query: exp.Select
    """One row for each combination of what the carriers name, in their order; last, how many rows of the statement."""
    carriers: tuple[Carrier, ...]
    is_exact: bool
    """Whether it gives whose rows left; else those and others."""
    counts_rows: bool
    """Whether the numbers in the last column add up to the rows of the statement."""


class Carriage:
    """Carries keys out of queries of one statement.

    Parameters
    ----------
    prefix
        Of new names; no word of the statement begins with it.
    find
        Finds personal tables.
    left
        By name of a catalogue's table the columns of each category that left.
    """

    def __init__(self, prefix: str, find: Finder, left: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
        self._prefix = prefix
        self._find = find
        self._left = left
        self._names = 0
        self._levels: Levels | None = None
        self._expressions: dict[str, tuple[Carrier, ...]] = {}
        self._is_exact = True

    def carry(self, query: exp.Select, *, grouped: bool) -> Carried:
        """Rewrite a query in place.

        Parameters
        ----------
        query
            It has no aggregates that must not be run any more.
        grouped
            Whether its rows were made of several rows each.

        Raises
        ------
        CannotRewriteError
            When no subject key can be carried out of it.
        """
        self._levels = levels_of(query)
        self._expressions.clear()
        self._is_exact = True
        tells_apart = _tells_apart(self._levels)
        if tells_apart and any(holder.args.get("limit") for holder in self._levels.holders):
            self._take_all()
        if grouped or query.args.get("distinct"):
            # Who is behind a group was in the rows that were grouped; of some groups only, nobody knows.
            if query.args.get("having") or query.args.get("limit") or query.args.get("offset"):
                self._take_all()
            for part in ("group", "having", "distinct"):
                query.set(part, None)
            query.set("expressions", [exp.null()])
            query.set("order", None)
        carriers = self._of_select(query)
        if not carriers:
            raise CannotRewriteError("no table in its FROM has personal data and a subject_key in the catalogue")
        if query.args.get("limit") or query.args.get("offset"):
            _order_by_values(query)
        else:
            query.set("order", None)
        # Of the statement's own columns none is needed.
        query.set("expressions", query.expressions[-sum(len(_names(carrier)) for carrier in carriers) :])
        return self._counted(query, carriers, counts_rows=not grouped and not tells_apart)

    def _counted(self, query: exp.Select, carriers: tuple[Carrier, ...], *, counts_rows: bool) -> Carried:
        names = [name for carrier in carriers for name in _names(carrier)]
        source, count = f"{self._prefix}_rows", f"{self._prefix}_count"
        with_ = query.args.get("with_")
        query.set("with_", None)
        outer = exp.select(*names, exp.alias_(exp.Count(this=exp.Star()), count)).from_(query.subquery(source))
        outer = outer.group_by(*names)
        outer.set("with_", with_)
        return Carried(outer, carriers, self._is_exact, counts_rows)

    def _of(self, node: exp.Expr) -> tuple[Carrier, ...]:
        """Return the carriers of a source, whose names its alias qualifies."""
        if isinstance(node, exp.Subquery):
            return self._of(node.this)
        if isinstance(node, exp.SetOperation):
            return self._of_union(node)
        if isinstance(node, exp.Select):
            if is_grouped(node) and any(self._has_people(table) for table in node.find_all(exp.Table)):
                raise CannotRewriteError("it groups people before it chooses among them")
            return self._of_select(node)
        return ()

    def _of_union(self, node: exp.SetOperation) -> tuple[Carrier, ...]:
        if not isinstance(node, exp.Union):
            raise CannotRewriteError("it compares two results row by row")
        if node.args.get("limit") or node.args.get("offset"):
            self._take_all()
        left, right = self._of(node.left), self._of(node.right)
        # Each side has the columns of both; those of the other are empty.
        _add_empty(node.right, left, before=right)
        _add_empty(node.left, right, before=())
        return left + right

    def _of_select(self, select: exp.Select) -> tuple[Carrier, ...]:
        found: list[Carrier] = []
        for source in list(sources_of(select)):
            if isinstance(source, exp.Table) and self._levels and is_expression(source, self._levels.expressions):
                inner = self._of_expression(source.name)
                found += [self._pass_on(select, source.alias_or_name, carrier) for carrier in inner]
            elif isinstance(source, exp.Table):
                table = self._find(source)
                if table is not None:
                    found.append(self._begin(select, source.alias_or_name, table))
            else:
                inner = self._of(source)
                if inner and not source.alias:
                    source.set("alias", exp.TableAlias(this=exp.to_identifier(f"{self._prefix}_source{self._names}")))
                found += [self._pass_on(select, source.alias, carrier) for carrier in inner]
        has_limit = select.args.get("limit") or select.args.get("offset")
        if found and has_limit and not all(_orders_by(select, carrier) for carrier in found):
            self._take_all()
        return tuple(found)

    def _of_expression(self, name: str) -> tuple[Carrier, ...]:
        if name not in self._expressions and self._levels is not None:
            cte = self._levels.expressions[name]
            # While it is looked at it is nothing: a recursive one would be endless.
            self._expressions[name] = ()
            carriers = self._of(cte.this)
            alias = cte.args["alias"]
            if alias.columns:
                alias.set("columns", [*alias.columns, *(exp.to_identifier(n) for c in carriers for n in _names(c))])
            self._expressions[name] = carriers
        return self._expressions[name]

    def _begin(self, select: exp.Select, alias: str, table: Table) -> Carrier:
        if table.subject_key is None:
            raise CannotRewriteError(f"the catalogue names no subject_key of {table.name}")
        number = self._next()
        flags = []
        for place, (category, columns) in enumerate(sorted(self._left.get(table.name, {}).items())):
            name = f"{self._prefix}_has_{_WORD.sub('_', category)[:_NAME_CHARACTERS]}{number}_{place}"
            has_value = exp.or_(*(exp.not_(exp.Is(this=_column(c, alias), expression=exp.null())) for c in columns))
            flag = exp.Case(ifs=[exp.If(this=has_value, true=exp.Literal.number(1))], default=exp.Literal.number(0))
            flags.append((category, name, flag))
        region = None if table.region_column is None else f"{self._prefix}_region{number}"
        named = tuple((category, name) for category, name, _ in flags)
        carrier = Carrier(table, f"{self._prefix}_person{number}", region, named)
        _add(select, _column(table.subject_key, alias), carrier.key)
        if table.region_column is not None and region is not None:
            _add(select, _column(table.region_column, alias), region)
        for _, name, flag in flags:
            _add(select, flag, name)
        return carrier

    def _pass_on(self, select: exp.Select, alias: str, inner: Carrier) -> Carrier:
        number = self._next()
        renamed = {name: f"{name}_{number}" for name in _names(inner)}
        for name, new in renamed.items():
            _add(select, _column(name, alias), new)
        return Carrier(
            inner.table,
            renamed[inner.key],
            None if inner.region is None else renamed[inner.region],
            tuple((category, renamed[name]) for category, name in inner.flags),
        )

    def _take_all(self) -> None:
        """Give up on which rows a LIMIT takes."""
        self._is_exact = False
        if self._levels is not None:
            without_limits(self._levels)

    def _has_people(self, table: exp.Table) -> bool:
        return self._find(table) is not None

    def _next(self) -> int:
        self._names += 1
        return self._names - 1


def _orders_by(select: exp.Select, carrier: Carrier) -> bool:
    """Whether rows that are alike in all that a SELECT orders by are of the same person."""
    order = select.args.get("order")
    if order is None:
        return False
    items = {item.alias: item.this for item in select.expressions if isinstance(item, exp.Alias)}
    key = items[carrier.key]
    for ordered in order.expressions:
        by = _ordering(ordered.this, select)
        if isinstance(by, exp.Column) and by.name == key.name and by.table in {"", key.table}:
            return by.table != "" or len(list(sources_of(select))) == 1
    return False


def _ordering(by: exp.Expr, select: exp.Select) -> exp.Expr:
    """Return the value that a part of ORDER BY means: it may give the place or the name of a column of the result."""
    if isinstance(by, exp.Literal) and by.this.isdecimal() and 0 < int(by.this) <= len(select.expressions):
        item: exp.Expr = select.expressions[int(by.this) - 1].unalias()
        return item
    if isinstance(by, exp.Column) and not by.table:
        named = [item.this for item in select.expressions if isinstance(item, exp.Alias) and item.alias == by.name]
        by = named[0] if named else by
    return by


def _order_by_values(select: exp.Select) -> None:
    """Order by the values themselves, so that the columns of the result can go."""
    order = select.args.get("order")
    for ordered in () if order is None else order.expressions:
        value = _ordering(ordered.this, select)
        if isinstance(value, (exp.Star, exp.Literal)):
            raise CannotRewriteError("it orders by a column that only the database knows")
        ordered.set("this", value.copy())


def _tells_apart(levels: Levels) -> bool:
    """Whether rows that are alike become one somewhere, so that keys beside them change how many there are."""
    return any(select.args.get("distinct") for select in levels.selects) or any(
        isinstance(holder, exp.SetOperation) and holder.args.get("distinct") for holder in levels.holders
    )


def _names(carrier: Carrier) -> list[str]:
    names = [carrier.key, *(() if carrier.region is None else (carrier.region,))]
    return names + [name for _, name in carrier.flags]


def _column(name: str, alias: str) -> exp.Column:
    return exp.column(exp.to_identifier(name), table=exp.to_identifier(alias))


def _add(select: exp.Select, value: exp.Expr, name: str) -> None:
    select.append("expressions", exp.alias_(value, name))


def _add_empty(query: exp.Expr, carriers: tuple[Carrier, ...], before: tuple[Carrier, ...]) -> None:
    """Add empty columns for carriers of the other side of a UNION to every SELECT of this side."""
    names = [name for carrier in carriers for name in _names(carrier)]
    behind = sum(len(_names(carrier)) for carrier in before)
    waiting = [query]
    while waiting:
        node = waiting.pop()
        if isinstance(node, exp.Subquery):
            waiting.append(node.this)
        elif isinstance(node, exp.SetOperation):
            waiting += (node.left, node.right)
        elif isinstance(node, exp.Select):
            place = len(node.expressions) - behind
            added = [exp.alias_(exp.null(), name) for name in names]
            node.set("expressions", [*node.expressions[:place], *added, *node.expressions[place:]])
