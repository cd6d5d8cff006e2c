"""Python's garbage collector, set for a process that holds much and leaves few cycles behind."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_THRESHOLDS: Final = (50_000, 20, 100)
"""Objects that came and did not go before the young are searched for cycles; and how often that, before older ones."""


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Search for cycles seldom, and never in what there is already.

    By default it is done after every 700 containers that came and did not go. A fetch alone brings thousands of
    records, and each search through all that the worker knows of the employees finds nothing: counting references has
    freed what was left.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
