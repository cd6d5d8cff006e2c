"""Statements that have ended and wait a few milliseconds for the rest of what was written in the same instant.

The milliseconds are counted by their own server: one partition may carry several, whose lines come in batches, each
behind the others'. The first line behind a statement's last one that carries so much later a time ends the wait,
whatever came before. So a restart, which reads from the statement on, ends it at the same line.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from streamguard.sources.progress import Position
    from streamguard.sources.waiting import Waiting

Server: TypeAlias = tuple[str, str | None]
"""Product and server, as in a `Slot`."""


class Ended:
    """Closes statements once their server's clock has moved on.

    Parameters
    ----------
    most
        Waits of one server that are kept before it is looked which of them are over for another reason: a clock that
        was set back leaves some behind.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._waits: dict[Server, list[tuple[int, Position, Waiting]]] = {}
        """Until when they wait, and the place of their last line; heaps."""

    def add(self, statement: Waiting, time_ms: int) -> None:
        """Have a statement wait, whose last line carries this time."""
        waits = self._waits.setdefault(statement.slot[:2], [])
        if len(waits) >= self._most:
            waits[:] = [wait for wait in waits if not wait[2].closed]
            heapify(waits)
        heappush(waits, (time_ms + statement.manner.ended_ms, statement.lines[-1], statement))

    def close_before(self, server: Server, time_ms: int) -> None:
        """Close what need not wait any more, now that a line of a server carries this time."""
        waits = self._waits.get(server)
        if waits is None:
            return
        while waits and waits[0][0] < time_ms:
            _, last, statement = heappop(waits)
            if statement.lines[-1] == last:
                statement.closed = True
        if not waits:
            del self._waits[server]
