"""The query inside a logged statement as a syntax tree, its literals still the marks that they are in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp

from streamguard.resolve.errors import CannotRewriteError
from streamguard.resolve.logged import CUT
from streamguard.sources.statement.bodies import body_of
from streamguard.sources.statement.expressions import mark_of
from streamguard.sources.statement.hostile import is_hostile
from streamguard.sources.statement.meaning import numbered
from streamguard.sources.statement.verbs import SESSION_CONTROL, classify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.resolve.logged import Logged


def query_of(logged: Logged, dialect: str) -> exp.Query:
    """Return the query whose rows a statement gave away.

    Raises
    ------
    CannotRewriteError
        When the text holds none, or several.
    """
    text, marks_before = _only_statement(logged.text)
    command = classify(text)
    if command.verb == "FETCH":
        raise CannotRewriteError("it fetches from a cursor: see the statement that declared it")
    if command.verb == "DELETE":
        raise CannotRewriteError("the rows that it returned were deleted by it")
    body = body_of(text, command.verb)
    if body.query is None or is_hostile(body.query, dialect):
        raise CannotRewriteError("its text holds no query that could be asked again")
    try:
        tree = sqlglot.parse_one(numbered(body.query, marks_before + body.marks_before, as_number=False), read=dialect)
    except Exception:  # noqa: BLE001  (a compiled parser over attackers' texts: TypeError and more occur)
        raise CannotRewriteError("no grammar understands its text") from None
    return _read_by(tree)


def marks_in(tree: exp.Expr) -> Iterator[tuple[exp.Literal, int]]:
    """Yield the literals of a tree that are marks, with their numbers."""
    for node in tree.find_all(exp.Literal):
        mark = mark_of(node)
        if mark is not None and mark >= 0:
            yield node, mark


def _only_statement(text: str) -> tuple[str, int]:
    if text.endswith(CUT) or " -- " in text:
        raise CannotRewriteError("the log has only its beginning, or a query inside of another's text")
    found: list[tuple[str, int]] = []
    marks = 0
    for part in text.split(";"):
        code = part.strip()
        if code and classify(code).verb not in SESSION_CONTROL:
            found.append((code, marks))
        marks += part.count("?")
    if len(found) != 1:
        raise CannotRewriteError("its text holds several statements, and the log does not say which one it counts")
    return found[0]


def _read_by(tree: exp.Expr) -> exp.Query:
    """Return the query whose rows leave by a statement."""
    while isinstance(tree, (exp.Insert, exp.Subquery)):
        inside = tree.expression if isinstance(tree, exp.Insert) else tree.this
        if any(tree.args.get(part) for part in ("limit", "offset")) or not isinstance(inside, exp.Query):
            raise CannotRewriteError("it copies no query")
        with_ = tree.args.get("with_")
        if with_ is not None:
            inside.set("with_", with_)
        tree = inside
    if isinstance(tree, exp.Update):
        return _rows_of_update(tree)
    if not isinstance(tree, (exp.Select, exp.SetOperation)):
        raise CannotRewriteError("its text holds no query that could be asked again")
    return tree


def _rows_of_update(tree: exp.Update) -> exp.Select:
    """Return the query of the rows that an UPDATE changed, and returned."""
    if tree.args.get("from_") or tree.args.get("with_") or tree.args.get("limit"):
        raise CannotRewriteError("it updates by the rows of other tables")
    select = exp.select("*").from_(tree.this)
    where = tree.args.get("where")
    if where is not None:
        select.set("where", where)
    return select
