"""How bad it would be, kept apart from how rare it is.

Rarity alone is a poor order of work: a rare look-up of ten harmless rows can wait, a common-looking export of
a million health records cannot. Severity multiplies strangeness, sensitivity and amount; on a log scale a
product is a sum of points.
"""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamguard.detect import Decision

# OCSF severity_id and its caption.
_STEPS = ((9.0, 5, "Critical"), (7.0, 4, "High"), (5.0, 3, "Medium"))
_LOWEST = (2, "Low")
_MOST_STRANGENESS = 6.0


def records_at_most(decision: Decision) -> int:
    """Return how many records or people, whichever bound is known and higher, the day can have exposed.

    Rows are not people; where the size of the tables is known, people cannot be more than that. Uncounted
    statements may have taken everything in reach.
    """
    day = decision.day
    if day.subjects_at_most is None:
        return day.rows
    if day.statements_without_rows:
        return day.subjects_at_most
    return min(day.rows, day.subjects_at_most)


def severity(decision: Decision) -> tuple[int, str]:
    """Return OCSF ``severity_id`` and ``severity``: f(A) x sensitivity x number of people, in points.

    Half of A (at most 3 points), the sensitivity (0 to 3) and the powers of ten of the records.
    """
    points = 0.5 * min(decision.strangeness, _MOST_STRANGENESS)
    points += decision.day.sensitivity + log10(1.0 + records_at_most(decision))
    for least, number, name in _STEPS:
        if points >= least:
            return number, name
    return _LOWEST


def confidence(decision: Decision) -> tuple[int, int, str]:
    """Return OCSF ``confidence_score`` (0 to 100), ``confidence_id`` and ``confidence``.

    Half of it is how much of the calibration is the group's own days, half how well the employee is known
    (five effective days give half of that half).
    """
    score = round(50.0 * decision.pool_trust + 50.0 * decision.own_days / (decision.own_days + 5.0))
    if score >= 65:
        return score, 3, "High"
    return (score, 2, "Medium") if score >= 35 else (score, 1, "Low")
