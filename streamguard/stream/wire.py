"""How exposures travel on the activity topic: micro-batches of one peer shard, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamguard.activity import Exposure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

BATCH_EXPOSURES = 200
"""Exposures in one Kafka record, at most: some 150 KB."""


class ActivityBatch(msgspec.Struct, frozen=True, array_like=False):
    """Exposures of one peer shard, in the order of their origins."""

    shard: str
    exposures: list[Exposure]


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(ActivityBatch).decode


def batches(exposures: Iterable[Exposure]) -> Iterator[tuple[str, bytes]]:
    """Group exposures by peer shard and yield (shard, encoded batch), each shard's in order."""
    by_shard: dict[str, list[Exposure]] = {}
    for exposure in exposures:
        by_shard.setdefault(exposure.shard, []).append(exposure)
    for shard, some in by_shard.items():
        for part in _parts(some):
            yield shard, encode(ActivityBatch(shard, list(part)))


def _parts(exposures: Sequence[Exposure]) -> Iterator[Sequence[Exposure]]:
    for start in range(0, len(exposures), BATCH_EXPOSURES):
        yield exposures[start : start + BATCH_EXPOSURES]
