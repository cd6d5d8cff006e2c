"""From a decision to a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamguard.activity import Finding
from streamguard.findings.ocsf import detection_finding

if TYPE_CHECKING:
    from streamguard.activity import Exposure
    from streamguard.detect import Decision

_LARGEST = 2**62


def explain(decision: Decision, exposure: Exposure) -> Finding:
    """Explain a decision.

    Parameters
    ----------
    decision
        What was decided.
    exposure
        The statement that made it cross the line.
    """
    event = portable(detection_finding(decision, exposure))
    return Finding(
        uid=decision.uid,
        employee=exposure.employee,
        severity=event["severity"].lower(),
        detectors=tuple(evidence.name for evidence in decision.contributing),
        time_ms=exposure.activity.time_ms,
        produced_ms=exposure.activity.produced_ms,
        ocsf=event,
    )


def portable(value: Any) -> Any:
    """Return the value as JSON can carry it everywhere.

    A log can smuggle in lone surrogates, which have no UTF-8, and numbers beyond 64 bits.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {portable(key): portable(content) for key, content in value.items()}
    if isinstance(value, list):
        return [portable(content) for content in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return min(max(value, -_LARGEST), _LARGEST)
    return value
