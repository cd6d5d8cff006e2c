"""Parts of ordered wholes: pages by number, and ranges of keys known by the hashes of their ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def length(intervals: Iterable[tuple[int, int]]) -> int:
    """Return how many numbers are in the union of intervals ``[first, behind)``.

    Examples
    --------
    >>> length([(0, 10), (5, 20), (30, 31)])
    21
    """
    total, reached = 0, 0
    for first, behind in sorted(intervals):
        total += max(0, behind - max(first, reached))
        reached = max(reached, behind)
    return total


def longest_chain(pieces: Iterable[tuple[str, str, int]]) -> int:
    """Return the most that pieces, none of which shares anything with another, hold together.

    A piece that begins where another ends comes behind it, so the pieces of a chain share nothing. Whether others
    overlap cannot be told, for only hashes of their ends are known.

    Parameters
    ----------
    pieces
        (hash of the first key, hash of the key behind the last, how many people).

    Examples
    --------
    >>> longest_chain([("a", "b", 5), ("b", "c", 5), ("a", "c", 9), ("x", "y", 1)])
    10
    """
    after: dict[str, dict[str, int]] = {}
    for begin, behind, count in pieces:
        ends = after.setdefault(begin, {})
        ends[behind] = max(count, ends.get(behind, 0))
    order = _topological(after)
    if order is None:
        return max(count for ends in after.values() for count in ends.values())
    best: dict[str, int] = {}
    for begin in reversed(order):
        best[begin] = max((count + best.get(behind, 0) for behind, count in after.get(begin, {}).items()), default=0)
    return max(best.values(), default=0)


def _topological(after: dict[str, dict[str, int]]) -> list[str] | None:
    """Return every begin before what comes behind it; None: hashes collide, so that there is no such order."""
    waiting: dict[str, int] = {}
    for ends in after.values():
        for behind in ends:
            waiting[behind] = waiting.get(behind, 0) + 1
    ready = [begin for begin in after if begin not in waiting]
    order: list[str] = []
    while ready:
        begin = ready.pop()
        order.append(begin)
        for behind in after.get(begin, {}):
            waiting[behind] -= 1
            if not waiting[behind]:
                ready.append(behind)
    return order if len(order) == len(after.keys() | waiting.keys()) else None
