"""What the grammar makes of one query: the columns that leave, those that decide, and which literals matter."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

import sqlglot
from sqlglot import exp

from streamguard.sources.statement.bounds import Bound, bound_of
from streamguard.sources.statement.expressions import mark_text
from streamguard.sources.statement.pieces import Piece, piece_of
from streamguard.sources.statement.reveal import Tracer
from streamguard.sources.statement.tables import shorten, tables_of

if TYPE_CHECKING:
    from streamguard.sources.statement.literals import Interests

_MAX_SLOTS: Final = 10_000
"""Pairs of a column and a literal; one column can stand for a thousand, so that they grow faster than the text."""
_MARKS: Final = re.compile(r"\"\?\"|`\?`|\?\?(?:[|&](?![|&]))?|\?")


class Slot(NamedTuple):
    """A literal that a column has to equal."""

    column: str
    mark: int
    how: str
    """See `streamguard.sources.statement.expressions.Comparison`."""


class Meaning(NamedTuple):
    """What the grammar makes of a query."""

    tables: frozenset[str]
    columns: frozenset[str]
    known: bool
    filters: frozenset[str]
    bound: Bound
    slots: tuple[Slot, ...]
    piece: Piece | None


def understand(query: str, dialect: str | None, marks: int, interests: Interests) -> Meaning | None:
    """Return what a query means; None for a text that the grammar does not have.

    Parameters
    ----------
    query
        Normalised.
    dialect
        sqlglot's name of the SQL dialect; None: generic SQL.
    marks
        Number of its first mark.
    interests
        Which literals are of interest.
    """
    # Some grammars want a number in places (TOP 5), most take a string everywhere (date '...', interval '...').
    return _parsed(numbered(query, marks, as_number=False), dialect, interests) or (
        _parsed(numbered(query, marks, as_number=True), dialect, interests) if "?" in query else None
    )


def _parsed(query: str, dialect: str | None, interests: Interests) -> Meaning | None:
    try:
        tree = sqlglot.parse_one(query, read=dialect)
        if isinstance(tree, exp.Command):
            return None
        shorten(tree)
        tracer = Tracer(dialect)
        leaks = tracer.trace(tree)
        return Meaning(
            frozenset(tables_of(tree)),
            leaks,
            tracer.known,
            frozenset(tracer.filters),
            bound_of(tree, dialect),
            tuple(sorted(_slots(tracer, columns))) if (columns := interests.columns) else (),
            piece_of(tree, dialect, interests),
        )
    except Exception:  # noqa: BLE001  (a compiled parser over attackers' texts: TypeError and more occur)
        return None


def _slots(tracer: Tracer, columns: frozenset[str]) -> set[Slot]:
    slots = (
        Slot(column, mark, comparison.how)
        for leaks, comparison in tracer.compared
        for column in sorted(leaks)
        if column.rpartition(".")[2] in columns
        for mark in comparison.marks
    )
    return set(islice(slots, _MAX_SLOTS))


def numbered(query: str, marks: int, *, as_number: bool) -> str:
    """Return a query with literals that tell which mark they stand for."""
    count = marks

    def literal(match: re.Match[str]) -> str:
        nonlocal count
        mark, text = count, match[0]
        count += text.count("?")
        if text == "?":
            return mark_text(mark, as_number=as_number)
        return text if text[0] in '"`' else "@>"

    return _MARKS.sub(literal, query)
