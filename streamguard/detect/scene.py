"""What a detector looks at: one employee's open day, what is usual in the group, and what peers share today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.baseline.measure import VOLUMES
from streamguard.baseline.today import FIRST_LARGEST_PLACE, HOUR_PLACE, NOVELTY_PLACE
from streamguard.detect.cusum import accumulate

if TYPE_CHECKING:
    from streamguard.baseline import EmployeeMemory, Usual
    from streamguard.baseline.signs import Aside

_ROWS_1D: Final = 1
_NATS: Final = 0.1


class Scene:
    """A view for reading; every number on it only rises while the day lasts, or when peers share less.

    Parameters
    ----------
    memory
        The employee.
    usual
        Parameters of the group.
    commons
        What the other members share today, in tenths.

    Attributes
    ----------
    surprises
        What every channel made of it when it was asked last.
    """

    __slots__ = ("commons", "memory", "surprises", "usual")

    def __init__(self, memory: EmployeeMemory, usual: Usual, commons: tuple[int, ...]) -> None:
        self.memory = memory
        self.usual = usual
        self.commons = commons
        self.surprises: list[float] = []

    def volume(self, place: int) -> float:
        """Return the surprise of a volume, in nats."""
        return self._excess(place, self.memory.volumes[place].residual)

    def cusum(self, place: int) -> float:
        """Return the accumulated surprise of a volume, today included, in standard deviations.

        A day that is not above the usual one says nothing: 0.
        """
        volume = self.memory.volumes[place]
        residual = volume.residual - self.commons[place]
        return accumulate(volume.cusum, residual) if residual >= 0 else 0.0

    def trend(self, place: int) -> float:
        """Return the surprise of :meth:`cusum`, in nats."""
        number = VOLUMES[place].cusum_number
        return self.usual.tails[number].surprise(10.0 * self.cusum(place))

    def largest(self, place: int) -> float:
        """Return the surprise of a day's largest value, in nats."""
        return _NATS * max(0, self.memory.signs.rarities[place] - self.commons[FIRST_LARGEST_PLACE + place])

    def novelty(self) -> float:
        """Return the surprise of what is new today, in nats."""
        return _NATS * max(0, self.memory.signs.novelty.tenths - self.commons[NOVELTY_PLACE])

    def hour(self) -> float:
        """Return the surprise of the oddest hour of activity today, in nats."""
        return _NATS * max(0, self.memory.signs.hour.tenths - self.commons[HOUR_PLACE])

    def rows_aside(self, aside: Aside) -> float:
        """Return the surprise of the rows taken under odd circumstances, as if they were the whole day, in nats."""
        return self._excess(_ROWS_1D, aside.residual)

    def _excess(self, place: int, residual: int) -> float:
        return self.usual.tails[VOLUMES[place].number].surprise(residual - self.commons[place])
