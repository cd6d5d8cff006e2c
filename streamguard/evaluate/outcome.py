"""What became of each attack at a threshold: found or not, after how long, and what was gone by then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

if TYPE_CHECKING:
    from streamguard.evaluate.budget import Judged
    from streamguard.evaluate.haul import Haul
    from streamguard.evaluate.ladder import Ladder


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One attack against one threshold.

    Attributes
    ----------
    scenario, strength
        Its kind, and how strong it is where that varies.
    found
        Whether an alert came.
    delay_ms
        Event time from its first statement to the alert; None: not found.
    rows, people
        Records, and different people, taken up to and including the alerting statement: logs are written afterwards, so
        what a single statement takes is always gone. All of them if it was not found. People: None if unknown.
    share
        ``rows`` as a share of everything taken, 0 to 1.
    all_rows, all_people
        Everything taken.
    own_days, all_own_days
        The same in median days of those it was done as.
    active_day
        On which active day of theirs it began, from 1, on average.
    """

    scenario: str
    strength: float | None
    found: bool
    delay_ms: int | None
    rows: float
    people: float | None
    share: float
    all_rows: float
    all_people: float | None
    own_days: float
    all_own_days: float
    active_day: float


def outcomes(judged: Judged, threshold: float) -> list[Outcome]:
    """Return what became of every attack of a world.

    The alert is the first statement of one of those it was done as, from its first statement on and no later than the
    behavioural day of its last, at which the day's strangeness rose above the threshold, or rose further.
    """
    loud = judged.ladder.above(threshold)
    return [_outcome(haul, loud) for haul in judged.scene.hauls if len(haul.positions)]


def _outcome(haul: Haul, loud: Ladder) -> Outcome:
    theirs = np.isin(loud.employees, haul.entities)
    in_time = (loud.times_ms >= haul.start_ms) & (loud.days <= haul.last_day)
    alerts = loud.where(theirs & in_time)
    found = len(alerts.scores) > 0
    last = len(haul.positions) - 1
    delay_ms = None
    if found:
        first = int(alerts.positions.argmin())
        last = int(np.searchsorted(haul.positions, alerts.positions[first], side="right")) - 1
        delay_ms = int(alerts.times_ms[first]) - haul.start_ms
    all_rows = float(haul.rows[-1])
    # An alert before the first statement of the log's order took nothing.
    rows = float(haul.rows[last]) if last >= 0 else 0.0
    people = haul.people
    return Outcome(
        scenario=haul.scenario,
        strength=haul.strength,
        found=found,
        delay_ms=delay_ms,
        rows=rows,
        people=None if people is None else (float(people[last]) if last >= 0 else 0.0),
        share=rows / all_rows if found and all_rows else float(not found),
        all_rows=all_rows,
        all_people=None if people is None else float(people[-1]),
        own_days=rows / haul.own_day_rows,
        all_own_days=all_rows / haul.own_day_rows,
        active_day=haul.days_before + 1.0,
    )
