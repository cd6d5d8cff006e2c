"""From the channels' surprises to T and A."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.baseline import COMBINED
from streamguard.detect.combine import LN10, TENTHS_PER_NAT, combine, fisher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.detect.channels import Channel
    from streamguard.detect.scene import Scene

EVERYTHING: Final = -1
"""All signs of a day, as a bit mask."""


class Score:
    """What a set of channels makes of a day.

    Parameters
    ----------
    channels
        In a fixed order.
    """

    def __init__(self, channels: Sequence[Channel]) -> None:
        self.channels = tuple(channels)
        places = range(len(self.channels))
        self._circumstances = tuple(place for place in places if self.channels[place].is_circumstance)
        self._amounts = tuple(place for place in places if not self.channels[place].is_circumstance)
        self._readers: dict[int, tuple[tuple[int, Channel], ...]] = {}

    def surprises(self, scene: Scene) -> list[float]:
        """Return every channel's surprise, in nats."""
        return [channel.surprise(scene) for channel in self.channels]

    def raise_to(self, scene: Scene, rose: int) -> None:
        """Bring T and A of the open day up to what is seen now; they never fall.

        Parameters
        ----------
        scene
            The day.
        rose
            Bit mask of the signs that rose since this was asked last; the surprise of others is as it was.
        """
        surprises = scene.surprises
        if rose == EVERYTHING:
            surprises[:] = self.surprises(scene)
        else:
            for place, channel in self._readers.get(rose) or self._readers_of(rose):
                surprises[place] = channel.surprise(scene)
        score = combine(surprises, self.joint(surprises, scene))
        memory = scene.memory
        if score > memory.score:
            memory.score = score
            calibrated = scene.usual.tails[COMBINED].surprise(TENTHS_PER_NAT * score) / LN10
            memory.strangeness = max(memory.strangeness, calibrated)

    def joint(self, surprises: list[float], scene: Scene) -> float:
        """Return the joint surprise of the largest amount and of the circumstances it was taken under; 0 without any.

        A night's export from a new table is stranger than an export, or a night, or a new table: Fisher's combination
        of surprises that have nothing to do with each other, -ln P(their sum is as large).
        """
        apart = [self.channels[place].circumstance(scene) for place in self._circumstances if surprises[place]]
        if not apart:
            return 0.0
        largest = 0.0
        for place in self._amounts:
            largest = max(largest, surprises[place])
        return fisher([largest, *apart])

    def joined(self, surprises: list[float]) -> list[float]:
        """Return the surprises that :meth:`joint` joins, 0 for the others."""
        largest = max(self._amounts, key=surprises.__getitem__, default=-1)
        return [
            surprise if channel.is_circumstance or place == largest else 0.0
            for place, (channel, surprise) in enumerate(zip(self.channels, surprises, strict=True))
        ]

    def _readers_of(self, rose: int) -> tuple[tuple[int, Channel], ...]:
        found = tuple((place, channel) for place, channel in enumerate(self.channels) if channel.reads & rose)
        self._readers[rose] = found
        return found
