"""How exposures, and what steers detection, travel on the activity topic: micro-batches of one peer shard, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from streamguard.activity import Exposure, Steering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

BATCH_EXPOSURES = 200
"""Records in one Kafka record, at most: some 150 KB, usually."""
BATCH_BYTES = 600_000
"""Of one Kafka record, at most: a thousand subjects of one exposure take 35 KB, a handover may take 8."""


class ActivityBatch(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one peer shard gets at once: exposures or records that steer detection, in the order of their origins."""

    shard: str
    exposures: list[Exposure] = []
    steering: list[Steering] = []

    @property
    def records(self) -> Sequence[Exposure | Steering]:
        """Everything in it, in the order in which it counts."""
        return [*self.exposures, *self.steering] if self.steering else self.exposures


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(ActivityBatch).decode

_T = TypeVar("_T", Exposure, Steering)


def batches(exposures: Iterable[Exposure]) -> Iterator[tuple[str, bytes]]:
    """Group exposures by peer shard and yield (shard, encoded batch), each shard's in order."""
    return _batches(exposures, lambda shard, some: encode(ActivityBatch(shard, exposures=some)))


def steering_batches(records: Iterable[Steering]) -> Iterator[tuple[str, bytes]]:
    """Do the same with records that steer detection."""
    return _batches(records, lambda shard, some: encode(ActivityBatch(shard, steering=some)))


def _batches(records: Iterable[_T], encoded: Callable[[str, list[_T]], bytes]) -> Iterator[tuple[str, bytes]]:
    by_shard: dict[str, list[_T]] = {}
    for record in records:
        by_shard.setdefault(record.shard, []).append(record)
    for shard, some in by_shard.items():
        waiting = [some[start : start + BATCH_EXPOSURES] for start in range(0, len(some), BATCH_EXPOSURES)]
        waiting.reverse()
        while waiting:
            part = waiting.pop()
            value = encoded(shard, part)
            if len(value) <= BATCH_BYTES or len(part) == 1:
                yield shard, value
            else:
                middle = len(part) // 2
                waiting += [part[middle:], part[:middle]]
