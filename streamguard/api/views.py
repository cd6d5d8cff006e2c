"""What the API tells of incidents and exposures: plain data, names spelled out, no keyed hashes of anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from streamguard.incidents import NOTIFY_HOURS, record_of, summary

if TYPE_CHECKING:
    from streamguard.activity import Exposure
    from streamguard.incidents import Incident, Member
    from streamguard.scope import ScopeReport

_HOUR_MS = 3_600_000


def brief(incident: Incident) -> dict[str, Any]:
    """Return an incident as it stands in a list."""
    return {
        "uid": incident.uid,
        "summary": summary(incident),
        "severity": incident.severity,
        "status": incident.status.name.lower(),
        "verdict": incident.verdict.name.lower(),
        "assignee": incident.assignee,
        "employees": list(incident.employees),
        "findings": incident.findings,
        "from_ms": incident.span.from_ms,
        "to_ms": incident.span.to_ms,
        "aware_ms": incident.aware_ms,
        "notify_until_ms": incident.aware_ms + NOTIFY_HOURS * _HOUR_MS,
    }


def whole(incident: Incident) -> dict[str, Any]:
    """Return an incident with its findings and its history; of a large one the first finding and the worst."""
    record = record_of(incident)
    return brief(incident) | {
        "members": [_member(member) for member in record.members],
        "history": [msgspec.to_builtins(change) for change in record.history],
    }


def report(found: ScopeReport) -> dict[str, Any]:
    """Return the scope of an incident, as `streamguard.scope` computes it."""
    plain: dict[str, Any] = msgspec.to_builtins(found)
    return plain


def exposure(one: Exposure) -> dict[str, Any]:
    """Return one statement that exposed personal data, or may have."""
    activity = one.activity
    return {
        "time_ms": activity.time_ms,
        "origin": str(activity.origin),
        "employee": one.employee,
        "account": one.account.value,
        "user": activity.user,
        "client": activity.client,
        "application": activity.application,
        "database": activity.database,
        "verb": activity.verb,
        "export": activity.export,
        "statement": activity.statement,
        "fingerprint": activity.fingerprint,
        "tables": list(activity.tables),
        "columns": list(activity.columns),
        "columns_known": activity.columns_known,
        "rows": activity.rows,
        "rows_quality": activity.rows_quality.value,
        "categories": {name: verdict.value for name, verdict in one.categories.items()},
        "regions": list(one.regions),
        "people_named": len({value for _, hashes in activity.subjects for value in hashes}),
    }


def _member(member: Member) -> dict[str, Any]:
    kept = ("finding_uid", "employee", "severity", "first_ms", "last_ms", "told_ms", "joined", "title", "message")
    return {name: getattr(member, name) for name in kept} | {"detectors": list(member.detectors)}
