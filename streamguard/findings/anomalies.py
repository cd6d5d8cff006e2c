"""OCSF ``anomaly_analyses``: what is usual, and what was seen, per channel. Observation values are strings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamguard.baseline import ATTRIBUTES
from streamguard.findings.clauses import VOLUME, WORDINGS, Analysis

if TYPE_CHECKING:
    from streamguard.detect import ChannelEvidence, Decision

_SURGE_DEVIATIONS = 5.0


def anomaly_analysis(decision: Decision, employee: str) -> dict[str, Any]:
    """Build one ``anomaly_analysis`` of the employee: the own and the peers' baselines, and the anomalies."""
    baselines = [_recent(decision)] if decision.recent_rows else []
    for evidence in decision.channels:
        baselines += _baselines(evidence, decision)
    if decision.peers_most_rows is not None:
        most = [(str(decision.peers_most_rows), decision.members)]
        baselines.append(_baseline("rows_today_peers_most", most, VOLUME))
    return {
        "analysis_targets": [{"name": employee, "type": "user"}],
        "baselines": baselines,
        "anomalies": [_anomaly(evidence, decision) for evidence in decision.channels if evidence.surprise > 0.0],
    }


def _recent(decision: Decision) -> dict[str, Any]:
    return _baseline("rows_per_day_recent", [(str(rows), 1) for rows in decision.recent_rows], VOLUME)


def _baselines(evidence: ChannelEvidence, decision: Decision) -> list[dict[str, Any]]:
    found = []
    analysis = WORDINGS[evidence.name].analysis
    if evidence.usual is not None:
        value = (_text(evidence.usual), round(decision.own_days))
        found.append(_baseline(f"{evidence.name}_usual", [value], analysis))
    if evidence.usual_peers is not None:
        value = (_text(evidence.usual_peers), decision.members)
        found.append(_baseline(f"{evidence.name}_usual_among_peers", [value], analysis))
    return found


def _baseline(parameter: str, values: list[tuple[str, int]], analysis: Analysis) -> dict[str, Any]:
    return {
        "observation_parameter": parameter,
        "observation_type": analysis.type,
        "observed_pattern": analysis.usual,
        "observations": [{"value": value, "count": count} for value, count in values],
    }


def _anomaly(evidence: ChannelEvidence, decision: Decision) -> dict[str, Any]:
    analysis = WORDINGS[evidence.name].analysis
    above = 0.0 if evidence.deviations is None else evidence.deviations - evidence.common_deviations
    values = [_text(evidence.observed)]
    if evidence.name == "novelty" and decision.day.news:
        values = [f"{ATTRIBUTES[novelty.attribute]}: {novelty.name}" for novelty in decision.day.news]
    return {
        "observation_parameter": evidence.name,
        "observation_type": analysis.type,
        "observed_pattern": "SURGE" if above >= _SURGE_DEVIATIONS else analysis.odd,
        "observations": [{"value": value, "count": 1} for value in values],
    }


def _text(value: float) -> str:
    return str(round(value)) if value >= 10.0 or value == round(value) else f"{value:.2g}"
