"""What pgaudit's ROWS is worth: a zero is often none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.activity import RowsQuality
from streamguard.sources.counts import IN_ONE_ROW

if TYPE_CHECKING:
    from streamguard.sources.statement import Statement

_UNCOUNTED: Final = frozenset({"COPY", "DECLARE CURSOR", "FETCH"})
_WRITES: Final = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})
_READ_VERBS: Final = frozenset({"SELECT", "VALUES"})
# The compiler would look members of an enumeration up by name at every use.
_EXACT: Final = RowsQuality.EXACT
_PRODUCED: Final = RowsQuality.PRODUCED
_AFFECTED: Final = RowsQuality.AFFECTED
_UNKNOWN: Final = RowsQuality.UNKNOWN
_UNBOUNDED: Final = RowsQuality.UNBOUNDED


def count_rows(
    audit_class: str, command: str, rows: int | None, statement: Statement
) -> tuple[int | None, RowsQuality]:
    """Return what ROWS is worth; a zero that does not mean zero becomes None.

    Measured on pgaudit 1.7 with PostgreSQL 15: SELECT lines are exact, also through portals and with every relation of
    a join; COPY, cursors and utility commands write 0 whatever they move; INSERT, UPDATE and DELETE count the rows
    they touch. A locking read needs the permission to update; should a version log it as UPDATE, its rows still reach
    the client, so the statement's own verb decides. Rows that EXPLAIN ANALYZE runs through do not leave; what
    ``string_agg`` and the like put into one row does, uncounted.

    Parameters
    ----------
    audit_class, command
        CLASS and COMMAND of the row.
    rows
        ROWS of the row, None without ``pgaudit.log_rows``.
    statement
        The analysed text.
    """
    export = statement.export
    if command == "COPY" and audit_class == "WRITE" and export is None:
        return (rows, _AFFECTED) if rows else (None, _UNKNOWN)
    if command in _UNCOUNTED:
        return (rows, _EXACT) if rows else (None, _UNBOUNDED)
    if command == "SELECT":
        return count_read(rows, statement)
    if command in _WRITES:
        if rows is None:
            return None, _UNKNOWN
        return rows, _EXACT if statement.verb in _READ_VERBS else _AFFECTED
    return None, _UNKNOWN if export is None else _UNBOUNDED


def count_read(rows: int | None, statement: Statement) -> tuple[int | None, RowsQuality]:
    """Return what ROWS of a SELECT is worth: `count_rows` for the usual row."""
    export = statement.export
    if rows is None or export in IN_ONE_ROW:
        return None, _UNKNOWN if export is None else _UNBOUNDED
    if statement.verb == "EXPLAIN":
        return None, _UNKNOWN
    return rows, _PRODUCED if export == "create_table_as" else _EXACT
