"""Detectors to compare with: published rules and river's own detectors, one per file, each with its source.

All are fair re-implementations for a stream: the rules' published constants, a day as the unit of alerting like
everybody's, and thresholds fitted to the budget on the very streams they are judged on.
"""

from streamguard.evaluate.rivals.absolute_deviation import AbsoluteDeviation
from streamguard.evaluate.rivals.anomalous_spike import AnomalousSpike
from streamguard.evaluate.rivals.dspot import Dspot
from streamguard.evaluate.rivals.half_space_trees import HalfSpaceTrees
from streamguard.evaluate.rivals.hourly_interval import HourlyInterval
from streamguard.evaluate.rivals.k_sigma import KSigma
from streamguard.evaluate.rivals.loda import Loda
from streamguard.evaluate.rivals.risk_points import RiskPoints
from streamguard.evaluate.rivals.static_rows import StaticRows

RIVALS = (
    StaticRows,
    AnomalousSpike,
    HourlyInterval,
    RiskPoints,
    KSigma,
    HalfSpaceTrees,
    Loda,
    AbsoluteDeviation,
    Dspot,
)

__all__ = [
    "RIVALS",
    "AbsoluteDeviation",
    "AnomalousSpike",
    "Dspot",
    "HalfSpaceTrees",
    "HourlyInterval",
    "KSigma",
    "Loda",
    "RiskPoints",
    "StaticRows",
]
