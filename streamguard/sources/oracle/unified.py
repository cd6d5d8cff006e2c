"""Oracle's unified audit trail as rows in JSON: a query of ``UNIFIED_AUDIT_TRAIL`` by a JDBC source.

Column names in any case, also under the names of Guardium's query. One statement has one record for each object and
policy, which share the session and STATEMENT_ID. Oracle counts no rows; Data Pump, SQL*Loader's direct path and RMAN
are recognised as exports. SQL_BINDS and DP_TEXT_PARAMETERS are never read.
Source: Oracle Database Reference, UNIFIED_AUDIT_TRAIL.

Times: EVENT_TIMESTAMP_UTC if it is selected. EVENT_TIMESTAMP is in the time zone of the session that reads the trail:
without its offset it is refused, except for the interval since 1970 that Guardium's query makes of it.

A record names one object; tables that no policy covers stand in the text alone, so those of the text count besides.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from streamguard.sources.fields import JsonObject, label, optional_text
from streamguard.sources.oracle.names import (
    DIALECT,
    action_name,
    error_of,
    export_of,
    ignored_reason,
    relation_of,
    verb_of,
    without_links,
)
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason
from streamguard.sources.told import Told, activity_of

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "oracle.unified"

_USER_KEYS: Final = ("DBUSERNAME", "dbusername", "DbUsername", "dbUsername")
_GUARDIUM: Final = ("sessionid", "SESSIONID")
_INTERVAL: Final = re.compile(r"\+?(\d{1,9}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?", re.ASCII)
_NLS: Final = re.compile(
    r"(\d\d)-([A-Z]{3})-(\d\d|\d{4}) (\d\d)[.:](\d\d)[.:](\d\d)(?:[.,](\d{1,9}))?"
    r" ?(AM|PM)? ?([+-]\d\d:\d\d|UTC|GMT|Z)?",
    re.ASCII | re.IGNORECASE,
)
_MONTHS: Final = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
_HOST: Final = re.compile(r"\(HOST=([^()\s]{1,255})\)", re.IGNORECASE)


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one row; None if it is of another format.

    Raises
    ------
    Refusal
        When it is a row of the trail and cannot be read.
    """
    if not any(key in record for key in _USER_KEYS) and not any(key in record for key in _GUARDIUM):
        return None
    row = {key.lower(): value for key, value in record.items()}
    if not row.keys() & {"sql_text", "action_name", "unified_audit_policies", "audit_type", "entry_id"}:
        return None
    action = action_name(optional_text(row, "action_name"))
    audit_type = optional_text(row, "audit_type") or ""
    reason = ignored_reason(action)
    text = optional_text(row, "sql_text")
    export = export_of(audit_type, action)
    if reason is None and text is None and not action and export is None:
        reason = IgnoredReason.ADMINISTRATION
    if reason is not None:
        return context.ignore(reason)
    context.instance = optional_text(row, "instance_name") or label(row.get("dbid")) or context.instance
    return activity_of(_told(row, action, text, export), context)


def _told(row: JsonObject, action: str, text: str | None, export: str | None) -> Told:
    user = optional_text(row, "dbusername") or optional_text(row, "userid")
    if user is None:
        raise Refusal(RejectedReason.MISSING_USER, "the row names no user: select DBUSERNAME")
    session, statement = label(row.get("sessionid")), label(row.get("statement_id"))
    key = f"{session}/{statement}" if session and statement else None
    address = _HOST.search((optional_text(row, "authentication_type") or "")[:4000])
    return Told(
        source=NAME,
        dialect=DIALECT,
        user=user,
        time=_time(row),
        key=key,
        complete=key is None,
        text=without_links(text.strip("\0 ")) if text is not None else None,
        verb=verb_of(action) or ("EXPORT" if export else None),
        export=export,
        relation=relation_of(optional_text(row, "object_schema"), optional_text(row, "object_name"), action),
        error=error_of(label(row.get("return_code"))),
        database=optional_text(row, "dbname") or optional_text(row, "pdb_name"),
        client=address[1] if address else optional_text(row, "client_host_ip") or optional_text(row, "userhost"),
        application=optional_text(row, "client_program_name"),
        session=session,
        proxy_user=optional_text(row, "dbproxy_username"),
        # What the application says of its own user, in a pool where all share one account.
        query_tag=optional_text(row, "client_identifier"),
    )


def _time(row: JsonObject) -> str | int:
    for key, zone in (("event_timestamp_utc", "Z"), ("event_timestamp", "")):
        value = row.get(key)
        if type(value) is int:
            return value
        if type(value) is str and value:
            return _read_time(value.strip(), zone)
    raise Refusal(RejectedReason.MISSING_FIELD, "the row has no time: select EVENT_TIMESTAMP_UTC")


def _read_time(text: str, zone: str) -> str | int:
    interval = _INTERVAL.fullmatch(text)
    if interval is not None:
        days, hours, minutes, seconds, fraction = interval.groups()
        whole = ((int(days) * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(seconds)
        return whole * 1000 + int((fraction or "0").ljust(3, "0")[:3])
    written = _NLS.fullmatch(text)
    if written is not None:
        return f"{_iso(written)}{written[9] or zone}"
    has_zone = text[-1:].isalpha() or "+" in text[10:] or "-" in text[10:]
    return text if has_zone else f"{text}{zone}"


def _iso(match: re.Match[str]) -> str:
    """Return a time of the default NLS format (``22-NOV-26 03.57.28.833 AM``) in ISO form without its zone."""
    day, month, year, hour, minute, second, fraction, half, _ = match.groups()
    century = "" if len(year) == 4 else "20"
    hours = int(hour) % 12 + (12 if half.upper() == "PM" else 0) if half else int(hour)
    number = _MONTHS.find(month.upper()) // 3 + 1
    return f"{century}{year}-{number:02}-{day}T{hours:02}:{minute}:{second}.{fraction or 0}"
