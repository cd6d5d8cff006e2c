"""Days that were too strange to learn, in few bytes, until somebody says what they were."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from streamguard.baseline.measure import LARGEST, VOLUMES

if TYPE_CHECKING:
    from streamguard.baseline.codec import Reader, Writer

MOST_HELD: Final = 3
_DAY: Final = struct.Struct(f"<i4s{len(VOLUMES)}f{len(LARGEST)}BIB")


class HeldDay(NamedTuple):
    """What would have been learned of a day."""

    day: int
    case: bytes
    """First bytes of the uid of the case it was told in."""
    levels: tuple[float, ...]
    """ln(1 + X) of each volume."""
    octaves: tuple[int, ...]
    hours: int
    news: int

    def write(self, out: Writer) -> None:
        """Append to an entry."""
        numbers = (*self.levels, *self.octaves, self.hours, self.news)
        out.fields(_DAY, self.day, self.case, *numbers)

    @classmethod
    def read(cls, source: Reader) -> HeldDay:
        """Restore what :meth:`write` wrote."""
        day, case, *numbers = source.fields(_DAY)
        volumes = len(VOLUMES)
        octaves = tuple(numbers[volumes : volumes + len(LARGEST)])
        return cls(day, case, tuple(numbers[:volumes]), octaves, *numbers[volumes + len(LARGEST) :])


def case_mark(uid: bytes) -> bytes:
    """Return what stands for a case among the days that are held."""
    return uid[:4]
