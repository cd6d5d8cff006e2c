"""The shape of a volume channel, and what every channel says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from streamguard.baseline import Measure


class Technique(msgspec.Struct, frozen=True, gc=False):
    """A technique of MITRE ATT&CK v18.1."""

    uid: str
    name: str
    parent_uid: str | None = None
    parent_name: str | None = None


DATABASES = Technique("T1213.006", "Databases", "T1213", "Data from Information Repositories")
AUTOMATED_COLLECTION = Technique("T1119", "Automated Collection")


class VolumeChannel(Protocol):
    """One kind of evidence: a measure of volume whose maximum of the day is compared with the usual one."""

    @property
    def name(self) -> str:
        """Stable name, used in findings and as a metric label."""

    @property
    def measure(self) -> Measure:
        """What is summed, and how fast it is forgotten."""

    @property
    def unit(self) -> str:
        """What is counted, in the plural."""

    @property
    def window(self) -> str:
        """The time the sum stands for, for people."""

    @property
    def technique(self) -> Technique:
        """The ATT&CK technique it is evidence of."""

    @property
    def runbook(self) -> str:
        """What an analyst should do first."""

    @property
    def false_positives(self) -> tuple[str, ...]:
        """Known benign reasons."""

    @property
    def known_gaps(self) -> tuple[str, ...]:
        """What it cannot see."""

    def increment(self, rows: int | None) -> float:
        """Return what a statement with this many rows (None: not counted by the log) adds; never negative."""
