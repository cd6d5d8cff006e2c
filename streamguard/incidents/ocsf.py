"""An incident as an OCSF 1.8.0 Incident Finding (class 2005), and back: what the topic holds is the whole state."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from streamguard.activity import VerdictId
from streamguard.incidents.incident import SEVERITIES, Incident, IncidentStatus
from streamguard.incidents.pages import Page

NOTIFY_HOURS = 72
"""Within which the authority must be told of a breach: Article 33(1) of the GDPR."""
_HOUR_MS = 3_600_000
_CREATE, _UPDATE, _CLOSE = (1, "Create"), (2, "Update"), (3, "Close")
_NOBODY_YET = {"name": "security operations"}
"""OCSF wants an assignee or a group: as long as it is nobody's, it is everybody's."""
_BREACHES = (VerdictId.TRUE_POSITIVE, VerdictId.SUSPICIOUS, VerdictId.SECURITY_RISK)
_NAMED = 5


class _Unmapped(msgspec.Struct, frozen=True):
    incident: Incident


class _Event(msgspec.Struct, frozen=True):
    class_uid: Literal[2005]
    unmapped: _Unmapped


class _PageEvent(msgspec.Struct, frozen=True):
    page: Page


_decode = msgspec.json.Decoder(_Event).decode
_decode_page = msgspec.json.Decoder(_PageEvent).decode


def incident_finding(incident: Incident) -> dict[str, Any]:
    """Build the event: only texts, numbers, booleans, lists and dicts; the same incident gives the same event."""
    activity_id, activity = _activity(incident)
    severity_id = SEVERITIES.index(incident.severity)
    event: dict[str, Any] = {
        "message": summary(incident),
        "activity_id": activity_id,
        "activity_name": activity,
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2005,
        "class_name": "Incident Finding",
        "type_uid": 200500 + activity_id,
        "type_name": f"Incident Finding: {activity}",
        "time": max(change.time_ms for change in incident.history),
        "start_time": incident.span.from_ms,
        "end_time": incident.span.to_ms - 1,
        "count": incident.findings,
        "status_id": int(incident.status),
        "status": caption(incident.status),
        "severity_id": severity_id,
        "severity": incident.severity.title(),
        "verdict_id": int(incident.verdict),
        "verdict": caption(incident.verdict),
        "is_suspected_breach": incident.verdict in _BREACHES,
        "metadata": {
            "version": "1.8.0",
            "uid": incident.uid,
            "product": {"name": "StreamGuard", "vendor_name": "StreamGuard"},
        },
        "finding_info_list": [
            {
                "uid": member.finding_uid,
                "title": member.title,
                "desc": member.message,
                "created_time": member.told_ms,
                "first_seen_time": member.first_ms,
                "last_seen_time": member.last_ms,
            }
            for member in incident.members
        ],
        "unmapped": {
            "employees": list(incident.employees),
            "aware_time": incident.aware_ms,
            "notify_until": incident.aware_ms + NOTIFY_HOURS * _HOUR_MS,
            "incident": msgspec.to_builtins(incident),
        },
    }
    if incident.assignee is None:
        event["assignee_group"] = dict(_NOBODY_YET)
    else:
        event["assignee"] = {"name": incident.assignee}
    if incident.merged_into is not None:
        event["status_detail"] = f"merged into {incident.merged_into}"
    return event


def read_incident(value: bytes) -> Incident | None:
    """Return the incident that a record of the topic holds; None if it is no record of ours. Never raises."""
    try:
        incident = _decode(value).unmapped.incident
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return incident if incident.members and incident.history else None


def page_event(page: Page) -> dict[str, Any]:
    """Build the record of a page: no event of OCSF, for it says nothing that the incident's own does not count."""
    return {"page": msgspec.to_builtins(page)}


def read_page(value: bytes) -> Page | None:
    """Return the page that a record of the topic holds; None if it is none of ours. Never raises."""
    try:
        page = _decode_page(value).page
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return page if (page.member is None) != (page.said is None) else None


def summary(incident: Incident) -> str:
    """Say in one sentence who is in it and how it stands."""
    count = incident.findings
    findings = "1 finding" if count == 1 else f"{count:,} findings"
    everybody = len(incident.employees) if incident.totals is None else incident.totals.employees
    named = incident.employees[:_NAMED]
    more = everybody - len(named)
    who = ", ".join(named) + (f" and {more} more" if more > 0 else "")
    detectors = ", ".join(dict.fromkeys(name for member in incident.members for name in member.detectors))
    if incident.merged_into is not None:
        return f"{findings} of {who}: part of {incident.merged_into}"
    return f"{findings} of {who} ({detectors}); {incident.severity}, {caption(incident.status).lower()}"


def caption(word: IncidentStatus | VerdictId) -> str:
    """Return OCSF's caption of a status or a verdict."""
    return word.name.replace("_", " ").title()


def _activity(incident: Incident) -> tuple[int, str]:
    if incident.status.is_over:
        return _CLOSE
    return _CREATE if len(incident.history) == 1 else _UPDATE
