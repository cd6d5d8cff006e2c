"""The numbers behind a decision, taken out of the memory as they stand."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

from streamguard.baseline.tail import trust_in
from streamguard.detect.combine import percentages
from streamguard.detect.decision import DayTotals, Decision

if TYPE_CHECKING:
    from streamguard.baseline import Case
    from streamguard.baseline.day import DayNotes
    from streamguard.detect.config import DetectConfig
    from streamguard.detect.decision import ChannelEvidence
    from streamguard.detect.scene import Scene
    from streamguard.detect.score import Score


def decide(case: Case, scene: Scene, score: Score, config: DetectConfig, *, is_update: bool) -> Decision:
    """Freeze the open day and what it is compared with.

    Parameters
    ----------
    case
        The open case.
    scene
        The employee's day among the peers.
    score
        The detectors.
    config
        What the SOC chose.
    is_update
        Whether the case was told before.
    """
    memory = scene.memory
    today = memory.today
    return Decision(
        uid=case.uid.hex(),
        is_update=is_update,
        case_start_ms=case.start_ms,
        first_seen_ms=case.first_seen_ms,
        case_statements=case.statements + memory.notes.statements,
        case_rows=case.rows + memory.notes.rows,
        strangeness=memory.strangeness,
        alert_level=config.alert_level,
        score=memory.score,
        channels=channel_evidence(score, scene),
        day=day_totals(memory.notes, memory.last_ms, people=memory.signs.people.count),
        recent_rows=tuple(memory.recent),
        peers_most_rows=today.peers_most_rows(memory.slot),
        members=today.expected,
        own_days=memory.volumes[0].level.effective_days,
        pool_trust=trust_in(scene.usual.days),
    )


def channel_evidence(score: Score, scene: Scene) -> tuple[ChannelEvidence, ...]:
    """Describe what every channel saw, strongest first."""
    surprises = score.surprises(scene)
    shares = percentages(_weights(score, surprises, scene))
    found = [
        channel.evidence(scene, surprise, share)
        for channel, surprise, share in zip(score.channels, surprises, shares, strict=True)
    ]
    return tuple(sorted(found, key=lambda evidence: (-evidence.surprise, evidence.name)))


def day_totals(notes: DayNotes, last_ms: int, people: int = 0) -> DayTotals:
    """Freeze the open day."""
    return DayTotals(
        rows=notes.rows,
        statements=notes.statements,
        statements_without_rows=notes.without_rows,
        approved_statements=notes.approved_statements,
        approved_rows=notes.approved_rows,
        uncounted_reach=notes.uncounted_reach,
        people=people,
        first_ms=notes.first_ms,
        last_ms=last_ms,
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
        news=tuple(notes.news),
    )


def _weights(score: Score, surprises: list[float], scene: Scene) -> list[float]:
    """Return the channels' parts of e^T - 1, scaled; the joint part goes to those it joins, by their surprise."""
    together = score.joint(surprises, scene)
    most = max(*surprises, together)
    nothing = exp(-most)
    weights = [exp(surprise - most) - nothing for surprise in surprises]
    if not together:
        return weights
    joined = score.joined(surprises)
    part = (exp(together - most) - nothing) / sum(joined)
    return [weight + part * surprise for weight, surprise in zip(weights, joined, strict=True)]
