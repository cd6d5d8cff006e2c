"""What a check of the doctor is, and what it expects of Kafka."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamguard.admin.plan import TopicSpec


class Level(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    """It works, and somebody should know."""
    FAIL = "fail"
    """It does not work, or will lose something."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    name
        What, in a word or two; not unique.
    sentence
        What was found.
    advice
        What to do; empty if all is well.
    """

    name: str
    level: Level
    sentence: str
    advice: str = ""


@dataclass(frozen=True)
class DoctorConfig:
    """What is expected of Kafka.

    Attributes
    ----------
    specs
        The topics StreamGuard owns (`streamguard.admin.plan`).
    audit
        Names of the customer's audit topics.
    groups
        Consumer groups, each with the topics it reads.
    changelog, deadletter
        Names of two of the owned topics.
    max_record_bytes
        Largest Kafka message that the decoder takes.
    written_bytes
        Largest batch that StreamGuard writes.
    metadata_bytes
        Largest metadata of an offset commit that StreamGuard writes.
    quiet_hours
        An audit topic without a new record for longer is worth a word.
    lag_records
        A group that is further behind is worth a word.
    clock_seconds
        A record this far in the future means that two clocks disagree.
    letters_hours
        Dead letters younger than this are worth a word.
    """

    specs: tuple[TopicSpec, ...]
    audit: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]
    changelog: str
    deadletter: str
    max_record_bytes: int = 16 * 1024 * 1024
    written_bytes: int = 900_000
    metadata_bytes: int = 4_000
    quiet_hours: float = 24.0
    lag_records: int = 100_000
    clock_seconds: float = 5.0
    letters_hours: float = 24.0
