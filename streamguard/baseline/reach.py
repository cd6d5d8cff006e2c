"""How rare it is that the largest of a day reaches an octave: of an employee, in the light of the peers.

A histogram of octaves (powers of two) is the employee's own; beyond what was ever seen the peers' tail takes over,
and beyond theirs it falls no faster than a Pareto tail, for the largest results of ordinary days are heavy-tailed.
"""

from __future__ import annotations

from math import log

from streamguard.baseline.measure import HIGHEST_OCTAVE
from streamguard.baseline.pooled import PooledHistogram

PEER_DAYS = 4.0
"""What the peers' tail weighs against the employee's own days."""
_LEAST_RATIO = 0.4
"""P(reaches the next octave) / P(reaches this one) is believed to be at least this."""
_TENTHS = 10.0


class ReachHistogram(PooledHistogram):
    """Octaves of the largest value of closed employee-days of a group."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(0, HIGHEST_OCTAVE)

    def fit(self, prior: tuple[float, ...], prior_days: float) -> tuple[float, ...]:
        """Return P(a day's largest reaches the octave) for every octave, shrunk to ``prior``.

        Falls from 1 with the octave, and by no more than a factor of 0.4 a step.
        """
        days, weight = self.effective_days, self.newest_weight
        above = 0.0
        shares = [0.0] * (HIGHEST_OCTAVE + 1)
        for place in range(HIGHEST_OCTAVE, -1, -1):
            above += self.bins.get(place, 0.0) / weight
            shares[place] = min(1.0, (above + prior_days * prior[place]) / (days + prior_days))
        shares[0] = 1.0
        for place in range(1, HIGHEST_OCTAVE + 1):
            shares[place] = min(max(shares[place], _LEAST_RATIO * shares[place - 1]), shares[place - 1])
        return tuple(shares)


def rarity(octave: int, own: dict[int, float], own_days: float, peers: tuple[float, ...]) -> int:
    """Return -ln P(an own day's largest reaches ``octave``) in whole tenths of a nat, rounded down.

    Parameters
    ----------
    octave
        Of the largest value so far.
    own
        Weight of the own days by octave.
    own_days
        Their sum, and that of days without any.
    peers
        What :meth:`ReachHistogram.fit` returned.

    Notes
    -----
    It does not drop when the octave rises.
    """
    above = sum(weight for place, weight in own.items() if place >= octave)
    return int(-_TENTHS * log(min(1.0, (above + PEER_DAYS * peers[octave]) / (own_days + PEER_DAYS))))
