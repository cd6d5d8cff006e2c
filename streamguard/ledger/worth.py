"""Which segments of a day are worth writing again as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from streamguard.ledger.manifest import Segment

MAX_SEGMENTS: Final = 8
"""Of a day to which exposures are still added; more are merged."""
_LARGE: Final = 4
"""A segment this many times as large as all others of its day is left alone while those are merged."""
_TINY: Final = 64
"""What is this many times smaller than the rest of an old day stays beside it: that is not worth writing again."""
_FEW_ROWS: Final = 200_000
"""A day this small can always be written again."""


def worth_merging(segments: list[Segment], *, is_settled: bool) -> list[Segment]:
    """Return those segments of a day that should become one: none, the small ones, or all."""
    *small, largest = sorted(segments, key=lambda segment: segment.rows)
    rest = sum(segment.rows for segment in small)
    if is_settled and small and (largest.rows <= _TINY * rest or largest.rows + rest <= _FEW_ROWS):
        return segments
    if len(segments) <= MAX_SEGMENTS:
        return []
    return small if largest.rows > _LARGE * rest else segments
