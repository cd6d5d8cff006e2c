"""Where a partition's reading resumes, and whether its log is still the one that was read before: pure decisions."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Committed(NamedTuple):
    """What the group's coordinator keeps for a partition."""

    offset: int
    metadata: str


class Break(StrEnum):
    """What happened to a log between two readings of it. Never passed over in silence."""

    RECREATED = "recreated"
    """The topic was deleted and created anew: its offsets began again."""
    TRUNCATED = "truncated"
    """Retention removed records that were never read: they are lost, and must be known to be lost."""


class Resume(NamedTuple):
    """The decision: read from ``offset``, with the predecessor's ``metadata`` if the log is still the same."""

    offset: int
    metadata: str = ""
    broken: Break | None = None
    lost_records: int = 0


def resume_at(committed: Committed | None, beginning: int, end: int, *, is_same_log: bool = True) -> Resume:
    """Decide where to read on.

    Parameters
    ----------
    committed
        The group's committed position; None if it never committed.
    beginning, end
        First offset that the partition still holds, and the offset its next record will get.
    is_same_log
        Whether the committed position belongs to this log, as far as the topic's identity says.
    """
    if committed is None or committed.offset < 0:
        return Resume(beginning)
    if end < committed.offset or not is_same_log:
        return Resume(beginning, committed.metadata, Break.RECREATED)
    if beginning > committed.offset:
        return Resume(beginning, committed.metadata, Break.TRUNCATED, beginning - committed.offset)
    return Resume(committed.offset, committed.metadata)
