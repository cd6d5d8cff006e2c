"""One BigQuery job, from the records of today (``jobChange``) and of before 2019 (``jobCompletedEvent``).

Source: Google Cloud reference, BigQueryAuditMetadata.Job and google.cloud.bigquery.logging.v1.Job.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from streamguard.sources.bigquery.names import (
    TableName,
    at,
    job_name,
    object_at,
    table_name,
    table_names,
    text_at,
)
from streamguard.sources.warehouse import rows_in, whole

if TYPE_CHECKING:
    from streamguard.sources.fields import JsonObject

# google.rpc.Code of what fails before the first row, as SQLSTATEs that everybody understands: invalid argument,
# not found, permission denied, unauthenticated.
_SQLSTATES: Final = {3: "42000", 5: "42S02", 7: "42501", 16: "28000"}


class Job(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a record tells of a job.

    ``kind`` is ``query``, ``extract`` (to files), ``copy`` (of tables) or ``load``; ``read`` are the tables it read,
    as far as the record lists them; ``written`` the one it wrote.
    """

    name: tuple[str, str] | None
    kind: str
    text: str | None = None
    statement_type: str | None = None
    is_finished: bool = False
    is_child: bool = False
    dry_run: bool = False
    read: tuple[TableName, ...] = ()
    written: TableName | None = None
    rows: int | None = None
    cache_hit: bool = False
    bytes: int | None = None
    start: Any = None
    end: Any = None
    labels: str | None = None
    error: str | None = None


def modern_job(job: JsonObject) -> Job:
    """Return the job of a ``jobInsertion`` or ``jobChange``.

    Raises
    ------
    Refusal
        When its count of rows is none.
    """
    config, stats = object_at(job, "jobConfig"), object_at(job, "jobStats")
    query, counts = object_at(config, "queryConfig"), object_at(stats, "queryStats")
    extract, copy = object_at(config, "extractConfig"), object_at(config, "tableCopyConfig")
    load = object_at(config, "loadConfig")
    kind = _kind(query, extract, copy, load)
    read = table_names(at(counts, "referencedTables")) + table_names(at(counts, "referencedViews"))
    return Job(
        name=job_name(at(job, "jobName")),
        kind=kind,
        text=text_at(query, "query"),
        statement_type=text_at(query, "statementType"),
        is_finished=text_at(job, "jobStatus", "jobState") == "DONE",
        is_child=text_at(stats, "parentJobName") is not None,
        dry_run=at(config, "dryRun") is True or at(query, "dryRun") is True,
        read=tuple(read or _sources(extract, copy)),
        written=table_name(at(query or copy or load, "destinationTable")),
        rows=rows_in({"rows": at(counts, "outputRowCount")}, "rows"),
        cache_hit=at(counts, "cacheHit") is True,
        bytes=_bytes(at(counts, "totalProcessedBytes"), at(stats, "extractStats", "totalInputBytes")),
        start=at(stats, "startTime") or at(stats, "createTime"),
        end=at(stats, "endTime"),
        labels=_labels(object_at(config, "labels")),
        error=rpc_error(object_at(job, "jobStatus", "errorResult")),
    )


def legacy_job(job: JsonObject) -> Job:
    """Return the job of a ``jobCompletedEvent`` or of a ``jobInsertRequest``.

    Raises
    ------
    Refusal
        When its count of rows is none.
    """
    config, stats = object_at(job, "jobConfiguration"), object_at(job, "jobStatistics")
    query, extract = object_at(config, "query"), object_at(config, "extract")
    copy, load = object_at(config, "tableCopy"), object_at(config, "load")
    read = table_names(at(stats, "referencedTables")) + table_names(at(stats, "referencedViews"))
    return Job(
        name=job_name(at(job, "jobName")),
        kind=_kind(query, extract, copy, load),
        text=text_at(query, "query"),
        statement_type=text_at(query, "statementType"),
        is_finished=text_at(job, "jobStatus", "state") == "DONE",
        dry_run=at(config, "dryRun") is True,
        read=tuple(read or _sources(extract, copy)),
        written=table_name(at(query or copy or load, "destinationTable")),
        rows=rows_in({"rows": at(stats, "queryOutputRowCount")}, "rows"),
        bytes=_bytes(at(stats, "totalProcessedBytes")),
        start=at(stats, "startTime") or at(stats, "createTime"),
        end=at(stats, "endTime"),
        labels=_labels(object_at(config, "labels")),
        error=rpc_error(object_at(job, "jobStatus", "error")),
    )


def rpc_error(status: JsonObject) -> str | None:
    """Return the error of a google.rpc.Status; None for success. Its message may quote values and is not read."""
    code = whole(at(status, "code"))
    if not code:
        return "failure" if text_at(status, "message") is not None else None
    return _SQLSTATES.get(code, str(code))


def _kind(query: JsonObject, extract: JsonObject, copy: JsonObject, load: JsonObject) -> str:
    if not query:
        for kind, config in (("extract", extract), ("copy", copy), ("load", load)):
            if config:
                return kind
    return "query"


def _sources(extract: JsonObject, copy: JsonObject) -> list[TableName]:
    return table_names([at(extract, "sourceTable")]) + table_names(at(copy, "sourceTables"))


def _bytes(*values: object) -> int | None:
    return next((count for value in values if (count := whole(value)) is not None), None)


def _labels(labels: JsonObject) -> str | None:
    pairs = sorted(f"{key}:{value}" for key, value in labels.items() if type(value) is str)
    return ",".join(pairs) or None
