"""What one activity partition's exposures wait in until they are worth a block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.activity import STEPS
from streamguard.ledger.block import Chunks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamguard.activity import Exposure
    from streamguard.ledger.pseudonyms import Pseudonyms

HELD_EXPOSURES: Final = 1_000
"""That make a block at once: more in one block save no bytes."""
HELD_BYTES: Final = 4_000_000
"""Unpacked, that make a block at once."""


class Held:
    """Exposures of personal data that are in no block yet, of one partition.

    Nothing is lost that is only held: whoever holds does not declare the partition's log read beyond `first_offset`,
    so it is read again by a successor. What so comes twice is recognised by whoever keeps the store.

    Parameters
    ----------
    hold_seconds
        That exposures wait for more, at most.
    pseudonyms
        What employees are called in blocks.
    """

    def __init__(self, hold_seconds: float, pseudonyms: Pseudonyms) -> None:
        self.first_offset: int | None = None
        """Of the activity record that brought the oldest exposure held; None: nothing is held."""
        self._hold_seconds = hold_seconds
        self._pseudonyms = pseudonyms
        self._since = 0.0
        self._newest_ms = 0
        self._count = 0
        self._chunks = Chunks()

    def take(self, offset: int, exposures: Sequence[Exposure], now: float) -> None:
        """Hold those of the exposures that are personal, and the steps of cursors: they say how many rows left.

        Parameters
        ----------
        offset
            Of the activity record that brought them.
        now
            By a clock in seconds that only grows.
        """
        # As `is_personal` and `is_step` say; a call for each costs as much as a tenth of the encoding.
        personal = [one for one in exposures if one.sensitivity > 0 or one.activity.verb in STEPS]
        if exposures:
            self._newest_ms = max(self._newest_ms, exposures[-1].activity.time_ms)
        if not personal:
            return
        if self.first_offset is None:
            self.first_offset, self._since = offset, now
        if self._pseudonyms.are_on:
            personal = [self._pseudonyms.mask(exposure) for exposure in personal]
        self._chunks.add(personal)
        self._count += len(personal)

    def is_due(self, now: float) -> bool:
        """Whether what is held should be written now."""
        if self.first_offset is None:
            return False
        is_enough = self._count >= HELD_EXPOSURES or self._chunks.size_bytes >= HELD_BYTES
        return is_enough or now - self._since >= self._hold_seconds

    def release(self) -> Iterator[bytes]:
        """Return what is held as blocks, and hold nothing any more."""
        chunks, self._chunks = self._chunks, Chunks()
        self.first_offset, self._count = None, 0
        return chunks.blocks(self._newest_ms) if chunks.size_bytes else iter(())
