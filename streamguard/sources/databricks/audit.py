"""Databricks' audit log: delivered JSON (camel case), ``system.access.audit`` (snake case), Azure diagnostics.

Most actions of the log read nobody's data and are ignored. What becomes an activity:

* statements, with verbose audit logs: ``commandSubmit`` (SQL warehouses) and ``runCommand`` (notebooks); a
  ``commandFinish`` only if it failed, which its submission could not know. All have the command's id as key;
* downloads of results, which say neither table nor size: ``downloadPreviewResults``, ``downloadLargeResults``,
  ``downloadQueryResult``;
* credentials for the files below a table or volume: whoever holds one reads them past the engine. Databricks' own
  compute takes one for every table that a notebook reads, so it is a read there, and an export elsewhere;
* tables queried by the recipients of a share.

No record counts rows. In Azure's diagnostics identity, parameters and response are texts of JSON.
Source: docs.databricks.com, "Audit log reference"; 108 real records, eight of them Azure's.

Known gaps: a statement and the credentials it takes are activities of their own, since no id joins them; code of
notebooks that is not SQL is not read (its tables show in the credentials it takes); statements are not logged without
verbose audit logs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.sources.databricks.actions import Event, told_of
from streamguard.sources.fields import JsonObject, member
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason
from streamguard.sources.told import activity_of
from streamguard.sources.warehouse import moment_in, parsed_object, text_in

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME: Final = "databricks.audit"

_AZURE: Final = "Microsoft.Databricks/"
_LOGINS: Final = (
    "login",
    "tokenLogin",
    "samlLogin",
    "aadTokenLogin",
    "aadBrowserLogin",
    "jwtLogin",
    "oidcBrowserLogin",
)
_LOGOUT: Final = "logout"


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one record; None if it is of another format.

    Raises
    ------
    Refusal
        When it is a record of the audit log and cannot be read.
    """
    event = _delivered(record, context) or _azure(record, context)
    if event is None:
        return None
    if event.action in _LOGINS:
        return context.ignore(IgnoredReason.CONNECTION)
    if event.action == _LOGOUT:
        return context.ignore(IgnoredReason.DISCONNECTION)
    told = told_of(NAME, event, context)
    if isinstance(told, IgnoredReason):
        return context.ignore(told)
    if not told.user:
        raise Refusal(RejectedReason.MISSING_USER, "the identity has no email and no subject name")
    return activity_of(told, context)


def _delivered(record: JsonObject, context: Context) -> Event | None:
    action = text_in(record, "actionName", "action_name")
    if action is None or text_in(record, "serviceName", "service_name") is None:
        return None
    context.instance = text_in(record, "workspaceId", "workspace_id") or context.instance
    identity = parsed_object(record.get("userIdentity", record.get("user_identity")))
    acting = parsed_object(record.get("identityMetadata", record.get("identity_metadata")))
    return Event(
        action=action,
        user=text_in(identity, "email", "subjectName", "subject_name"),
        run_by=text_in(acting, "runBy", "run_by"),
        time=moment_in(record, "timestamp", "event_time", "eventTime"),
        client=text_in(record, "sourceIPAddress", "source_ip_address"),
        application=text_in(record, "userAgent", "user_agent"),
        session=text_in(record, "sessionId", "session_id"),
        request=text_in(record, "requestId", "request_id"),
        parameters=parsed_object(record.get("requestParams", record.get("request_params"))),
        response=parsed_object(record.get("response")),
    )


def _azure(record: JsonObject, context: Context) -> Event | None:
    operation, properties = record.get("operationName"), member(record, "properties")
    if type(operation) is not str or not operation.startswith(_AZURE):
        return None
    resource = text_in(record, "resourceId")
    if resource is not None:
        context.instance = resource.rpartition("/")[2].lower() or context.instance
    identity = parsed_object(record.get("identity"))
    return Event(
        action=text_in(properties, "actionName") or operation.rpartition("/")[2],
        user=text_in(identity, "email", "subjectName"),
        run_by=None,
        time=moment_in(record, "time"),
        client=text_in(properties, "sourceIPAddress"),
        application=text_in(properties, "userAgent"),
        session=text_in(properties, "sessionId"),
        request=text_in(properties, "requestId"),
        parameters=parsed_object(properties.get("requestParams")),
        response=parsed_object(properties.get("response")),
    )
