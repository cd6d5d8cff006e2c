"""How odd is this, and is it worth an alert: detectors, their combination, the budget, what may be learned.

The room's contract: :class:`Decider` is a pure function of the exposures of one peer shard, in order. It scores
before it learns, its score never drops while a day lasts or because more was exposed, and one employee's
data moves another's score only through what peers share on purpose: the group's parameters, the common mode of
the day and the pooled tails. It knows event time only, no Kafka, no clock. Each detector has a file of its own
in :mod:`streamguard.detect.channels`.
"""

from streamguard.detect.cases import DETECTOR_VERSION
from streamguard.detect.channels import CHANNELS, Channel, Technique
from streamguard.detect.config import DEFAULT_LATENESS_HOURS, DetectConfig
from streamguard.detect.decider import Decider
from streamguard.detect.decision import ChannelEvidence, DayTotals, Decision

__all__ = [
    "CHANNELS",
    "DEFAULT_LATENESS_HOURS",
    "DETECTOR_VERSION",
    "Channel",
    "ChannelEvidence",
    "DayTotals",
    "Decider",
    "Decision",
    "DetectConfig",
    "Technique",
]
