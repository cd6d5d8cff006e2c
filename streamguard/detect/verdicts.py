"""What analysts say of findings, and what is learned of it. Who says nothing costs nothing.

Benign: the day is learned as it was and at once, sums of surprise begin anew, what was new is accepted. Hostile: the
day is never learned, and what was new on it stays new. What was learned before somebody said so stays learned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.activity import VerdictId
from streamguard.baseline.employee import Ruling
from streamguard.baseline.held import case_mark
from streamguard.detect.gate import bits_of

if TYPE_CHECKING:
    from streamguard.activity import AnalystVerdict
    from streamguard.baseline import EmployeeMemory, GroupMemory
    from streamguard.detect.config import DetectConfig

BENIGN: Final = frozenset({VerdictId.FALSE_POSITIVE, VerdictId.DISREGARD, VerdictId.BENIGN, VerdictId.TEST})
HOSTILE: Final = frozenset({VerdictId.TRUE_POSITIVE, VerdictId.SUSPICIOUS, VerdictId.SECURITY_RISK})
"""The other verdicts say nothing of what the employee did."""


def take_in(verdict: AnalystVerdict, memory: EmployeeMemory, group: GroupMemory, config: DetectConfig) -> None:
    """Let a verdict on one of the employee's findings steer what is learned.

    Parameters
    ----------
    verdict
        What was said.
    memory
        The employee.
    group
        The peers, who share what is known.
    config
        Half-life of what is learned.
    """
    try:
        uid = bytes.fromhex(verdict.finding_uid)
    except ValueError:
        return
    if verdict.expires_ms is not None and verdict.expires_ms <= memory.last_ms:
        return
    case = memory.case
    is_open = case is not None and case.uid == uid
    if not is_open and not any(held.case == case_mark(uid) for held in memory.held):
        return
    if verdict.verdict in BENIGN:
        if case is not None and is_open:
            case.is_hostile = False
        _learn(memory, case_mark(uid), config)
        if is_open and memory.strangeness >= config.alert_level:
            memory.ruling = Ruling.BENIGN
            memory.symbols.accept_young()
            memory.forget_met()
    elif verdict.verdict in HOSTILE:
        memory.held = [held for held in memory.held if held.case != case_mark(uid)]
        if case is not None and is_open:
            case.is_hostile = True
            memory.ruling = Ruling.HOSTILE
            for symbol in memory.symbols.forget_young():
                group.popularity.leave(symbol)
            memory.forget_met()


def _learn(memory: EmployeeMemory, case: bytes, config: DetectConfig) -> None:
    """Learn the days of a case that were not learned, and begin all sums of surprise anew."""
    for held in memory.held:
        age = (held.day if memory.day is None else memory.day) - held.day
        if held.case != case or age > config.half_life_days:
            continue
        for volume, x in zip(memory.volumes, held.levels, strict=True):
            volume.level.learn(x, held.day, config.half_life_days)
        share = 2.0 ** (-age / config.half_life_days)
        memory.habits.learn(held.octaves, bits_of(held.hours), held.news, share)
    memory.held = [held for held in memory.held if held.case != case]
    memory.quarantined = 0
    for volume in memory.volumes:
        volume.cusum = 0.0
