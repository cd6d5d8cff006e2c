"""The detectors: one file each, with its runbook, ATT&CK technique, known false positives and known gaps.

To add one, write its class in a file of its own and its name in :data:`CHANNELS`; the checks in
``tests/unit/detect/test_checks.py`` then run on it. What it measures is defined in ``streamguard.baseline.measure``,
with a number that was never used before.
"""

from streamguard.detect.channels.channel import Channel, LargestChannel, Technique, TrendChannel, VolumeChannel
from streamguard.detect.channels.honey import Honey
from streamguard.detect.channels.largest_result import LargestResult
from streamguard.detect.channels.novelty import Novelty
from streamguard.detect.channels.people_day import PeopleDay
from streamguard.detect.channels.rows_day import RowsDay
from streamguard.detect.channels.rows_hour import RowsHour
from streamguard.detect.channels.rows_trend import RowsTrend
from streamguard.detect.channels.sequential_scan import SequentialScan
from streamguard.detect.channels.statements_day import StatementsDay
from streamguard.detect.channels.statements_trend import StatementsTrend
from streamguard.detect.channels.table_share import TableShare
from streamguard.detect.channels.uncounted_reads import UncountedReads
from streamguard.detect.channels.unusual_hour import UnusualHour

CHANNELS: tuple[Channel, ...] = (
    RowsHour(),
    RowsDay(),
    StatementsDay(),
    PeopleDay(),
    RowsTrend(),
    StatementsTrend(),
    LargestResult(),
    TableShare(),
    UncountedReads(),
    SequentialScan(),
    Novelty(),
    UnusualHour(),
    Honey(),
)

__all__ = [
    "CHANNELS",
    "Channel",
    "Honey",
    "LargestChannel",
    "LargestResult",
    "Novelty",
    "PeopleDay",
    "RowsDay",
    "RowsHour",
    "RowsTrend",
    "SequentialScan",
    "StatementsDay",
    "StatementsTrend",
    "TableShare",
    "Technique",
    "TrendChannel",
    "UncountedReads",
    "UnusualHour",
    "VolumeChannel",
]
