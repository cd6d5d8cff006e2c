"""When a strange day is said aloud: one case per employee within 72 hours, told again only when it grew."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from streamguard.baseline import Case
from streamguard.detect.clock import HOUR_MS

if TYPE_CHECKING:
    from streamguard.activity import Exposure
    from streamguard.baseline import EmployeeMemory
    from streamguard.detect.config import DetectConfig

DETECTOR_VERSION: Final = "2"
"""Part of every finding's uid: raise it when the same log would no longer give the same findings."""
GROWTH: Final = 1.0
"""A case is told again when A grew by this: ten times rarer than what was told last."""


def report(memory: EmployeeMemory, exposure: Exposure, config: DetectConfig) -> bool | None:
    """Decide whether the employee's day as it stands is told.

    Parameters
    ----------
    memory
        The employee; the case in it is opened or brought up to date.
    exposure
        The statement that was just taken in.
    config
        Budget and length of a case.

    Returns
    -------
    bool | None
        False: a new case. True: an update of the open one. None: nothing to tell.
    """
    if memory.strangeness < config.alert_level:
        return None
    time_ms = exposure.activity.time_ms
    case = memory.case
    if case is None or time_ms - case.start_ms >= config.case_hours * HOUR_MS:
        memory.case = Case(_uid(exposure), time_ms, memory.notes.first_ms, memory.strangeness)
        return False
    if memory.strangeness < case.strangeness + GROWTH:
        return None
    case.strangeness = memory.strangeness
    return True


def close_day(memory: EmployeeMemory) -> None:
    """Add a closed day to the open case."""
    if memory.case is not None:
        memory.case.statements += memory.notes.statements
        memory.case.rows += memory.notes.rows


def _uid(exposure: Exposure) -> bytes:
    """Hash employee, detector version, window (the case's start) and origin of its first alerting activity."""
    parts = (
        exposure.employee,
        DETECTOR_VERSION,
        str(exposure.activity.time_ms),
        str(exposure.activity.origin),
    )
    text = "\0".join(parts).encode("utf-8", "replace")
    return blake2b(text, digest_size=16, person=b"streamguard.find").digest()
