"""The tables, one a file: each has a name, says how many steps it takes, and measures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.arena import Arena
    from bench.results import Result


class Table(Protocol):
    """What can be measured alone."""

    name: str

    def steps(self, runs: int) -> int:
        """Return how often `measure` will say something."""

    def measure(self, arena: Arena, runs: int, say: Callable[[str], None]) -> Result:
        """Measure. A contestant that fails is a row that says so."""
