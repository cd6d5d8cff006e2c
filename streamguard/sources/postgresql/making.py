"""The activity of one entry of a PostgreSQL server log, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.activity import Activity
from streamguard.sources.postgresql.session import UNKNOWN

if TYPE_CHECKING:
    from streamguard.activity import Origin, RowsQuality
    from streamguard.sources.postgresql.session import Connection
    from streamguard.sources.statement import Statement


def make(  # noqa: PLR0917 -- names would cost as much as the rest of the call
    origin: Origin,
    time_ms: int,
    user: str,
    statement_key: str,
    instance: str | None,
    connection: str | None,
    produced_ms: int | None,
    session: Connection,
    statement: Statement,
    verb: str,
    text: str | None,
    fingerprint: str | None,
    tables: tuple[str, ...],
    rows: int | None,
    quality: RowsQuality,
    part: str | None = None,
    complete: bool = False,
    duration_ms: float | None = None,
    size_bytes: int | None = None,
    error: str | None = None,
) -> Activity:
    """Return an activity of these fields and of those that session and statement tell as they are.

    Parameters
    ----------
    connection
        Name of the session.
    verb, text, fingerprint, tables
        As far as they are not the statement's own.
    size_bytes
        Bytes that left.
    """
    database, client, application = session.database, session.client, session.application
    return Activity(
        origin=origin,
        time_ms=time_ms,
        source=session.source,
        user=user,
        statement_key=statement_key,
        complete=complete,
        part=part,
        instance=instance,
        database=database if database and database != UNKNOWN else None,
        client=client if client and client != UNKNOWN else None,
        application=application if application and application != UNKNOWN else None,
        session=connection,
        comment=statement.comment,
        verb=verb,
        export=statement.export,
        statement=text,
        fingerprint=fingerprint,
        tables=tables,
        columns=statement.columns,
        columns_known=statement.columns_known,
        filters=statement.filters,
        subjects=statement.subjects,
        scope=statement.scope,
        rows_at_most=statement.rows_at_most,
        slice=statement.slice,
        sealed=statement.sealed,
        rows=rows,
        rows_quality=quality,
        bytes=size_bytes,
        duration_ms=duration_ms,
        error=error,
        produced_ms=produced_ms,
    )
