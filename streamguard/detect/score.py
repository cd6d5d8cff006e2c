"""From the channels' surprises to T and A."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.baseline import COMBINED
from streamguard.detect.combine import LN10, TENTHS_PER_NAT, combine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.detect.channels import Channel
    from streamguard.detect.scene import Scene

JOINT_WEIGHT = 0.6


def surprises_of(channels: Sequence[Channel], scene: Scene) -> list[float]:
    """Return every channel's surprise, in nats."""
    return [channel.surprise(scene) for channel in channels]


def joint(channels: Sequence[Channel], surprises: Sequence[float]) -> float:
    """Return the joint surprise of the largest amount and of the circumstances it was taken under; 0 without any.

    A night's export from a new table is stranger than an export, or a night, or a new table.
    """
    most = apart = 0.0
    for channel, surprise in zip(channels, surprises, strict=True):
        if channel.is_circumstance:
            apart += surprise
        elif surprise > most:
            most = surprise
    return JOINT_WEIGHT * (most + apart) if apart else 0.0


def raise_score(scene: Scene, surprises: Sequence[float], channels: Sequence[Channel]) -> None:
    """Bring T and A of the open day up to what is seen now; they never fall."""
    memory = scene.memory
    score = combine((*surprises, joint(channels, surprises)))
    if score > memory.score:
        memory.score = score
        calibrated = scene.usual.tails[COMBINED].surprise(TENTHS_PER_NAT * score)
        memory.strangeness = max(memory.strangeness, calibrated / LN10)
