"""Which simulated worlds are for tuning, and which for telling others: never the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

REPORT_SEEDS: Final = tuple(range(1, 13))
"""Worlds with attacks whose numbers are told. Nothing was ever tuned on them."""
REPORT_CLEAN_SEEDS: Final = tuple(range(201, 209))
"""Worlds without attacks, for the real budget. Nothing was ever tuned on them."""
TUNING_SEEDS: Final = tuple(range(101, 107))
"""Worlds that the detector may be tuned on."""
TUNING_CLEAN_SEEDS: Final = tuple(range(301, 305))
"""Worlds without attacks that the detector may be tuned on."""


def parse_seeds(text: str) -> tuple[int, ...]:
    """Return the seeds that a text such as ``1-12`` or ``101,103-105`` means, in order.

    Raises
    ------
    ValueError
        If it means none.

    Examples
    --------
    >>> parse_seeds("1-3,7")
    (1, 2, 3, 7)
    """
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise ValueError(f"{text!r} are no seeds: write 1-12 or 101,103")
        found += range(int(first), int(last if dash else first) + 1)
    if not found:
        raise ValueError(f"{text!r} are no seeds: write 1-12 or 101,103")
    return tuple(dict.fromkeys(found))


def purpose(seeds: Iterable[int]) -> str:
    """Return what seeds are good for: ``report``, ``tuning`` or, of any others, ``other``."""
    asked = set(seeds)
    if asked and asked <= {*REPORT_SEEDS, *REPORT_CLEAN_SEEDS}:
        return "report"
    return "tuning" if asked & {*TUNING_SEEDS, *TUNING_CLEAN_SEEDS} else "other"
