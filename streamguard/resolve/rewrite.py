"""One logged statement rewritten into a plain read of subject keys, and what was lost on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sqlglot import exp

from streamguard.resolve.carriers import Carriage, Carried
from streamguard.resolve.cursors import EVERYTHING
from streamguard.resolve.errors import CannotRewriteError
from streamguard.resolve.levels import is_grouped, levels_of
from streamguard.resolve.logged import Known, Logged
from streamguard.resolve.relax import relax, without_limits
from streamguard.resolve.tree import marks_in, query_of
from streamguard.resolve.values import Binder, ColumnOf, Source
from streamguard.resolve.whitelist import is_plain_read, refused_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamguard.exposure.catalogue import Table
    from streamguard.resolve.left import Left
    from streamguard.resolve.naming import Naming

_MAX_REFUSED: Final = 50
"""Parts that are left out of one statement; one with more is no statement of a person."""
_FORBIDDEN: Final = "what it computes on its way must not be run again"

UNKNOWN_VALUE: Final = "a value that it compares with is not known: logs keep none but regions, limits and hashed keys"
LEFT_OUT: Final = "a part of its condition must not be run again"
ANY_ROWS: Final = "its order does not say which rows its LIMIT took"
PICKS_VALUES: Final = "it picks single values out of groups"


class Question(NamedTuple):
    """A query that reads subject keys."""

    carried: Carried
    sources: Mapping[str, Source]
    """Where the values behind the names in it come from."""
    regions: frozenset[ColumnOf]
    """Columns that were compared with neutral values: complete only if no value in them could have been left out."""
    relations: frozenset[tuple[str | None, str]]
    """(schema, name) of what it reads."""


class Rewriting(NamedTuple):
    """A question for a statement."""

    question: Question
    lost: str
    """Why it gives more than left; empty: it gives whose rows left."""
    limit: int | None
    """If all the rows that the query gives are no more than this, then all of them left."""
    is_opaque: bool
    """Whether a row of the statement may hold any number of people."""


def rewrite(
    logged: Logged,
    naming: Naming,
    tables: Mapping[str, Table],
    left: Mapping[str, Left],
    fetched: int | None = None,
) -> Rewriting:
    """Rewrite a statement.

    Parameters
    ----------
    logged
        The statement.
    naming
        Of its tables and columns.
    tables, left
        The tables of the catalogue whose data left by it, and which, by their names there.
    fetched
        Rows that were fetched from its cursor; None: it has none, or nobody knows.

    Raises
    ------
    CannotRewriteError
        When no such query can be made.
    """
    query = query_of(logged, naming.dialect)
    limit = _limit_of(query, logged)
    select = query if isinstance(query, exp.Select) else exp.select("*").from_(query.subquery("united"))
    grouped = is_grouped(select)
    picks = grouped and any(item.find(exp.Min, exp.Max) for item in select.expressions)
    naming.qualify(select)
    binder = Binder(_prefix(logged.text, "sgv"), naming.column_of)
    regions, is_lost = _put_back(select, logged, binder)
    is_lost |= _make_limits_plain(select)
    is_opaque, is_left_out = _leave_out_refused(select)
    if fetched is not None and fetched < EVERYTHING and not is_lost and not is_left_out:
        limit = fetched
        _take_first(select, fetched)

    def find(node: exp.Table) -> Table | None:
        table = naming.table_of(node)
        return None if table is None else tables.get(table.name)

    columns = {name: one.columns for name, one in left.items()}
    carried = Carriage(_prefix(logged.text, "sg"), find, columns).carry(select, grouped=grouped)
    missing = tables.keys() - {carrier.table.name for carrier in carried.carriers}
    if missing:
        raise CannotRewriteError(f"what it tells of {', '.join(sorted(missing))} is not in its FROM")
    reasons = ((is_lost, UNKNOWN_VALUE), (is_left_out, LEFT_OUT), (picks, PICKS_VALUES))
    lost = next((why for happened, why in reasons if happened), "")
    if not lost and not carried.is_exact:
        return Rewriting(question_of(carried, binder.sources, regions), ANY_ROWS, limit, is_opaque)
    return Rewriting(question_of(carried, binder.sources, regions), lost, None, is_opaque)


def question_of(carried: Carried, sources: Mapping[str, Source], regions: frozenset[ColumnOf]) -> Question:
    """Return a question, if its query is nothing but a plain read.

    Raises
    ------
    CannotRewriteError
        When it is more.
    """
    if not is_plain_read(carried.query):
        raise CannotRewriteError(_FORBIDDEN)
    expressions = levels_of(carried.query).expressions
    tables = [node for node in carried.query.find_all(exp.Table) if node.db or node.name not in expressions]
    return Question(carried, sources, regions, frozenset((node.db or None, node.name) for node in tables))


def _take_first(select: exp.Select, rows: int) -> None:
    """Take only the first rows of a query."""
    own = select.args.get("limit")
    if own is None or int(own.expression.this) > rows:
        select.limit(rows, copy=False)


def _make_limits_plain(select: exp.Select) -> bool:
    """Write every LIMIT and OFFSET as a number, or leave all of them out; return whether that was so."""
    levels = levels_of(select)
    for holder in levels.holders:
        limit, offset = holder.args.get("limit"), holder.args.get("offset")
        options = None if limit is None else limit.args.get("limit_options")
        shares = options is not None and (options.args.get("percent") or options.args.get("with_ties"))
        if isinstance(limit, exp.Fetch) and not shares:
            holder.set("limit", exp.Limit(expression=limit.args.get("count") or exp.Literal.number(1)))
        elif isinstance(limit, exp.Limit) and limit.expression.name.lower() in {"all", "null"}:
            holder.set("limit", None)
        parts = [part for part in (holder.args.get("limit"), offset) if part is not None]
        if not all(isinstance(part.expression, exp.Literal) and part.expression.this.isdecimal() for part in parts):
            without_limits(levels)
            return True
    return False


def _limit_of(query: exp.Query, logged: Logged) -> int | None:
    if logged.template.limit is None or query.args.get("offset"):
        return None
    meaning = logged.meanings.get(logged.template.limit)
    told = meaning.values[0] if isinstance(meaning, Known) and len(meaning.values) == 1 else None
    return int(told) if isinstance(told, int) else None


def _prefix(text: str, prefix: str) -> str:
    """Return what no word of a text begins with."""
    while prefix in text:
        prefix += "_"
    return prefix


def _put_back(select: exp.Select, logged: Logged, binder: Binder) -> tuple[frozenset[ColumnOf], bool]:
    """Put known literals into a query, leave the others out; return compared regions, and whether rows were added."""
    levels = levels_of(select)
    regions: set[ColumnOf] = set()
    is_lost = not _are_alternatives(select, logged)
    unknown: list[exp.Expr] = []
    for literal, mark in list(marks_in(select)):
        meaning = logged.meanings.get(mark)
        if isinstance(meaning, Known) and not meaning.is_certain:
            column = binder.compared_column(literal)
            if column is None:
                meaning = None
            else:
                regions.add(column)
        if meaning is None or not binder.put(literal, meaning):
            unknown.append(literal)
    for part in unknown:
        if part.root() is select:
            is_lost |= relax(part, levels)
    return frozenset(regions), is_lost


_APART: Final = (exp.And, exp.Not, exp.Where, exp.Join, exp.Select)
"""What parts of a condition below it are no alternatives to others beside it."""


def _are_alternatives(select: exp.Select, logged: Logged) -> bool:
    """Whether marks that share their values are alternatives (``id = ? or id = ?``), which is as good as a list."""
    roots: dict[object, set[int]] = {}
    for literal, mark in marks_in(select):
        if mark in logged.shared and (meaning := logged.meanings.get(mark)) is not None:
            node: exp.Expr = literal
            while node.parent is not None and not isinstance(node.parent, _APART):
                node = node.parent
            roots.setdefault(meaning, set()).add(id(node))
    return all(len(found) == 1 for found in roots.values())


def _leave_out_refused(select: exp.Select) -> tuple[bool, bool]:
    """Leave out what must not be run; return whether a row may hold many people, and whether rows were added."""
    levels = levels_of(select)
    for level in levels.selects:
        # What only says how the rows are read, or where they go.
        for part in ("locks", "into", "hint", "operation_modifiers"):
            level.set(part, None)
    is_opaque = is_left_out = False
    for _ in range(_MAX_REFUSED):
        refused = next(refused_in(select), None)
        if refused is None:
            return is_opaque, is_left_out
        if refused is select:
            break
        is_opaque |= isinstance(refused, exp.Func) and refused.find_ancestor(exp.Where, exp.Join) is None
        is_left_out |= relax(refused, levels)
    raise CannotRewriteError(_FORBIDDEN)
