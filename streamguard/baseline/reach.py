"""How rare it is that the largest of a day reaches an octave: of an employee, in the light of the peers.

A histogram of octaves (powers of two) is the employee's own; beyond what was ever seen the peers' tail takes over,
and beyond theirs it falls no faster than a Pareto tail, for the largest results of ordinary days are heavy-tailed.
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Final

from streamguard.baseline.measure import HIGHEST_OCTAVE

if TYPE_CHECKING:
    from collections.abc import Sequence

PEER_DAYS: Final = 4.0
"""What the peers' tail weighs against the employee's own days."""
_LEAST_RATIO: Final = 0.4
"""P(reaches the next octave) / P(reaches this one) is believed to be at least this."""
_TENTHS: Final = 10.0


def fit_reach(bins: Sequence[tuple[int, float]], prior: Sequence[float], prior_days: float) -> tuple[float, ...]:
    """Return P(a day's largest reaches the octave) for every octave, shrunk to ``prior``.

    It falls from 1 with the octave, by no more than a factor of 0.4 a step.
    """
    by_octave = dict(bins)
    days = sum(by_octave.values())
    above = 0.0
    shares = [0.0] * (HIGHEST_OCTAVE + 1)
    for place in range(HIGHEST_OCTAVE, -1, -1):
        above += by_octave.get(place, 0.0)
        shares[place] = (above + prior_days * prior[place]) / (days + prior_days)
    shares[0] = 1.0
    for place in range(1, HIGHEST_OCTAVE + 1):
        shares[place] = min(max(shares[place], _LEAST_RATIO * shares[place - 1]), shares[place - 1])
    return tuple(shares)


def rarity(octave: int, own: dict[int, float], fading: float, own_days: float, peers: Sequence[float]) -> int:
    """Return -ln P(an own day's largest reaches ``octave``) in whole tenths of a nat, rounded down.

    Parameters
    ----------
    octave
        Of the largest value so far.
    own, fading
        Weight of the own days by octave, and what a weight of 1 still counts.
    own_days
        Days learned, each as far as it still counts.
    peers
        What :func:`fit_reach` returned.

    Notes
    -----
    It does not drop when the octave rises.
    """
    above = fading * sum([weight for place, weight in own.items() if place >= octave])
    return int(-_TENTHS * log(min(1.0, (above + PEER_DAYS * peers[octave]) / (own_days + PEER_DAYS))))
