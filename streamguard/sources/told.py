"""From what one audit record says of a statement, in the words of no format, to its activity.

Adapters translate names and units; what all formats share is decided here: the text is analysed, the log's own word
on tables and columns goes before the text's, and a count of rows is believed only as far as it deserves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamguard.activity import Activity, RowsQuality
from streamguard.sources.counts import believe
from streamguard.sources.fields import command, error_code
from streamguard.sources.naming import bounded, with_text

if TYPE_CHECKING:
    from streamguard.sources.context import Context
    from streamguard.sources.statement import Statement


class Told(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one audit record says of a statement.

    Parameters
    ----------
    source
        Name of the adapter.
    dialect
        sqlglot's name of the SQL dialect of ``text``.
    user
        The database principal.
    time
        The text of the log, or milliseconds since 1970 UTC; None: the log has no times.
    key
        Equal for all records of one statement on one server; None: nothing tells, the record stands alone.
    complete
        Whether no other record of the statement can come.
    text
        The statement as logged; None where the log has none.
    verb, export
        What the log itself says of the command, for texts that do not tell (or are missing).
    tables
        ``schema.table`` as the log lists them, complete; None: taken from the text.
    relation
        ``schema.table`` that the record is about, where the statement may have others: those of the text count too.
    columns
        ``table.column`` whose values left, as the log lists them, complete; None: taken from the text.
    rows, rows_quality
        The log's count and, where the format says so, what it counts; None: exact for reads, affected for writes,
        produced for a table made of a query.
    zero_is_unknown
        Whether a count of 0 stands for "not counted" in this format.
    bytes
        Bytes that left.
    error
        SQLSTATE, the vendor's code or "failure"; None: the statement succeeded as far as the log knows.
    """

    source: str
    dialect: str
    user: str
    time: str | int | None
    key: str | None = None
    complete: bool = False
    part: str | None = None
    text: str | None = None
    verb: str | None = None
    export: str | None = None
    tables: tuple[str, ...] | None = None
    relation: str | None = None
    columns: tuple[str, ...] | None = None
    rows: int | None = None
    rows_quality: RowsQuality | None = None
    zero_is_unknown: bool = False
    bytes: int | None = None
    duration_ms: float | None = None
    error: str | None = None
    database: str | None = None
    client: str | None = None
    application: str | None = None
    session: str | None = None
    proxy_user: str | None = None
    query_tag: str | None = None


def activity_of(told: Told, context: Context) -> Activity:
    """Return the activity of one audit record.

    Raises
    ------
    Refusal
        When its time cannot be read or cannot be true.
    """
    statement = None if told.text is None else context.tools.analyser.analyse(told.text, told.dialect)
    verb, export = command(told.verb), told.export
    if statement is not None:
        verb = statement.verb if statement.verb != "UNKNOWN" else verb
        export = statement.export or export
    rows, quality = believe(told.rows, told.rows_quality, verb, export, zero_is_unknown=told.zero_is_unknown)
    origin = context.origin
    return Activity(
        origin=origin,
        time_ms=context.moment(told.time),
        source=told.source,
        user=told.user,
        statement_key=str(origin) if told.key is None else f"{context.instance or ''}/{told.key}",
        complete=told.complete,
        part=told.part,
        instance=context.instance,
        database=told.database,
        client=told.client,
        application=told.application,
        session=told.session,
        proxy_user=told.proxy_user,
        query_tag=told.query_tag,
        comment=statement.comment if statement is not None else None,
        verb=verb,
        export=export,
        statement=statement.text if statement is not None else None,
        fingerprint=statement.fingerprint if statement is not None else None,
        tables=_tables(told, statement),
        columns=_columns(told, statement),
        columns_known=told.columns is not None or (statement is not None and statement.columns_known),
        filters=statement.filters if statement is not None else (),
        subjects=statement.subjects if statement is not None else (),
        scope=statement.scope if statement is not None else (),
        rows_at_most=statement.rows_at_most if statement is not None else None,
        slice=statement.slice if statement is not None else None,
        sealed=statement.sealed if statement is not None else None,
        rows=rows,
        rows_quality=quality,
        bytes=told.bytes,
        duration_ms=told.duration_ms,
        error=None if told.error is None else error_code(told.error),
        produced_ms=context.raw.timestamp_ms,
    )


def _tables(told: Told, statement: Statement | None) -> tuple[str, ...]:
    if told.tables is not None:
        return told.tables
    tables = statement.tables if statement is not None else ()
    return tables if told.relation is None else with_text(told.relation, tables)


def _columns(told: Told, statement: Statement | None) -> tuple[str, ...]:
    if told.columns is not None:
        return tuple(bounded(told.columns))
    return statement.columns if statement is not None else ()
