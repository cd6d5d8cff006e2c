"""The detectors: one file each, with its runbook, ATT&CK technique, known false positives and known gaps.

To add one, write its class in a file of its own and its name in :data:`CHANNELS`; the checks in
``tests/unit/detect/test_checks.py`` then run on it. Its measure needs a number that was never used before.
"""

from streamguard.detect.channels.channel import Technique, VolumeChannel
from streamguard.detect.channels.rows_day import RowsDay
from streamguard.detect.channels.rows_hour import RowsHour
from streamguard.detect.channels.statements_day import StatementsDay

CHANNELS: tuple[VolumeChannel, ...] = (RowsHour(), RowsDay(), StatementsDay())

__all__ = ["CHANNELS", "RowsDay", "RowsHour", "StatementsDay", "Technique", "VolumeChannel"]
