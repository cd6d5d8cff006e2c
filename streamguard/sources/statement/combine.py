"""A statement with what was found beside its normalised text: a comment, a number of rows, queries in literals.

And, where that is wanted, with the text itself, sealed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.sealing import SealedText
from streamguard.sources.statement.literals import MAX_SUBJECTS
from streamguard.sources.statement.template import fingerprint_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.sealing import Sealer
    from streamguard.sources.statement.embedded import Embedded
    from streamguard.sources.statement.literals import Values
    from streamguard.sources.statement.record import Statement
    from streamguard.sources.statement.template import Template

_COMMENT_CHARACTERS: Final = 200
"""Enough for whom a tool works for; the rest is cut off."""


def commented(statement: Statement, comment: str) -> Statement:
    """Return the statement with a comment, which may hold anything."""
    text = " ".join(comment[: 4 * _COMMENT_CHARACTERS].split())[:_COMMENT_CHARACTERS].rstrip()
    if not text:
        return statement
    return msgspec.structs.replace(statement, comment=text.encode("utf-8", "replace").decode())


def bounded(statement: Statement, rows: int) -> Statement:
    """Return the statement with the largest number of rows that it allows."""
    return msgspec.structs.replace(statement, rows_at_most=rows, takes_values=False)


def sealed(
    statement: Statement, template: Template, sql: str, parameters: Sequence[str | None], sealer: Sealer
) -> Statement:
    """Return the statement with its complete text, if data may leave by it and it lacks a value.

    Sealing takes some 90 us, so that the many statements of applications, which ask for one person by a key that is
    told as a hash, are left as they are.
    """
    is_silent = statement.columns_known and not statement.columns and not statement.filters
    if is_silent or (statement.parsed and _tells_all(statement, template)):
        return statement
    content = SealedText(sql, tuple(parameters))
    # With the values of bind parameters, which may be asked for in a second call, the sealed text says more.
    return msgspec.structs.replace(statement, sealed=sealer.seal(content), takes_values=True)


def _tells_all(statement: Statement, template: Template) -> bool:
    """Whether every literal of a statement is told, in clear or by its hash."""
    marks = statement.text.count("?")
    if not marks:
        return True
    told: set[int] = set()
    if template.limit is not None and statement.rows_at_most is not None:
        told.add(template.limit)
    if template.piece is not None and statement.slice is not None:
        told.update(template.piece.begin.marks, template.piece.next.marks)
    values = dict(statement.scope)
    # Of too many people the first are told only.
    if sum(len(hashes) for _, hashes in statement.subjects) < MAX_SUBJECTS:
        values |= dict(statement.subjects)
    told.update(slot.mark for slot in template.slots if slot.column in values and slot.how != "pattern")
    return told.issuperset(range(marks))


def with_inner(statement: Statement, inner: Statement, query: Embedded, queries: int) -> Statement:
    """Return the statement with what a query inside one of its literals reveals.

    Parameters
    ----------
    statement
        The statement around, or what this function made of it for another query.
    inner
        The analysed query.
    query
        Where it stands.
    queries
        How many the statement has.
    """
    is_all = query.is_all and queries == 1
    # What begins with no command of SQL may be anything, also a password.
    text = statement.text if inner.verb == "UNKNOWN" else f"{statement.text} -- {inner.text}"
    return msgspec.structs.replace(
        statement,
        # The query becomes part of the text, so that what is told apart inside is told apart outside.
        text=text,
        fingerprint=fingerprint_of(text),
        export=statement.export or inner.export,
        tables=_union(statement.tables, inner.tables),
        columns=_union(statement.columns, inner.columns),
        columns_known=is_all and inner.parsed and inner.columns_known,
        parsed=inner.parsed if is_all else statement.parsed,
        filters=_union(statement.filters, inner.filters),
        rows_at_most=inner.rows_at_most if is_all else statement.rows_at_most,
        slice=inner.slice if is_all else statement.slice,
        subjects=_merged(statement.subjects, inner.subjects),
        scope=_merged(statement.scope, inner.scope),
    )


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({*first, *second}))


def _merged(first: Values, second: Values) -> Values:
    found: dict[str, set[str]] = {}
    for column, values in (*first, *second):
        found.setdefault(column, set()).update(values)
    return tuple((column, tuple(sorted(values))) for column, values in sorted(found.items()))
