"""From a BigQuery job, or the reading of a table without one, to what is told of a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from streamguard.activity import RowsQuality
from streamguard.sources.bigquery.names import TableName, at, table_name, text_at
from streamguard.sources.naming import columns_of
from streamguard.sources.told import Told
from streamguard.sources.warehouse import database_of, elapsed_ms, shared_database

if TYPE_CHECKING:
    from streamguard.sources.bigquery.job import Job
    from streamguard.sources.context import Context
    from streamguard.sources.fields import JsonObject

_DIALECT: Final = "bigquery"
_FETCHES: Final = frozenset({"GET_QUERY_RESULTS_REQUEST", "QUERY_REQUEST"})
_APIS: Final = frozenset({"TABLEDATA_LIST_REQUEST", "CREATE_READ_SESSION"})
_KINDS: Final = {
    "extract": ("EXPORT DATA", "unload"),
    "copy": ("CREATE TABLE AS", "create_table_as"),
    "load": ("LOAD", None),
}
_STATEMENT_TYPES: Final = {
    "CREATE_TABLE_AS_SELECT": "create_table_as",
    "CREATE_SNAPSHOT_TABLE": "create_table_as",
    "EXPORT_DATA": "unload",
}


class Caller(NamedTuple):
    """Who called, with what, when, and for which job."""

    source: str
    user: str
    behind: str | None
    """Who impersonated the service account ``user``."""
    client: str | None
    application: str | None
    time: str | int | None
    key: str | None


def told_of_job(job: Job, caller: Caller, error: str | None, context: Context) -> Told:
    """Return what an ended job tells.

    Parameters
    ----------
    job
        Its record.
    caller
        Who ran it.
    error
        Of the job or of the request; None: it succeeded.
    context
        The record being read.
    """
    verb, export = _KINDS.get(job.kind, (_verb(job), _export(job)))
    own = job.name[0] if job.name is not None else context.instance
    return Told(
        source=caller.source,
        dialect=_DIALECT,
        user=caller.user,
        time=caller.time,
        key=caller.key,
        text=job.text if job.kind == "query" else None,
        verb=verb,
        export=export,
        tables=_names(job) or None,
        columns=None if job.kind == "query" else _all_columns(job),
        rows=job.rows,
        rows_quality=RowsQuality.PRODUCED if job.rows and export == "create_table_as" else None,
        zero_is_unknown=error is not None or job.cache_hit,
        bytes=job.bytes,
        duration_ms=elapsed_ms(context, job.start, job.end),
        error=error,
        database=_database(job, own, context),
        client=caller.client,
        application=caller.application,
        proxy_user=caller.behind,
        query_tag=job.labels,
    )


def told_of_read(event: JsonObject, resource: str, caller: Caller) -> Told | None:
    """Return what the reading of one table tells; None if it only delivers the result of a query.

    Parameters
    ----------
    event
        ``tableDataRead``, or its like of before 2019.
    resource
        Path of the table.
    caller
        Who read it.
    """
    reason, table = text_at(event, "reason"), table_name(resource)
    if reason in _FETCHES or (reason in _APIS and table is not None and table.is_temporary):
        return None
    return Told(
        source=caller.source,
        dialect=_DIALECT,
        user=caller.user,
        time=caller.time,
        key=caller.key,
        complete=caller.key is None,
        # A job may read without SELECT (EXPORT DATA, CREATE TABLE AS): its own record tells.
        verb="SELECT" if caller.key is None else None,
        export="table_api" if reason in _APIS else None,
        tables=() if table is None else (table.name,),
        columns=None if table is None else _fields(event, table),
        # Of a job that reads tables of several projects, its own record says so.
        database=None if table is None or caller.key is not None else table.project,
        client=caller.client,
        application=caller.application,
        session=text_at(event, "sessionName"),
        proxy_user=caller.behind,
    )


def _fields(event: JsonObject, table: TableName) -> tuple[str, ...] | None:
    """Return the columns read; of nested ones the outermost. None where they are not listed completely."""
    listed: Any = at(event, "fields")
    if type(listed) is not list or at(event, "fieldsTruncated") is True:
        return None
    names = [field.partition(".")[0].lower() for field in listed if type(field) is str and field]
    return columns_of(table.name, names) if names else None


def _verb(job: Job) -> str | None:
    return None if job.statement_type is None else job.statement_type.replace("_", " ").upper()


def _export(job: Job) -> str | None:
    """Return how a query moves data out where its text does not say so: by the table it is told to write."""
    statement_type = (job.statement_type or "").upper()
    if statement_type == "SELECT" and job.written is not None and not job.written.is_temporary:
        return "create_table_as"
    return _STATEMENT_TYPES.get(statement_type)


def _names(job: Job) -> tuple[str, ...]:
    """Return the tables of a job that lists what it read; else nothing, so that the text tells."""
    written = [job.written] if job.written is not None and not job.written.is_temporary else []
    if not job.read and job.kind == "query":
        return ()
    return tuple(dict.fromkeys(table.name for table in (*job.read, *written)))


def _all_columns(job: Job) -> tuple[str, ...]:
    """Return what leaves with whole tables. A load job reads files, so nothing does."""
    return tuple(f"{table.name}.*" for table in job.read)


def _database(job: Job, own: str | None, context: Context) -> str | None:
    if job.read:
        return shared_database(table.project for table in job.read)
    if job.text is None or job.kind != "query":
        return own
    statement = context.tools.analyser.analyse(job.text, _DIALECT)
    return database_of(statement.text, statement.tables, own)
