"""How exposures, and what steers detection, travel on the activity topic: micro-batches of one peer shard, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from streamguard.activity import Exposure, Steering

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

BATCH_EXPOSURES = 200
"""Records in one Kafka record, at most: some 150 KB."""


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
    for shard, some in _by_shard(exposures):
        yield shard, encode(ActivityBatch(shard, exposures=some))


def steering_batches(records: Iterable[Steering]) -> Iterator[tuple[str, bytes]]:
    """Do the same with records that steer detection."""
    for shard, some in _by_shard(records):
        yield shard, encode(ActivityBatch(shard, steering=some))


def _by_shard(records: Iterable[_T]) -> Iterator[tuple[str, list[_T]]]:
    by_shard: dict[str, list[_T]] = {}
    for record in records:
        by_shard.setdefault(record.shard, []).append(record)
    for shard, some in by_shard.items():
        for start in range(0, len(some), BATCH_EXPOSURES):
            yield shard, some[start : start + BATCH_EXPOSURES]
