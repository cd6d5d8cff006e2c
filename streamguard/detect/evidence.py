"""The numbers behind a decision, taken out of the memory as they stand."""

from __future__ import annotations

from math import expm1
from typing import TYPE_CHECKING

from streamguard.detect.combine import percentages
from streamguard.detect.decision import ChannelEvidence, DayTotals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamguard.baseline import EmployeeMemory, PeerLevel
    from streamguard.baseline.day import DayNotes
    from streamguard.detect.channels import VolumeChannel


def channel_evidence(
    channels: Sequence[VolumeChannel],
    memory: EmployeeMemory,
    peers: Sequence[PeerLevel | None],
    commons: Sequence[int],
    surprises: Sequence[float],
) -> tuple[ChannelEvidence, ...]:
    """Describe what every channel saw, strongest first.

    Parameters
    ----------
    channels, peers, commons, surprises
        One per channel, in the same order; ``commons`` in tenths of a standard deviation.
    memory
        The employee.
    """
    shares = percentages(surprises)
    found = [
        ChannelEvidence(
            name=channel.name,
            observed=own.peak,
            usual=expm1(own.level.mean) if own.level.effective_days else None,
            usual_peers=expm1(peer.mean) if peer else None,
            deviations=0.1 * own.residual,
            common_deviations=0.1 * common,
            surprise=surprise,
            percent=share,
        )
        for channel, own, peer, common, surprise, share in zip(
            channels, memory.channels, peers, commons, surprises, shares, strict=True
        )
    ]
    return tuple(sorted(found, key=lambda evidence: (-evidence.surprise, evidence.name)))


def day_totals(notes: DayNotes) -> DayTotals:
    """Freeze the open day."""
    return DayTotals(
        rows=notes.rows,
        statements=notes.statements,
        statements_without_rows=notes.without_rows,
        first_ms=notes.first_ms,
        last_ms=notes.last_ms,
        burst_rows=notes.burst_rows,
        burst_start_ms=notes.burst_start_ms,
        largest_rows=notes.largest_rows,
        largest_ms=notes.largest_ms,
        tables=tuple((table, notes.table_rows.get(table, 0)) for table in notes.tables),
        categories=tuple(sorted(notes.categories.items())),
        category_rows=tuple((name, notes.category_rows.get(name, 0)) for name in sorted(notes.categories)),
        regions=tuple(sorted(notes.regions)),
        sensitivity=notes.sensitivity,
        subjects_at_most=notes.subjects_at_most or None,
    )
