"""Hand-made worlds of a few statements, and detectors that say what they are told."""

from __future__ import annotations

from unit.detect.small_company import DAY_MS, HOUR_MS, MONDAY_MS, at, exposure

from streamguard.evaluate import Attack, Truth
from streamguard.evaluate.budget import Judged
from streamguard.evaluate.exposures import BENIGN, Chunk
from streamguard.evaluate.judge import judge_chunks

DAYS = 10
FROM_DAY = 2

__all__ = ["DAYS", "DAY_MS", "FROM_DAY", "HOUR_MS", "MONDAY_MS", "Told", "at", "judged", "said", "statement", "truth"]


class Told:
    """Says of each statement what it was told beforehand."""

    name = "told"

    def __init__(self, scores):
        self._scores = iter(scores)

    def observe(self, exposure):
        del exposure
        return next(self._scores)


def said(who, day, hour, score, rows=1, attack=BENIGN, **changes):
    """A statement with the score that the detector will give it; ``attack`` is the number of its attack."""
    return (exposure(who, at(day, hour), rows, **changes), score, attack)


def statement(who, day, hour, rows=1, **changes):
    return exposure(who, at(day, hour), rows, **changes)


def truth(*attacks, days=DAYS, evaluate_from_day=FROM_DAY):
    return Truth(version=1, start="2025-09-01", days=days, evaluate_from_day=evaluate_from_day, attacks=attacks)


def attack(who, first, last, rows, people=None, scenario="bulk_dump"):
    """An attack from one (day, hour) to another."""
    return Attack(
        scenario=scenario,
        employees=(who,),
        start_ms=at(*first),
        end_ms=at(*last),
        activity_ids=("x",),
        rows=rows,
        people=people,
    )


def judged(statements, known=None):
    """What the told detector makes of a world, in order of time."""
    ordered = sorted(statements, key=lambda one: one[0].activity.time_ms)
    chunk = Chunk([one[0] for one in ordered], [one[2] for one in ordered])
    result = judge_chunks("hand-made", known or truth(), [chunk], [Told(one[1] for one in ordered)])
    found = result.judged("told")
    assert isinstance(found, Judged)
    return found
