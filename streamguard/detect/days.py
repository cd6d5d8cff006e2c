"""Employee-days: which one a statement belongs to, among whom it is judged, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from streamguard.baseline.crowds import NOBODY
from streamguard.baseline.members import ABSENT, fingerprint
from streamguard.detect.clock import DAY_MS, HOUR_MS, MINUTE_MS, behavioural_day
from streamguard.detect.closing import close_day
from streamguard.detect.scene import Scene
from streamguard.exposure.directory import UNKNOWN_GROUP

if TYPE_CHECKING:
    from streamguard.activity import Exposure
    from streamguard.baseline import EmployeeMemory, ShardMemory
    from streamguard.detect.config import DetectConfig
    from streamguard.detect.intake import Intake
    from streamguard.detect.score import Score


class Days:
    """Opens and closes the days of a shard's employees.

    Parameters
    ----------
    memory
        Of the shard.
    config
        What the SOC chose.
    score, intake
        The detectors, and how statements are taken in.
    """

    def __init__(self, memory: ShardMemory, config: DetectConfig, score: Score, intake: Intake) -> None:
        self._memory = memory
        self._config = config
        self._score = score
        self._intake = intake
        self._lateness_ms: dict[str, float] = {}
        self.late = 0
        """Statements that came after their day was closed and their source's lateness: counted, not learned."""

    @property
    def alerting(self) -> bool:
        """Whether the warm-up is over: enough days seen, and enough of them pooled."""
        shard, config = self._memory.group(), self._config
        return shard.days_seen > config.warmup_days and shard.usual.days >= config.warmup_employee_days

    def enter(self, exposure: Exposure) -> EmployeeMemory | None:
        """Return the employee with the day open that the statement belongs to; None if it came too late."""
        activity, offset = exposure.activity, exposure.utc_offset_minutes
        day = behavioural_day(activity.time_ms, offset, self._config.day_start_local_hours)
        if day is None:
            self.late += 1
            return None
        memory = self._memory.employee(exposure.employee)
        if memory.day is not None and day < memory.day:
            if memory.last_ms - activity.time_ms > self._lateness(activity.source):
                self.late += 1
                return None
            # It counts to the open day, and says nothing of when that ends.
            self._find_place(memory, memory.day, offset)
            return memory
        if memory.day != day:
            if memory.day is not None:
                self._close(exposure, memory, memory.day)
            self._open(exposure, memory, day)
        self._find_place(memory, day, offset)
        memory.from_ms = day * DAY_MS + self._config.day_start_local_hours * HOUR_MS - offset * MINUTE_MS
        memory.to_ms = memory.from_ms + DAY_MS
        return memory

    def scene(self, memory: EmployeeMemory) -> Scene:
        """Return the open day as the detectors look at it."""
        return Scene(memory, memory.group.usual, memory.today.commons(memory.slot))

    def look_up(self, memory: EmployeeMemory) -> None:
        """Find the peers of an employee who was just read from the store."""
        if memory.day is not None:
            memory.group = self._memory.group(memory.crowd)
            memory.today = memory.group.day_of(memory.day, memory.opening)

    def _find_place(self, memory: EmployeeMemory, day: int, offset_minutes: int) -> None:
        memory.forget_place()
        memory.offset_minutes = offset_minutes
        memory.group = self._memory.group(memory.crowd)
        memory.today = memory.group.day_of(day, memory.opening)

    def _close(self, exposure: Exposure, memory: EmployeeMemory, day: int) -> None:
        self.look_up(memory)
        shard, group = self._memory.group(), memory.group
        groups = (shard,) if group is shard else (shard, group)
        close_day(memory, groups, self.scene(memory), self._score, self._config, alerting=self.alerting)
        levels, owner = memory.levels(), fingerprint(exposure.employee)
        shard.members.update(memory.shard_slot, owner, day, levels)
        if group is not shard:
            group.members.update(memory.slot, owner, day, levels)
        if exposure.peer_group == UNKNOWN_GROUP:
            before = memory.programs.crowd
            self._memory.crowds.move(before, memory.programs.close_day(memory.notes.statements))

    def _open(self, exposure: Exposure, memory: EmployeeMemory, day: int) -> None:
        owner, shard = fingerprint(exposure.employee), self._memory.group()
        peer_group = crc32(exposure.peer_group.encode("utf-8", "replace")) or 1
        if memory.peer_group not in {0, peer_group}:
            memory.change_role()
        memory.peer_group = peer_group
        today = shard.open_day(day)
        crowd = NOBODY
        if exposure.peer_group == UNKNOWN_GROUP:
            crowd = self._crowd(exposure, memory)
        else:
            memory.programs.clear()
        group = self._memory.group(crowd)
        if crowd != memory.crowd:
            if memory.crowd != NOBODY:
                self._memory.group(memory.crowd).members.leave(memory.slot, owner)
            memory.crowd, memory.slot = crowd, ABSENT
        if group is not shard:
            today = group.open_day(day, shard.usual)
        memory.open_day(day, exposure.activity.time_ms, group.usual, self._config.half_life_days)
        memory.shard_slot = shard.members.join(owner, memory.shard_slot, day)
        memory.slot = memory.shard_slot if group is shard else group.members.join(owner, memory.slot, day)
        memory.opening = today.opening
        if memory.slot >= 0:
            today.join(memory.slot)

    def _crowd(self, exposure: Exposure, memory: EmployeeMemory) -> int:
        """Return the number of the group of an employee whom the directory does not know."""
        crowds, programs = self._memory.crowds, memory.programs
        if programs.crowd == NOBODY:
            # Of somebody new no more is known than what the first statement tells.
            programs.crowd = self._intake.program_of(exposure.activity)
            crowds.move(NOBODY, programs.crowd)
        return crowds.group_of(programs.crowd)

    def _lateness(self, source: str) -> float:
        found = self._lateness_ms.get(source)
        if found is None:
            found = self._lateness_ms[source] = self._config.lateness_ms(source)
        return found
