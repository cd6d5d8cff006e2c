"""What a count of rows that a log gives is worth."""

from __future__ import annotations

from typing import Final

from streamguard.activity import RowsQuality

IN_ONE_ROW: Final = frozenset({"aggregate_into_one_row", "server_function"})
"""Exports whose one row holds any number of people."""
_WRITES: Final = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "LOAD"})

# The compiler would look members of an enumeration up by name at every use.
_EXACT: Final = RowsQuality.EXACT
_PRODUCED: Final = RowsQuality.PRODUCED
_AFFECTED: Final = RowsQuality.AFFECTED
_ESTIMATE: Final = RowsQuality.ESTIMATE
_UNKNOWN: Final = RowsQuality.UNKNOWN
_UNBOUNDED: Final = RowsQuality.UNBOUNDED


def believe(
    rows: int | None, quality: RowsQuality | None, verb: str, export: str | None, *, zero_is_unknown: bool = False
) -> tuple[int | None, RowsQuality]:
    """Return what a logged count is worth.

    No format is known to count the rows of an export as zero and mean it. What is gathered into one row counts as one
    row everywhere, however many people are in it.

    Examples
    --------
    >>> believe(0, None, "COPY", "copy_to")
    (None, <RowsQuality.UNBOUNDED: 'unbounded'>)
    >>> believe(12, None, "UPDATE", None)
    (12, <RowsQuality.AFFECTED: 'affected'>)
    >>> believe(9, None, "CREATE TABLE AS", "create_table_as")
    (9, <RowsQuality.PRODUCED: 'produced'>)
    >>> believe(1, None, "SELECT", "aggregate_into_one_row")
    (None, <RowsQuality.UNBOUNDED: 'unbounded'>)
    """
    is_gathered = export in IN_ONE_ROW and quality is not _ESTIMATE
    if rows is None or is_gathered or (rows == 0 and (zero_is_unknown or export is not None)):
        return None, _UNKNOWN if export is None else _UNBOUNDED
    if quality is not None:
        return rows, quality
    if export == "create_table_as":
        return rows, _PRODUCED
    return rows, _AFFECTED if verb in _WRITES else _EXACT
