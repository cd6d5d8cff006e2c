"""OCSF Datastore Activity (class 6005, since 1.1): the neutral format for sources without an adapter of their own.

One record is one statement (``complete``). OCSF has no place for a row count or for columns, so they are read from
``unmapped.rows_returned``, ``unmapped.rows``, ``query_info.data.rows_returned``, ``query_info.data.rows`` or a
top-level ``rows_returned``, and from ``unmapped.columns``.
Source: schema.ocsf.io/1.8.0/classes/datastore_activity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamguard.activity import RowsQuality
from streamguard.sources.fields import JsonObject, member, optional_text, row_count
from streamguard.sources.naming import columns_of
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason
from streamguard.sources.told import Told, activity_of

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "ocsf"

_DATASTORE_ACTIVITY = 6005
_CONNECT = 3
_FAILURE = 2
_VERBS = {1: "SELECT", 2: "UPDATE", 4: "SELECT", 5: "INSERT", 6: "CREATE", 7: "DELETE"}
# The statement dialect follows the product; PostgreSQL's is the closest to the standard.
_DIALECTS = {
    "mysql": "mysql", "mariadb": "mysql", "percona": "mysql", "snowflake": "snowflake", "bigquery": "bigquery",
    "redshift": "redshift", "trino": "trino", "databricks": "databricks", "oracle": "oracle",
    "microsoft sql server": "tsql", "sql server": "tsql",
}  # fmt: skip


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one event; None if it is no OCSF event.

    Raises
    ------
    Refusal
        When it is an OCSF event and of another class, or cannot be read.
    """
    class_uid = record.get("class_uid")
    if class_uid is None:
        return None
    if type(class_uid) is not int:
        raise Refusal(RejectedReason.WRONG_TYPE, "class_uid must be an integer")
    if class_uid != _DATASTORE_ACTIVITY:
        raise Refusal(RejectedReason.UNSUPPORTED_FORMAT, f"OCSF class {class_uid}: only 6005 is read")
    if record.get("activity_id") == _CONNECT:
        return context.ignore(IgnoredReason.CONNECTION)
    return _activity(record, context)


def _activity(record: JsonObject, context: Context) -> Activity:
    actor, query, unmapped = member(record, "actor"), member(record, "query_info"), member(record, "unmapped")
    server, source = member(record, "dst_endpoint"), member(record, "src_endpoint")
    context.instance = _first_text(server, "instance_uid", "hostname", "ip") or context.instance
    tables = _tables(record, unmapped)
    return activity_of(
        Told(
            source=NAME,
            dialect=_dialect(record),
            user=_user(member(actor, "user")),
            time=_time(record),
            key=optional_text(query, "uid") or optional_text(member(record, "metadata"), "uid"),
            complete=True,
            text=optional_text(query, "query_string"),
            verb=_verb(record),
            tables=tables or None,
            columns=_columns(unmapped, tables),
            rows=row_count(_raw_rows(record, query, unmapped)),
            rows_quality=_quality(unmapped),
            bytes=_whole(query.get("bytes")),
            duration_ms=_duration_ms(record.get("duration")),
            error=_error(record),
            database=optional_text(member(record, "database"), "name"),
            client=_first_text(source, "ip", "hostname"),
            application=optional_text(actor, "app_name"),
            session=optional_text(member(actor, "session"), "uid"),
        ),
        context,
    )


def _time(record: JsonObject) -> int:
    value = record.get("time")
    if type(value) is not int:
        reason = RejectedReason.MISSING_FIELD if value is None else RejectedReason.WRONG_TYPE
        raise Refusal(reason, "time must be milliseconds since 1970 as an integer")
    return value


def _user(user: JsonObject) -> str:
    name = _first_text(user, "name", "email_addr", "uid")
    if name is None:
        reason = RejectedReason.WRONG_TYPE if user.get("name") else RejectedReason.MISSING_FIELD
        raise Refusal(reason, "actor.user.name must be a text")
    return name


def _first_text(record: JsonObject, *keys: str) -> str | None:
    return next((found for key in keys if (found := optional_text(record, key)) is not None), None)


def _dialect(record: JsonObject) -> str:
    product = member(member(record, "metadata"), "product")
    for key in ("name", "vendor_name"):
        dialect = _DIALECTS.get((optional_text(product, key) or "").lower())
        if dialect is not None:
            return dialect
    return "postgres"


def _verb(record: JsonObject) -> str:
    activity_id = record.get("activity_id")
    return _VERBS.get(activity_id, "UNKNOWN") if type(activity_id) is int else "UNKNOWN"


def _raw_rows(record: JsonObject, query: JsonObject, unmapped: JsonObject) -> object:
    data = member(query, "data")
    candidates = (
        unmapped.get("rows_returned"),
        unmapped.get("rows"),
        data.get("rows_returned"),
        data.get("rows"),
        record.get("rows_returned"),
    )
    return next((value for value in candidates if value is not None), None)


def _quality(unmapped: JsonObject) -> RowsQuality | None:
    quality = unmapped.get("rows_quality")
    return RowsQuality(quality) if type(quality) is str and quality in RowsQuality.__members__.values() else None


def _tables(record: JsonObject, unmapped: JsonObject) -> tuple[str, ...]:
    listed = unmapped.get("tables")
    names: list[Any] = list(listed) if type(listed) is list else []
    name = _first_text(member(record, "table"), "name")
    if name is not None:
        names.insert(0, name)
    return tuple(dict.fromkeys(name.lower() for name in names if type(name) is str and name))


def _columns(unmapped: JsonObject, tables: tuple[str, ...]) -> tuple[str, ...] | None:
    listed = unmapped.get("columns")
    if type(listed) is not list or not all(type(column) is str for column in listed):
        return None
    names = [column.lower() for column in listed]
    return columns_of(tables[0], names) if len(tables) == 1 else tuple(dict.fromkeys(names))


def _whole(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _duration_ms(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None


def _error(record: JsonObject) -> str | None:
    if record.get("status_id") != _FAILURE:
        return None
    return optional_text(record, "status_code") or "failure"
