"""Judges exposures that were kept once more, under any settings: how early known findings could have come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamguard.findings import ShardDetector
from streamguard.pipeline.hindsight import BUDGETS, Hindsight, HowEarly

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from streamguard.activity import Exposure
    from streamguard.detect import DetectConfig


class JudgedAgain(msgspec.Struct, frozen=True, kw_only=True):
    """What came out."""

    statements: int
    """On personal data that were judged."""
    from_ms: int | None
    """Event time of the first of them."""
    reports: tuple[HowEarly, ...]
    """Of every known finding whose employee has a statement until then."""


def judge_again(
    exposures: Iterable[Exposure],
    config: DetectConfig,
    known: Mapping[str, Mapping[str, int]],
    budgets: Collection[float] = BUDGETS,
) -> JudgedAgain:
    """Judge exposures once more, from a detector that knows nothing.

    What the ledger keeps is in the order of time, so nothing is late here; verdicts and approvals of that time do not
    steer. Both can make a difference to what was told then, which is why findings are known and not looked for.

    Parameters
    ----------
    exposures
        Of all peer shards concerned, in the order of time, each once.
    config
        Of the detectors.
    known
        By employee, event times at which findings were told, by uid.
    budgets
        Alert budgets that are looked at besides the configured one.
    """
    hindsight = Hindsight(config, budgets, known)
    shards: dict[str, ShardDetector] = {}
    statements, from_ms = 0, None
    for exposure in exposures:
        if not exposure.is_personal and not exposure.honey:
            continue
        statements += 1
        from_ms = exposure.activity.time_ms if from_ms is None else from_ms
        shard = shards.get(exposure.shard)
        if shard is None:
            # Every entry stays in its memory: nothing is ever drained, so nothing needs to be loaded.
            shard = shards[exposure.shard] = ShardDetector(exposure.shard, config, lambda _: None)
        shard.observe(exposure)
        if hindsight.watches(exposure.employee):
            hindsight.take(exposure, shard.standing(exposure.employee), ())
    return JudgedAgain(statements=statements, from_ms=from_ms, reports=tuple(hindsight.reports()))
