"""What the analysis of one statement text yields."""

from __future__ import annotations

import msgspec


class Statement(msgspec.Struct, frozen=True, gc=False):
    """One analysed statement, free of literals and therefore free to travel.

    Parameters
    ----------
    text
        The normalised statement: lower case, one space between words, every literal and bind parameter a
        ``?``, no comments; ends with ``...`` where the statement was cut.
    fingerprint
        16 hexadecimal digits; equal for statements that differ in literals, comments, case and spacing only.
    verb
        SQL command in upper case such as ``SELECT``, ``DECLARE CURSOR``, ``CREATE TABLE AS``; ``UNKNOWN`` if
        it is none that is known (never a word of the statement that could be anything else).
    export
        How data leaves uncounted: ``copy_to``, ``cursor``, ``unload``, ``outfile``, ``create_table_as``,
        ``aggregate_into_one_row``, ``server_function``; None for everything else.
    tables
        Real tables and views named by the statement, ``schema.table`` where the schema is written, without
        the names of common table expressions; sorted.
    columns
        Columns whose values leave in the result: ``[schema.]table.column``, ``[schema.]table.*``, or ``column``
        and ``*`` where the table cannot be told without the schema; sorted.
    columns_known
        Whether ``columns`` is complete. False wherever the text does not say it all.
    parsed
        Whether a grammar understood the text; False where only patterns were applied.
    filters
        Columns that only decide which rows leave (WHERE, JOIN ... ON, HAVING), written like ``columns``; sorted.
    subjects, scope, rows_at_most, comment
        As in `streamguard.activity.Activity`.
    """

    text: str
    fingerprint: str
    verb: str
    export: str | None
    tables: tuple[str, ...]
    columns: tuple[str, ...]
    columns_known: bool
    parsed: bool
    filters: tuple[str, ...] = ()
    subjects: tuple[tuple[str, tuple[str, ...]], ...] = ()
    scope: tuple[tuple[str, tuple[str, ...]], ...] = ()
    rows_at_most: int | None = None
    comment: str | None = None
