"""Spans of time that findings left on something they may share: whom a new one touches is found without asking all."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container


class Stretches:
    """Spans of time, those no further apart than a slack put together: near one of them is near all that are in it.

    Parameters
    ----------
    slack_ms
        How far apart two spans may be.
    """

    def __init__(self, slack_ms: float) -> None:
        self._slack_ms = slack_ms
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._owners: list[str] = []
        """One of those who left spans in the stretch."""

    def __len__(self) -> int:
        """Return how many stretches there are."""
        return len(self._owners)

    def touch(self, start_ms: int, end_ms: int) -> bool:
        """Tell whether a span is near any of those that were added."""
        first, last = self._near(start_ms, end_ms)
        return first < last

    def add(self, start_ms: int, end_ms: int, owner: str) -> list[str]:
        """Add a span; return one owner of each stretch that it is near."""
        first, last = self._near(start_ms, end_ms)
        touched = self._owners[first:last]
        if touched:
            start_ms, end_ms = min(start_ms, self._starts[first]), max(end_ms, self._ends[last - 1])
        self._starts[first:last] = [start_ms]
        self._ends[first:last] = [end_ms]
        self._owners[first:last] = [owner]
        return touched

    def forget(self, owners: Container[str]) -> None:
        """Take away the stretches of some owners, who must be all that left spans in them."""
        kept = [number for number, owner in enumerate(self._owners) if owner not in owners]
        self._starts = [self._starts[number] for number in kept]
        self._ends = [self._ends[number] for number in kept]
        self._owners = [self._owners[number] for number in kept]

    def _near(self, start_ms: int, end_ms: int) -> tuple[int, int]:
        return bisect_left(self._ends, start_ms - self._slack_ms), bisect_right(self._starts, end_ms + self._slack_ms)
