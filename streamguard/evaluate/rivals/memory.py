"""What rivals have in common: a memory of each employee, and behavioural days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from streamguard.detect.clock import behavioural_day
from streamguard.evaluate.scene import DAY_START_LOCAL_HOURS

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamguard.activity import Exposure

M = TypeVar("M", bound=msgspec.Struct)


class Memories(Generic[M]):
    """One memory per employee, made when the employee is first seen.

    Parameters
    ----------
    new
        Makes an empty one.
    """

    def __init__(self, new: Callable[[], M]) -> None:
        self._new = new
        self._found: dict[str, M] = {}

    def of(self, employee: str) -> M:
        """Return an employee's memory."""
        memory = self._found.get(employee)
        if memory is None:
            memory = self._found[employee] = self._new()
        return memory

    def sizes(self) -> list[int]:
        """Return the bytes of each memory as MessagePack, fields as an array: about what a codec would need."""
        return [len(msgspec.msgpack.encode(msgspec.structs.astuple(memory))) for memory in self._found.values()]


def day_of(exposure: Exposure) -> int:
    """Return the number of an exposure's behavioural day, 0 for a time beyond any calendar."""
    day = behavioural_day(exposure.activity.time_ms, exposure.utc_offset_minutes, DAY_START_LOCAL_HOURS)
    return 0 if day is None else day


def hour_of(exposure: Exposure) -> int:
    """Return the number of the local clock hour since 1970."""
    return (exposure.activity.time_ms + exposure.utc_offset_minutes * 60_000) // 3_600_000
