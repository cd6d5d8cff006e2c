"""A decision and its exposure as an OCSF 1.8.0 Detection Finding (class 2004), built by hand as plain dicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamguard.activity import Account, Verdict
from streamguard.baseline import ATTRIBUTES
from streamguard.detect import CHANNELS, DETECTOR_VERSION
from streamguard.findings.anomalies import anomaly_analysis
from streamguard.findings.links import subject_sample
from streamguard.findings.plain import category
from streamguard.findings.severity import confidence, records_at_most, severity
from streamguard.findings.words import message, title

if TYPE_CHECKING:
    from streamguard.activity import Activity, Exposure
    from streamguard.detect import Decision
    from streamguard.detect.channels import Technique

_ACTIVITIES = {False: (1, "Create"), True: (2, "Update")}
_BEHAVIORAL = (2, "Behavioral")
_PERSONAL = (1, "Personal")
_RELATIONAL = (1, "Relational")
_USER_TYPES = {Account.HUMAN: (1, "User"), Account.SERVICE: (4, "Service"), Account.UNKNOWN: (0, "Unknown")}
_DISCOVERY = {Verdict.SEEN: "seen", Verdict.NOT_SEEN: "not_seen", Verdict.CANNOT_TELL: "cannot_tell"}
_ATTACK_VERSION = "18.1"
_FAMES = ("nobody else", "few peers", "the peers")
_CHANNELS = {channel.name: channel for channel in CHANNELS}


def detection_finding(decision: Decision, exposure: Exposure) -> dict[str, Any]:
    """Build the whole event.

    Parameters
    ----------
    decision
        What was decided.
    exposure
        The statement that made it cross the line.

    Returns
    -------
    dict[str, Any]
        Only texts, numbers, booleans, lists and dicts; validates against the OCSF 1.8.0 schema of
        ``detection_finding`` with profile ``data_classification``.
    """
    activity = exposure.activity
    activity_id, activity_name = _ACTIVITIES[decision.is_update]
    severity_id, severity_name = severity(decision)
    score, confidence_id, confidence_name = confidence(decision)
    return {
        "message": message(decision, exposure),
        "activity_id": activity_id,
        "activity_name": activity_name,
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "type_uid": 200400 + activity_id,
        "type_name": f"Detection Finding: {activity_name}",
        "time": activity.time_ms,
        "timezone_offset": exposure.utc_offset_minutes,
        "is_alert": True,
        "status_id": 1 if activity_id == 1 else 2,
        "status": "New" if activity_id == 1 else "In Progress",
        "severity_id": severity_id,
        "severity": severity_name,
        "confidence_score": score,
        "confidence_id": confidence_id,
        "confidence": confidence_name,
        "metadata": {
            "version": "1.8.0",
            "profiles": ["data_classification"],
            "product": {"name": "StreamGuard", "vendor_name": "StreamGuard"},
        },
        "finding_info": _finding_info(decision, exposure),
        "evidences": [_evidence(exposure)],
        "resources": _resources(decision, exposure),
        "anomaly_analyses": [anomaly_analysis(decision, exposure.employee)],
        "unmapped": _unmapped(decision, exposure),
    }


def _finding_info(decision: Decision, exposure: Exposure) -> dict[str, Any]:
    strongest = _CHANNELS[decision.channels[0].name]
    kind_id, kind = _BEHAVIORAL
    techniques = {_CHANNELS[evidence.name].technique for evidence in decision.contributing}
    return {
        "uid": decision.uid,
        "title": title(decision, exposure),
        "desc": strongest.runbook,
        "types": ["Insider threat: possible data leak"],
        "analytic": {
            "name": strongest.name,
            "uid": f"streamguard.{strongest.name}",
            "type": kind,
            "type_id": kind_id,
            "version": DETECTOR_VERSION,
        },
        "attacks": [_attack(technique) for technique in sorted(techniques, key=lambda found: found.uid, reverse=True)],
        "first_seen_time": decision.first_seen_ms,
        "last_seen_time": decision.day.last_ms,
        "created_time": decision.case_start_ms,
        "related_events_count": decision.case_statements,
    }


def _attack(technique: Technique) -> dict[str, Any]:
    own = {"uid": technique.uid, "name": technique.name}
    tactic = {"uid": technique.tactic_uid, "name": technique.tactic_name}
    attack: dict[str, Any] = {"version": _ATTACK_VERSION, "tactic": tactic}
    if technique.parent_uid is None:
        return attack | {"technique": own}
    parent = {"uid": technique.parent_uid, "name": technique.parent_name}
    return attack | {"technique": parent, "sub_technique": own}


def _evidence(exposure: Exposure) -> dict[str, Any]:
    activity = exposure.activity
    evidence: dict[str, Any] = {
        "name": "The statement that made it a finding",
        "actor": _actor(exposure),
        "data": {
            "tables": list(activity.tables),
            "columns": list(activity.columns),
            "columns_known": activity.columns_known,
            "rows": activity.rows,
            "rows_quality": activity.rows_quality.value,
            "statement": activity.statement,
            "fingerprint": activity.fingerprint,
            "verb": activity.verb,
            "export": activity.export,
            "origin": str(activity.origin),
        },
    }
    if activity.database:
        type_id, kind = _RELATIONAL
        evidence["database"] = {"name": activity.database, "type_id": type_id, "type": kind}
    if activity.client or activity.instance:
        evidence |= _endpoints(activity)
    return evidence


def _actor(exposure: Exposure) -> dict[str, Any]:
    activity = exposure.activity
    type_id, kind = _USER_TYPES[exposure.account]
    user = {
        "uid": exposure.employee,
        "name": activity.user,
        "type_id": type_id,
        "type": kind,
        "groups": [{"name": exposure.peer_group}],
    }
    actor: dict[str, Any] = {"user": user}
    if activity.application:
        actor["app_name"] = activity.application
    if activity.session:
        actor["session"] = {"uid": activity.session}
    return actor


def _endpoints(activity: Activity) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if activity.client:
        # A log may give a host name, "[local]" or an address: `name` takes them all.
        found["src_endpoint"] = {"name": activity.client}
    if activity.instance:
        found["dst_endpoint"] = {"name": activity.instance}
    return found


def _resources(decision: Decision, exposure: Exposure) -> list[dict[str, Any]]:
    """Tables touched today; the verdicts of the categories stand on the first, for they are the whole day's."""
    names = tuple(table for table, _ in decision.day.tables) or (exposure.activity.database or "unknown database",)
    resources: list[dict[str, Any]] = [{"name": name, "type": "table"} for name in names]
    resources[0]["data_classifications"] = [_classification(decision)]
    return resources


def _classification(decision: Decision) -> dict[str, Any]:
    """One classification: which categories were seen, which were not, and for which that cannot be told."""
    category_id, name = _PERSONAL
    verdicts = {_DISCOVERY[verdict] for _, verdict in decision.day.categories}
    return {
        "category_id": category_id,
        "category": name,
        "status_id": 2 if "cannot_tell" in verdicts else 1,
        "status": "Partial" if "cannot_tell" in verdicts else "Complete",
        "discovery_details": [
            {"type": category(found), "value": _DISCOVERY[verdict]} for found, verdict in decision.day.categories
        ],
    }


def _unmapped(decision: Decision, exposure: Exposure) -> dict[str, Any]:
    """Collect what OCSF has no place for: rows, the meaning of the score, shares, verdicts by category."""
    day = decision.day
    return {
        "employee": exposure.employee,
        "peer_group": exposure.peer_group,
        "shard": exposure.shard,
        "rows_returned": day.rows,
        "rows_in_case": decision.case_rows,
        "statements": day.statements,
        "statements_without_row_count": day.statements_without_rows,
        "approved_statements": day.approved_statements,
        "approved_rows": day.approved_rows,
        "largest_statement_rows": day.largest_rows,
        "data_subjects_at_most": day.subjects_at_most,
        "data_subjects_named": day.people,
        "records_at_most": records_at_most(decision),
        "strangeness": round(decision.strangeness, 3),
        "alert_level": round(decision.alert_level, 3),
        "expected_per_1000": float(f"{decision.expected_per_1000:.4g}"),
        "contributions": {evidence.name: evidence.percent for evidence in decision.channels},
        "surprises": {evidence.name: round(evidence.surprise, 2) for evidence in decision.channels},
        "deviations": {
            evidence.name: round(evidence.deviations, 1)
            for evidence in decision.channels
            if evidence.deviations is not None
        },
        "deviations_common_to_peers": {
            evidence.name: round(evidence.common_deviations, 1)
            for evidence in decision.channels
            if evidence.deviations is not None
        },
        "new": [
            {"kind": ATTRIBUTES[novelty.attribute], "name": novelty.name, "known_to": _FAMES[novelty.fame]}
            for novelty in day.news
        ],
        "categories": {name: verdict.value for name, verdict in day.categories},
        "category_rows": dict(day.category_rows),
        "sensitivity": day.sensitivity,
        "regions": list(day.regions),
        "peers_most_rows_today": decision.peers_most_rows,
        "usual_rows_recent_days": list(decision.recent_rows),
        "links": {"subjects": subject_sample(exposure.activity)},
    }
