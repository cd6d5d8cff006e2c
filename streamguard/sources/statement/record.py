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
        How data leaves uncounted: ``copy_to``, ``cursor``, ``unload`` (to files of the server or a cloud, stages,
        backups), ``outfile``, ``create_table_as`` (and clones), ``aggregate_into_one_row``, ``into_variable``,
        ``share``, ``server_function`` (files, other databases, command lines); None for everything else.
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
        Columns that decide which rows leave or change (WHERE, JOIN ... ON, HAVING, conditions of CASE, IN and EXISTS,
        also of subqueries), written like ``columns``, and independent of them: a column can be in both. Sorted.
    subjects
        (column, keyed hashes of the literals it had to equal), of identifying columns; at most 1,000 hashes.
        Equal by =, IN, ANY or a LIKE without %; what stands under NOT, in rows and in ranges is not read.
    scope
        (column, literals it had to equal), of neutral columns; only those that look like a word, at most 50.
    rows_at_most
        What LIMIT, TOP, FETCH or rownum of the outermost query allow; 1 for aggregates without GROUP BY.
    slice
        Where the piece of a larger whole that it reads begins, and where the next would: ``("100", "200")`` of
        LIMIT 100 OFFSET 100 and of row numbers; of ids keyed hashes, see `streamguard.sources.statement.pieces`.
    sealed
        The complete text with the values of its bind parameters, sealed; None where nothing seals, where no value is
        missing from ``text``, and where no data can leave.
    takes_values
        Whether the values of bind parameters can tell more: then it is worth asking once more, with them.
    comment
        First comment of the text, at most 200 characters; no part of ``text`` and ``fingerprint``. It may hold
        anything, and is told of every text; the others from ``filters`` on only of those understood and not cut.
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
    slice: tuple[str, str] | None = None
    sealed: bytes | None = None
    comment: str | None = None
    takes_values: bool = False
