"""The shapes of detectors, and what every one of them says of itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import expm1
from typing import TYPE_CHECKING, ClassVar, Final

from streamguard.baseline.measure import LARGEST, VOLUMES
from streamguard.baseline.today import FIRST_LARGEST_PLACE
from streamguard.detect.decision import ChannelEvidence

if TYPE_CHECKING:
    from streamguard.baseline.measure import Largest, Measure
    from streamguard.detect.scene import Scene


@dataclass(frozen=True)
class Technique:
    """A technique of MITRE ATT&CK v18.1."""

    uid: str
    name: str
    tactic_uid: str
    tactic_name: str
    parent_uid: str | None = None
    parent_name: str | None = None


_COLLECTION: Final = ("TA0009", "Collection")
DATABASES: Final = Technique("T1213.006", "Databases", *_COLLECTION, "T1213", "Data from Information Repositories")
AUTOMATED_COLLECTION: Final = Technique("T1119", "Automated Collection", *_COLLECTION)
VALID_ACCOUNTS: Final = Technique("T1078", "Valid Accounts", "TA0001", "Initial Access")


class Channel(ABC):
    """One kind of evidence against an employee-day, as a surprise: -ln P(a benign day looks as strange)."""

    name: ClassVar[str]
    """Stable, used in findings and as a metric label."""
    unit: ClassVar[str]
    """What is observed, in the plural."""
    technique: ClassVar[Technique]
    """The ATT&CK technique it is evidence of."""
    runbook: ClassVar[str]
    """What an analyst should do first."""
    false_positives: ClassVar[tuple[str, ...]]
    """Known benign reasons."""
    known_gaps: ClassVar[tuple[str, ...]]
    """What it cannot see."""
    reads: int
    """Bit mask of the signs of a day that it looks at: places of :mod:`streamguard.baseline.today`."""
    is_circumstance: ClassVar[bool] = False
    """Whether it says how the day's data were taken, not how much: the joint term of the combination adds it."""

    @abstractmethod
    def surprise(self, scene: Scene) -> float:
        """Return the surprise of the day so far, in nats; 0 or more, finite, rising while the day lasts."""

    def circumstance(self, scene: Scene) -> float:
        """Return the surprise of the circumstance alone, without what was taken under it; 0 where there is none."""
        del scene
        return 0.0

    @abstractmethod
    def evidence(self, scene: Scene, surprise: float, percent: int) -> ChannelEvidence:
        """Return what was seen and what is usual."""


class VolumeChannel(Channel):
    """A leaky sum whose maximum of the day is compared with the usual one."""

    measure: ClassVar[Measure]
    """What is summed, and how fast it is forgotten."""

    def __init__(self) -> None:
        self.place = VOLUMES.index(self.measure)
        self.reads = 1 << self.place

    def surprise(self, scene: Scene) -> float:
        """Return the surprise of the residual, among the group's pooled days."""
        return scene.volume(self.place)

    def evidence(self, scene: Scene, surprise: float, percent: int) -> ChannelEvidence:
        """Return the largest sum of the day, and the usual ones."""
        volume, peers = scene.memory.volumes[self.place], scene.usual.peers[self.place]
        return ChannelEvidence(
            name=self.name,
            observed=volume.peak,
            usual=expm1(volume.level.mean) if volume.level.effective_days else None,
            usual_peers=expm1(peers.mean) if peers else None,
            deviations=0.1 * volume.residual,
            common_deviations=0.1 * scene.commons[self.place],
            surprise=surprise,
            percent=percent,
        )


class TrendChannel(Channel):
    """Surprise of a volume that adds up from day to day."""

    measure: ClassVar[Measure]
    """Of the volume."""
    unit: ClassVar[str] = "standard deviations"

    def __init__(self) -> None:
        self.place = VOLUMES.index(self.measure)
        self.reads = 1 << self.place

    def surprise(self, scene: Scene) -> float:
        """Return the surprise of the cumulative sum, among the group's pooled days."""
        return scene.trend(self.place)

    def evidence(self, scene: Scene, surprise: float, percent: int) -> ChannelEvidence:
        """Return the cumulative sum."""
        return ChannelEvidence(
            name=self.name,
            observed=scene.cusum(self.place),
            usual=0.0,
            deviations=scene.cusum(self.place),
            surprise=surprise,
            percent=percent,
        )


class LargestChannel(Channel):
    """The largest single thing of the day, as an octave, against the employee's own days and the peers'."""

    largest: ClassVar[Largest]
    """What the largest is of."""

    def __init__(self) -> None:
        self.place = LARGEST.index(self.largest)
        self.reads = 1 << FIRST_LARGEST_PLACE + self.place

    def surprise(self, scene: Scene) -> float:
        """Return the surprise of the octave."""
        return scene.largest(self.place)

    def evidence(self, scene: Scene, surprise: float, percent: int) -> ChannelEvidence:
        """Return the largest of the day, and the own largest of an ordinary day."""
        return ChannelEvidence(
            name=self.name,
            observed=self.observed(scene),
            usual=self.in_unit(usual) if (usual := _median(scene.memory.habits.octaves[self.place])) >= 0 else None,
            surprise=surprise,
            percent=percent,
        )

    @abstractmethod
    def observed(self, scene: Scene) -> float:
        """Return the largest of the day, in the channel's unit."""

    def in_unit(self, octave: int) -> float:
        """Return the middle of an octave in the channel's unit."""
        return 0.75 * 2**octave if octave > 1 else float(octave)


def _median(weights: dict[int, float]) -> int:
    """Return the middle octave of the own days; -1 without any."""
    left = 0.5 * sum(weights.values())
    for place in sorted(weights):
        left -= weights[place]
        if left <= 0.0:
            return place
    return -1
