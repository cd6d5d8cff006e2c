"""Reads one partition of a log that steers detection: feedback, or changes of the directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from streamguard.activity import Departure, Origin, RawRecord, Rejected
from streamguard.pipeline.origin import Reading
from streamguard.sources.assemble import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamguard.activity import Steering
    from streamguard.exposure import Moves

Steers: TypeAlias = "Callable[[bytes | None, RawRecord], Sequence[Steering] | Rejected]"
"""What one record, with its key, brings: a function of the log."""


class SteeringReader:
    """Reads records of which each stands for itself: nothing waits, and nothing is cut.

    Parameters
    ----------
    read
        What one record brings.
    progress
        Where a predecessor stopped.
    """

    is_waiting: Final = False
    watermark_ms: Final = 0

    def __init__(self, read: Steers, progress: Progress | None = None) -> None:
        self._read = read
        self._next_offset = progress.offset if progress is not None else 0
        self._reading = Reading()

    def read(self, key: bytes | None, raw: RawRecord) -> None:
        """Take in one record with its key; what it brought waits in `take`."""
        found = self._read(key, raw)
        if isinstance(found, Rejected):
            self._reading.rejected.append((found, raw))
        else:
            self._reading.steering.extend(found)
        self._next_offset = raw.offset + 1

    def take(self) -> Reading:
        """Return what was read since the last call."""
        out, self._reading = self._reading, Reading()
        return out

    def progress(self) -> Progress:
        """Return what a restart must know once everything taken so far is durable."""
        return Progress(offset=self._next_offset)


def departures(raw: RawRecord, moves: Moves) -> list[Departure]:
    """Return what a record of the identities topic means to those whom it moves to another peer shard.

    The directory's history must hold the record already: it is asked by the record's offset.
    """
    return [
        Departure(
            origin=Origin(raw.topic, raw.partition, raw.epoch, raw.offset, index),
            shard=move.from_shard,
            employee=move.employee,
            to_shard=move.to_shard,
            after=move.after,
        )
        for index, move in enumerate(moves.at(raw.offset))
    ]
