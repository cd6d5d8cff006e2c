"""BigQuery: Cloud Audit Logs entries, those of today (``BigQueryAuditMetadata``) and of before 2019 (``AuditData``).

A job writes several entries: ``jobInsertion`` at its start, ``jobChange`` at its end (text, tables, rows), and one
``tableDataRead`` per table with the columns. The key of all is the job's name; its start is ignored unless the job
ended with it, so that rows count once. Fetching a result is ignored: the job has counted it. A script is ignored:
its statements are jobs of their own.

Ways out that no statement tells: extract jobs (to files), copy, snapshot and clone jobs, queries that write their
result to a table, ``tabledata.list`` and read sessions of the Storage API; none of them counts rows.

``bytes`` are those that the job processed: BigQuery does not log the size of results. The columns of ``tableDataRead``
are an upper bound of those whose values left: columns that only filtered are read too.
Source: Google Cloud reference, BigQueryAuditMetadata; 97 real records.

Known gaps: jobs of one name in two locations at the same time are taken for one; the redacted principal of an
outsider who reads a public dataset is rejected as ``missing_user``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.sources.bigquery.job import legacy_job, modern_job, rpc_error
from streamguard.sources.bigquery.names import at, job_name, object_at, text_at
from streamguard.sources.bigquery.reads import Caller, told_of_job, told_of_read
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason
from streamguard.sources.told import activity_of
from streamguard.sources.warehouse import moment_in

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.bigquery.job import Job
    from streamguard.sources.context import Context
    from streamguard.sources.fields import JsonObject

NAME: Final = "bigquery"

_RESULTS: Final = (
    "jobGetQueryResultsRequest", "jobGetQueryResultsResponse", "jobQueryRequest", "jobQueryResponse",
    "jobQueryDoneResponse",
)  # fmt: skip


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one entry; None if it is of another format or of another service of Google Cloud.

    Raises
    ------
    Refusal
        When it is an entry of BigQuery and cannot be read.
    """
    payload = record.get("protoPayload", record.get("protopayload"))
    if type(payload) is not dict or not _is_bigquery(payload):
        return None
    metadata = object_at(payload, "metadata")
    if metadata:
        return _modern(metadata, payload, record, context)
    return _legacy(object_at(payload, "serviceData"), payload, record, context)


def _is_bigquery(payload: JsonObject) -> bool:
    service = text_at(payload, "serviceName") or text_at(payload, "metadata", "serviceName")
    kind = text_at(payload, "metadata", "@type") or text_at(payload, "serviceData", "@type") or ""
    return service == "bigquery.googleapis.com" or "bigquery" in kind.lower()


def _modern(metadata: JsonObject, payload: JsonObject, record: JsonObject, context: Context) -> Activity | Ignored:
    for event in ("jobChange", "jobInsertion"):
        if object_at(metadata, event):
            return _job(modern_job(object_at(metadata, event, "job")), payload, record, context)
    read_event = object_at(metadata, "tableDataRead")
    if read_event:
        return _table_read(read_event, payload, record, context)
    # Changes of tables, datasets, views and models; a statement behind one of them has its own job.
    return context.ignore(IgnoredReason.ADMINISTRATION)


def _legacy(service: JsonObject, payload: JsonObject, record: JsonObject, context: Context) -> Activity | Ignored:
    completed = object_at(service, "jobCompletedEvent", "job")
    if completed:
        return _job(legacy_job(completed), payload, record, context, finished=True)
    inserted = object_at(service, "jobInsertRequest", "resource")
    if inserted:
        return _job(legacy_job(inserted), payload, record, context)
    if at(service, "tableDataListRequest") is not None:
        return _table_read({"reason": "TABLEDATA_LIST_REQUEST"}, payload, record, context)
    if any(at(service, name) is not None for name in _RESULTS):
        return context.ignore(IgnoredReason.RESULT_FETCH)
    return context.ignore(IgnoredReason.ADMINISTRATION)


def _job(
    job: Job, payload: JsonObject, record: JsonObject, context: Context, *, finished: bool = False
) -> Activity | Ignored:
    if job.dry_run:
        return context.ignore(IgnoredReason.DRY_RUN)
    error = job.error or rpc_error(object_at(payload, "status"))
    if not (finished or job.is_finished or error is not None):
        return context.ignore(IgnoredReason.STATEMENT_START)
    if job.statement_type == "SCRIPT" and not job.is_child:
        return context.ignore(IgnoredReason.PARENT_STATEMENT)
    name = job.name or job_name(at(payload, "resourceName"))
    if name is not None:
        context.instance = name[0]
    caller = _caller(payload, record, name)
    return activity_of(told_of_job(job, caller, error, context), context)


def _table_read(event: JsonObject, payload: JsonObject, record: JsonObject, context: Context) -> Activity | Ignored:
    reason = text_at(event, "reason")
    if reason == "MATERIALIZED_VIEW_REFRESH":
        return context.ignore(IgnoredReason.MAINTENANCE)
    name = job_name(at(event, "jobName"))
    resource = text_at(payload, "resourceName") or text_at(payload, "metadata", "resourceName") or ""
    if name is not None:
        context.instance = name[0]
    elif resource.startswith("projects/"):
        context.instance = resource.split("/")[1] or None
    told = told_of_read(event, resource, _caller(payload, record, name))
    return context.ignore(IgnoredReason.RESULT_FETCH) if told is None else activity_of(told, context)


def _caller(payload: JsonObject, record: JsonObject, name: tuple[str, str] | None) -> Caller:
    who, request = object_at(payload, "authenticationInfo"), object_at(payload, "requestMetadata")
    request = request or object_at(payload, "metadata", "requestMetadata")
    user = text_at(who, "principalEmail") or text_at(who, "principalSubject")
    if user is None:
        raise Refusal(RejectedReason.MISSING_USER, "authenticationInfo.principalEmail must be a text")
    chain = at(who, "serviceAccountDelegationInfo")
    first = chain[0] if type(chain) is list and chain and type(chain[0]) is dict else {}
    time = moment_in(record, "timestamp") or moment_in(payload, "timestamp") or moment_in(record, "p_event_time")
    return Caller(
        source=NAME,
        user=user,
        behind=text_at(first, "firstPartyPrincipal", "principalEmail") or text_at(first, "principalSubject"),
        client=text_at(request, "callerIp") or text_at(request, "callerIP"),
        application=text_at(request, "callerSuppliedUserAgent"),
        time=time,
        key=None if name is None else name[1],  # the project is the instance
    )
