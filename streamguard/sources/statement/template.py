"""What all texts of one normalised form share: the analysis, and which of their literals are worth reading."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
from sqlglot.dialects.dialect import Dialects

from streamguard.sources.naming import bounded
from streamguard.sources.statement.batches import split_batch
from streamguard.sources.statement.bodies import body_of, writes_only
from streamguard.sources.statement.bounds import NO_BOUND, Bound, bound_of_fetch
from streamguard.sources.statement.embedded import Embedded, embedded_in
from streamguard.sources.statement.hostile import is_hostile
from streamguard.sources.statement.meaning import Slot, understand
from streamguard.sources.statement.pieces import Piece
from streamguard.sources.statement.record import Statement
from streamguard.sources.statement.tables import tables_by_pattern
from streamguard.sources.statement.verbs import SESSION_CONTROL, Command, classify, strongest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamguard.sources.statement.literals import Interests

_CUT: Final = " ..."
_MAX_STATEMENTS: Final = 50
_DIALECTS: Final = frozenset(dialect.value for dialect in Dialects)
"""sqlglot's. For another one it looks for similar names, which takes milliseconds each time."""

_BLOCK: Final = re.compile(
    r"begin (?:not atomic |(?:try|tran|transaction|work) )?"
    r"(?=(?:select|insert|update|delete|merge|exec|execute|with|copy|open|fetch|declare|call|truncate|create|drop"
    r"|unload|backup|utl_\w+|dbms_\w+)\b)"
)
"""Opens a block of Oracle or SQL Server, which runs the statement behind it."""


class Template(msgspec.Struct, frozen=True, gc=False):
    """The analysis of one normalised text.

    Parameters
    ----------
    statement
        What does not depend on any literal.
    limit
        Number of the mark that bounds the rows.
    slots
        The literals that columns of interest have to equal.
    queries
        The literals that hold queries.
    piece
        The piece of a larger whole that it takes.
    """

    statement: Statement
    limit: int | None = None
    slots: tuple[Slot, ...] = ()
    queries: tuple[Embedded, ...] = ()
    piece: Piece | None = None

    @property
    def needs_literals(self) -> bool:
        """Whether there is a literal worth reading."""
        return self.statement.takes_values


class _Part(NamedTuple):
    """What one statement of a text contributes."""

    command: Command
    tables: frozenset[str]
    columns: frozenset[str]
    known: bool
    parsed: bool
    filters: frozenset[str] = frozenset()
    bound: Bound = NO_BOUND
    slots: tuple[Slot, ...] = ()
    queries: tuple[Embedded, ...] = ()
    piece: Piece | None = None


def template_of(text: str, dialect: str, was_cut: bool, interests: Interests) -> Template:
    """Analyse a normalised text.

    Parameters
    ----------
    text
        From `streamguard.sources.statement.normalise.tidy`.
    dialect
        sqlglot's name of the SQL dialect.
    was_cut
        Whether it is only the beginning: then nothing is parsed.
    interests
        Which literals are.
    """
    parts: list[_Part] = []
    marks = statements = 0
    # Literals are gone, and quoted names that hold a semicolon too, so it always separates.
    for piece in text.split(";", _MAX_STATEMENTS):
        for part in split_batch(piece) if dialect == "tsql" and statements < _MAX_STATEMENTS else (piece,):
            if code := part.strip():
                statements += 1
                # What is too much is not parsed, and then not known.
                is_read = not was_cut and statements <= _MAX_STATEMENTS
                parts.append(_analyse_one(code, dialect, marks, interests, parse=is_read))
            marks += part.count("?")
    command = strongest([part.command for part in parts])
    bound, taken = (NO_BOUND, None) if was_cut else _only_one(parts)
    slots = tuple(slot for part in parts for slot in part.slots)
    queries = () if was_cut else tuple(query for part in parts for query in part.queries)
    told = text + _CUT if was_cut else text.rstrip("; ")
    statement = Statement(
        takes_values=bound.mark is not None or taken is not None or bool(slots or queries),
        text=told,
        fingerprint=fingerprint_of(told),
        verb=command.verb,
        export=command.export,
        tables=_sorted(part.tables for part in parts),
        columns=_sorted_columns(part.columns for part in parts),
        columns_known=not was_cut and statements <= _MAX_STATEMENTS and all(part.known for part in parts),
        parsed=bool(parts) and all(part.parsed for part in parts),
        filters=_sorted_columns(part.filters for part in parts),
        rows_at_most=bound.rows,
    )
    return Template(statement, bound.mark, slots, queries, taken)


def fingerprint_of(text: str) -> str:
    """Return 16 hexadecimal digits for a normalised text."""
    return blake2b(text.encode(), digest_size=8).hexdigest()


def _sorted(several: Iterable[frozenset[str]]) -> tuple[str, ...]:
    return tuple(sorted(frozenset().union(*several)))


def _sorted_columns(several: Iterable[frozenset[str]]) -> tuple[str, ...]:
    return tuple(sorted(bounded(frozenset().union(*several))))


def _only_one(parts: list[_Part]) -> tuple[Bound, Piece | None]:
    """Return bound and piece of the only statement that can return rows; those of several are not their sum."""
    returning = [part for part in parts if part.command.verb not in SESSION_CONTROL]
    return (returning[0].bound, returning[0].piece) if len(returning) == 1 else (NO_BOUND, None)


def _analyse_one(text: str, dialect: str, marks: int, interests: Interests, *, parse: bool) -> _Part:
    if block := _BLOCK.match(text):
        text = text[block.end() :]
    command = classify(text)
    queries = embedded_in(text, marks) if "?" in text else ()
    body = body_of(text, command.verb)
    if body.query is None:
        bound = bound_of_fetch(text, marks) if command.verb == "FETCH" else NO_BOUND
        tables = frozenset(tables_by_pattern(text))
        # Whatever has a way out is never silent.
        silent = body.silent and command.export is None
        return _Part(command, tables, frozenset(), silent, silent, bound=bound, queries=queries)
    meaning = None
    known = dialect if dialect in _DIALECTS else None
    if parse and not is_hostile(body.query, known):
        meaning = understand(body.query, known, marks + body.marks_before, interests)
    if meaning is None:
        silent = command.export is None and writes_only(text, command.verb)
        return _Part(command, frozenset(tables_by_pattern(text)), frozenset(), silent, parsed=False, queries=queries)
    tables = meaning.tables
    if command.verb in {"ALTER", "CREATE TABLE AS", "CREATE MATERIALIZED VIEW"}:
        tables |= tables_by_pattern(text.partition(body.query)[0])
    return _Part(
        command,
        tables,
        meaning.columns,
        meaning.known and command.export != "server_function",
        parsed=True,
        filters=meaning.filters,
        # Everybody is in that row.
        bound=NO_BOUND if command.export == "aggregate_into_one_row" else meaning.bound,
        slots=meaning.slots,
        queries=queries,
        piece=meaning.piece,
    )
