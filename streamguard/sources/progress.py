"""Where the reader of an origin partition stands."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

Position: TypeAlias = tuple[int, int]
"""(offset, index): where a record stands in its partition, within one epoch."""


class Progress(msgspec.Struct, frozen=True, array_like=True):
    """What a restart must know to go on as if nothing had happened. Small: it travels in the offset commit.

    Parameters
    ----------
    offset, index
        First line that is not accounted for. Reading resumes at ``offset``; lines before ``index`` are done.
    watermark_ms
        Largest event time of all lines before that position.
    done
        Lines at or after that position which left with a statement begun before it.
    cut_offset
        A cut that was decided and may or may not have been carried out: everything open closes before this offset.
    """

    offset: int = 0
    index: int = 0
    watermark_ms: int = 0
    done: tuple[Position, ...] = ()
    cut_offset: int | None = None
