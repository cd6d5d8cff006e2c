"""Google Cloud SQL and AlloyDB: pgaudit's lines as entries of the Data Access audit log.

``protoPayload.request`` is a ``PgAuditEntry``; plain log lines of the same servers come in ``textPayload`` and are
read as such. A long statement is written in chunks: the first one tells what it begins like, the others that it goes
on, so that its columns count as unknown. Rows are not told: Google's entries have no place for ``pgaudit.log_rows``.
Source: cloud.google.com/alloydb/docs/pgaudit/view-audit-log and cloud.google.com/sql/docs/postgres/pg-audit.
No real record was available: members that the documents do not show are read only if they are there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamguard.activity import Activity
from streamguard.sources.fields import JsonObject, label, member, optional_text
from streamguard.sources.postgresql.pgaudit import read_audit
from streamguard.sources.postgresql.session import Session
from streamguard.sources.reasons import Refusal, RejectedReason

if TYPE_CHECKING:
    from streamguard.activity import Ignored
    from streamguard.sources.context import Context

NAME = "postgresql.cloudsql"

_TYPE = ".PgAuditEntry"
_NOT_LOGGED = "<not logged>"


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one entry; None if it is of another format.

    Raises
    ------
    Refusal
        When it is an entry of pgaudit and cannot be read.
    """
    payload = record.get("protoPayload")
    if type(payload) is not dict:
        return None
    entry = member(payload, "request")
    if not str(entry.get("@type")).endswith(_TYPE):
        return None
    context.instance = _instance(record) or context.instance
    chunk, chunks = _number(entry, "chunkIndex"), _number(entry, "chunkCount")
    principal = optional_text(member(payload, "authenticationInfo"), "principalEmail")
    activity = read_audit(_fields(entry, chunk), _session(record, payload, entry, principal), context)
    if not isinstance(activity, Activity):
        return activity
    return msgspec.structs.replace(
        activity,
        proxy_user=principal if principal != activity.user else None,
        # What was read of a text in chunks may look whole.
        columns_known=activity.columns_known and chunks <= 1,
    )


def _fields(entry: JsonObject, chunk: int) -> list[str]:
    text = (optional_text(entry, "statement") or "") if chunk <= 1 else ""
    return [
        optional_text(entry, "auditType") or "",
        str(_number(entry, "statementId")),
        str(_number(entry, "substatementId")),
        optional_text(entry, "auditClass") or "",
        optional_text(entry, "command") or "",
        optional_text(entry, "objectType") or "",
        optional_text(entry, "object") or "",
        # Google writes [not logged] where pgaudit writes <not logged>.
        _NOT_LOGGED if text.startswith("[not logged]") else text,
        "",
    ]


def _session(record: JsonObject, payload: JsonObject, entry: JsonObject, principal: str | None) -> Session:
    return Session(
        source=NAME,
        time=optional_text(record, "timestamp"),
        user=optional_text(entry, "user") or principal,
        database=optional_text(entry, "database"),
        client=optional_text(member(payload, "requestMetadata"), "callerIp"),
        session=label(entry.get("databaseSessionId")),
    )


def _instance(record: JsonObject) -> str | None:
    labels = member(member(record, "resource"), "labels")
    return optional_text(labels, "instance_id") or optional_text(labels, "database_id")


def _number(entry: JsonObject, key: str) -> int:
    """Return a member that is a number, also in quotes (64-bit numbers of Protocol Buffers are); 1 where it is missing.

    Raises
    ------
    Refusal
        ``malformed_audit``.
    """
    value = label(entry.get(key)) or "1"
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise Refusal(RejectedReason.MALFORMED_AUDIT, f"{key} must be a number")
    return int(value)
