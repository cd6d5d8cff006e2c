"""Which piece of a larger whole a query takes: some rows behind an offset, or the ids from one to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sqlglot import exp

from streamguard.sources.statement.bounds import bound_of_limit, is_rownum
from streamguard.sources.statement.expressions import mark_of, unwrapped
from streamguard.sources.statement.keys import looks_like_key, own_keys
from streamguard.sources.statement.ranges import NO_RANGE, Place, Range, ranges_of

if TYPE_CHECKING:
    from streamguard.sources.statement.literals import Interests
    from streamguard.sources.statement.ranges import Name

_MAX_LEVELS: Final = 8
"""Subqueries in FROM that are looked into: tools wrap a query two or three times."""
_ROW_NUMBER: Final = ""
"""What row numbers are called among ranges; no column is called so."""


class Piece(NamedTuple):
    """The piece of a whole that a query takes."""

    begin: Place
    next: Place
    """Where the next piece would begin."""
    are_ids: bool
    """Whether places are ids; else they are numbers of rows, from 0."""
    is_down: bool = False
    """Whether the whole is gone through from its end."""


def piece_of(tree: exp.Expr, dialect: str | None, interests: Interests) -> Piece | None:
    """Return the piece that a statement reads, None if it tells none.

    Looked at is the outermost query; if that tells none, the one subquery or common table expression in its FROM, and
    so on. What else the query joins or asks makes no difference: pieces of one whole are those of texts that differ
    in literals only.

    Parameters
    ----------
    tree
        The statement.
    dialect
        sqlglot's name of the SQL dialect it was written in; ROWNUM counts rows in Oracle's only.
    interests
        Ranges of ids are told with a key only, and of columns that identify people or are called like a key.
    """
    expressions: dict[str, exp.Expr] = {}
    numbers = NO_RANGE
    query: exp.Expr | None = tree
    for _ in range(_MAX_LEVELS):
        if query is None:
            break
        inside = _inside(query, expressions)
        piece = _by_offset(query)
        if piece is None and isinstance(query, exp.Select):
            name = _namer(query, inside, dialect, interests)
            parts = [query.args.get(part) for part in ("where", "qualify")]
            ranges = ranges_of([part.this for part in parts if part is not None], name)
            here = ranges.pop(_ROW_NUMBER, NO_RANGE).moved(-1)
            # Oracle's way bounds the numbers outside from below and inside from above.
            numbers = Range(numbers.first or here.first, numbers.behind or here.behind)
            ranges = {_ROW_NUMBER: numbers, **ranges}
            pieces = (_by_range(query, called, found, name) for called, found in ranges.items())
            piece = next(filter(None, pieces), None)
        if piece is not None:
            return piece
        query = inside
    return None


def _inside(query: exp.Expr, expressions: dict[str, exp.Expr]) -> exp.Expr | None:
    """Return what a query is made of, if that is one query; learn the names of common table expressions."""
    with_ = query.args.get("with_")
    if with_ is not None:
        expressions |= {cte.alias: cte.this for cte in with_.expressions}
    if isinstance(query, exp.Subquery):
        inside = query.this
    elif isinstance(query, exp.Insert):
        inside = query.args.get("expression")
    else:
        from_ = query.args.get("from_") if isinstance(query, exp.Select) else None
        inside = None if from_ is None else from_.this
    while isinstance(inside, exp.Subquery):
        inside = inside.this
    if isinstance(inside, exp.Table):
        return None if inside.db else expressions.get(inside.name)
    return inside if isinstance(inside, exp.Query) else None


def _by_offset(query: exp.Expr) -> Piece | None:
    """Return the piece of LIMIT n OFFSET m, in whatever words."""
    offset, limit = query.args.get("offset"), query.args.get("limit")
    begin = None if offset is None else mark_of(offset.args.get("expression"))
    return None if begin is None else _behind(Place((begin,)), limit, are_ids=False)


def _behind(begin: Place, limit: exp.Expr | None, *, are_ids: bool, is_down: bool = False) -> Piece | None:
    """Return the piece of as many as a limit allows."""
    bound = None if limit is None else bound_of_limit(limit)
    if bound is None or (bound.rows is None and bound.mark is None):
        return None
    count = () if bound.mark is None else (bound.mark,)
    rows = bound.rows or 0
    if is_down:
        return Piece(begin, begin._replace(less=count).moved(-rows), are_ids, is_down)
    return Piece(begin, begin._replace(marks=begin.marks + count).moved(rows), are_ids)


def _by_range(query: exp.Select, called: str, found: Range, name: Name) -> Piece | None:
    """Return the piece of a range; if that has one end only, as many of it as the query's limit allows.

    Then the next page begins behind the last id of this one, which no log tells; it is the one told here if no id
    between is missing.
    """
    are_ids = called != _ROW_NUMBER
    if found.first is not None and found.behind is not None:
        return Piece(found.first, found.behind, are_ids)
    limit, order = query.args.get("limit"), query.args.get("order")
    is_down = False
    if order is not None:
        by = order.expressions[0]
        is_down = bool(by.args.get("desc"))
        if name(unwrapped(by.this)) != called:
            return None
    # Without an order databases go up by what they look up.
    if found.first is not None and not is_down:
        return _behind(found.first, limit, are_ids=are_ids)
    if found.behind is not None and is_down:
        return _behind(found.behind.moved(-1), limit, are_ids=are_ids, is_down=True)
    return None


def _namer(query: exp.Select, inside: exp.Expr | None, dialect: str | None, interests: Interests) -> Name:
    """Return the function that names the row numbers and ids of a query."""
    numbered = {
        item.alias
        for item in (inside.expressions if isinstance(inside, exp.Select) else ())
        if isinstance(item, exp.Alias) and _is_row_number(item.this, dialect)
    }
    from_ = query.args.get("from_")
    whose = {"", "" if from_ is None else from_.this.alias_or_name}
    sources = [from_, *(query.args.get("joins") or ())]
    tables = [source.this for source in sources if source is not None]
    own = own_keys(table.name for table in tables if isinstance(table, exp.Table))

    def name(node: object) -> str | None:
        if _is_row_number(node, dialect):
            return _ROW_NUMBER
        if not isinstance(node, exp.Column):
            return None
        if node.name in numbered and node.table in whose:
            return _ROW_NUMBER
        is_id = node.name in interests.identifying or looks_like_key(node.name, own)
        return f"{node.table}.{node.name}" if is_id and interests.key is not None else None

    return name


def _is_row_number(node: object, dialect: str | None) -> bool:
    """Whether a value counts the rows of the whole result, not those of groups."""
    if isinstance(node, exp.Window):
        return isinstance(node.this, exp.RowNumber) and not node.args.get("partition_by")
    return dialect == "oracle" and isinstance(node, exp.Column) and is_rownum(node)
