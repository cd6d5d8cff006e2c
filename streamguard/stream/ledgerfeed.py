"""From the detect agent to the ledger's topic: every exposure of personal data at least once, in blocks of many.

The ledger takes what the activity topic delivers, also what the marks say was judged before. So it may hold exposures
until a block is worth a record: the offset that is committed stays before the oldest that is held, and what a crash
takes from memory is read again, recognised by the detectors, and written here all the same. Whoever keeps the store
recognises by origin what so comes twice (`streamguard.ledger.writer`).
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from streamguard.ledger import Held
from streamguard.stream.writer import Outgoing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faust.types import TP

    from streamguard.activity import Exposure
    from streamguard.ledger import Pseudonyms
    from streamguard.stream.writer import Writer


class LedgerFeed:
    """Holds exposures per activity partition, and writes blocks to the ledger's partition of the same number.

    Parameters
    ----------
    writer
        To Kafka, without compression.
    topic
        The ledger's.
    hold_seconds
        That an exposure is held, at most.
    pseudonyms
        What employees are called.
    """

    def __init__(self, writer: Writer, topic: str, *, hold_seconds: float, pseudonyms: Pseudonyms) -> None:
        self._writer = writer
        self._topic = topic
        self._hold_seconds = hold_seconds
        self._pseudonyms = pseudonyms
        self._held: dict[TP, Held] = {}
        self._hurries = False

    async def start(self) -> None:
        """Connect."""
        await self._writer.start()

    async def stop(self) -> None:
        """Disconnect."""
        await self._writer.stop()

    @property
    def holds(self) -> bool:
        """Whether anything is held."""
        return any(held.first_offset is not None for held in self._held.values())

    def drop(self) -> None:
        """Forget what is held: it will be read again."""
        self._held.clear()

    def hurry(self) -> bool:
        """Make everything due from now on; tells whether anything is held."""
        self._hurries = True
        return self.holds

    def take(self, tp: TP, offset: int, exposures: Sequence[Exposure]) -> None:
        """Hold what is personal of an activity record."""
        held = self._held.get(tp)
        if held is None:
            held = self._held[tp] = Held(self._hold_seconds, self._pseudonyms)
        held.take(offset, exposures, monotonic())

    def is_due(self, now: float) -> bool:
        """Whether something should be written now."""
        return any(held.is_due(now) for held in self._held.values())

    def due(self, now: float) -> list[tuple[int, bytes]]:
        """Take out what should be written now: (partition, block). Whoever does not write it must not go on."""
        return [
            (tp.partition, block)
            for tp, held in self._held.items()
            if held.is_due(now) or (self._hurries and held.first_offset is not None)
            for block in held.release()
        ]

    def safe(self, tp: TP, offset: int) -> int:
        """Return up to where a partition's log needs no second reading once what was taken out is written."""
        held = self._held.get(tp)
        return offset if held is None or held.first_offset is None else held.first_offset

    async def write(self, blocks: Sequence[tuple[int, bytes]]) -> int:
        """Write blocks, each partition's in order, and return how many there were."""
        outgoing: dict[tuple[str, int], list[Outgoing]] = {}
        for partition, block in blocks:
            outgoing.setdefault((self._topic, partition), []).append(Outgoing(None, block))
        await self._writer.write_all(outgoing)
        return len(blocks)
