"""OCSF ``anomaly_analyses``: what is usual, and what was seen, per channel. Observation values are strings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamguard.detect import CHANNELS

if TYPE_CHECKING:
    from streamguard.detect import ChannelEvidence, Decision

_SURGE_DEVIATIONS = 5.0
_UNITS = {channel.name: channel.unit for channel in CHANNELS}


def anomaly_analysis(decision: Decision, employee: str) -> dict[str, Any]:
    """Build one ``anomaly_analysis`` of the employee: the own and the peers' baselines, and the anomalies."""
    baselines = [_recent(decision)] if decision.recent_rows else []
    for evidence in decision.channels:
        baselines += _baselines(evidence, decision)
    if decision.peers_most_rows is not None:
        baselines.append(_baseline("rows_today_peers_most", [(str(decision.peers_most_rows), decision.members)]))
    return {
        "analysis_targets": [{"name": employee, "type": "user"}],
        "baselines": baselines,
        "anomalies": [_anomaly(evidence) for evidence in decision.channels if evidence.deviations > 0.0],
    }


def _recent(decision: Decision) -> dict[str, Any]:
    return _baseline("rows_per_day_recent", [(str(rows), 1) for rows in decision.recent_rows])


def _baselines(evidence: ChannelEvidence, decision: Decision) -> list[dict[str, Any]]:
    found = []
    if evidence.usual is not None:
        value = (str(round(evidence.usual)), round(decision.own_days))
        found.append(_baseline(f"{evidence.name}_usual", [value], evidence.name))
    if evidence.usual_peers is not None:
        value = (str(round(evidence.usual_peers)), decision.members)
        found.append(_baseline(f"{evidence.name}_usual_among_peers", [value], evidence.name))
    return found


def _baseline(parameter: str, values: list[tuple[str, int]], channel: str = "rows_1d") -> dict[str, Any]:
    return {
        "observation_parameter": parameter,
        "observation_type": _type(channel),
        "observed_pattern": "NORMAL_VOLUME" if _UNITS[channel] == "rows" else "FREQUENT",
        "observations": [{"value": value, "count": count} for value, count in values],
    }


def _anomaly(evidence: ChannelEvidence) -> dict[str, Any]:
    surge = evidence.deviations - evidence.common_deviations >= _SURGE_DEVIATIONS
    return {
        "observation_parameter": evidence.name,
        "observation_type": _type(evidence.name),
        "observed_pattern": "SURGE" if surge else "HIGH_VOLUME",
        "observations": [{"value": str(round(evidence.observed)), "count": 1}],
    }


def _type(channel: str) -> str:
    return "Volume Analysis" if _UNITS[channel] == "rows" else "Frequency Analysis"
