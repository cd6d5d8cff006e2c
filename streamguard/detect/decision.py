"""What the detector hands over to be explained: numbers only."""

from __future__ import annotations

from typing import Final

import msgspec

from streamguard.activity import Verdict
from streamguard.baseline.day import Novelty

_LEAST_PERCENT: Final = 5


class ChannelEvidence(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one channel saw."""

    name: str
    observed: float
    """Of the day, in the channel's unit."""
    usual: float | None
    """What is usual for the employee; None without own history."""
    usual_peers: float | None = None
    """What is usual for the peers, where they are compared directly."""
    deviations: float | None = None
    """Standard deviations above the prediction, where there is one."""
    common_deviations: float = 0.0
    """Of these, how many most peers share today."""
    surprise: float
    """-ln P(a benign day looks as strange by this channel), less what most peers share today."""
    percent: int
    """Share of the combined score; the channels' shares sum to 100."""


class DayTotals(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The employee's open day up to and including the deciding statement. Times in milliseconds, event time."""

    rows: int
    statements: int
    statements_without_rows: int
    approved_statements: int
    """Approved ones: they stand in no other total."""
    approved_rows: int
    uncounted_reach: int
    """People within reach of the farthest read without a row count; 0: there was none, or its reach is unknown."""
    people: int
    """Different people that statements named; 0: the log names none."""
    first_ms: int
    last_ms: int
    burst_rows: int
    """Rows of the latest run of statements without a pause of a quarter of an hour."""
    burst_start_ms: int
    largest_rows: int
    largest_ms: int
    tables: tuple[tuple[str, int], ...]
    """Each with the rows of the statements that touched it."""
    categories: tuple[tuple[str, Verdict], ...]
    category_rows: tuple[tuple[str, int], ...]
    """Rows of the statements that exposed a category, or may have."""
    regions: tuple[str, ...]
    sensitivity: int
    subjects_at_most: int | None
    news: tuple[Novelty, ...]
    """What the employee had never used before today."""


class Decision(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A day that is told."""

    uid: str
    """32 hexadecimal digits; an update carries the uid of its case."""
    is_update: bool
    case_start_ms: int
    first_seen_ms: int
    case_statements: int
    """Statements on personal data since first seen."""
    case_rows: int
    strangeness: float
    """A = -log10 P(a benign employee-day looks this strange)."""
    alert_level: float
    score: float
    """T, nats."""
    channels: tuple[ChannelEvidence, ...]
    """Strongest first."""
    day: DayTotals
    recent_rows: tuple[int, ...]
    """Rows of the employee's last closed active days, oldest first."""
    peers_most_rows: int | None
    """Largest total of rows of any other member today."""
    members: int
    """Members of the group active within two weeks."""
    own_days: float
    """Effective days behind the own baseline."""
    pool_trust: float
    """0 to 1: how much of the calibration is the group's own days and not the prior."""

    @property
    def expected_per_1000(self) -> float:
        """How many of 1000 benign employee-days would look at least this strange."""
        return float(1000.0 * 10.0**-self.strangeness)

    @property
    def contributing(self) -> tuple[ChannelEvidence, ...]:
        """The channels worth naming, strongest first: the strongest, and others with a twentieth of the score."""
        return tuple(
            evidence for place, evidence in enumerate(self.channels) if place == 0 or evidence.percent >= _LEAST_PERCENT
        )
