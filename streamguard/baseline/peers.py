"""What is usual among peers, and what is usual for one employee in the light of it.

Normal-normal shrinkage in log space, after the hierarchical peer groups of Hawryluk et al. (arXiv
2209.09769): an employee without history is expected to be like the peers, one with much history like
himself or herself, and in between the two are weighed by what each can explain. The pull of the peers is
limited to one standard error of the own mean (the limited translation rule of Efron and Morris, 1972): without
a limit a member who is rightly far from the others, such as the one service account with a nightly job, would
be expected too low every day, and would look strange for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_PRIOR_MEMBERS: Final = 2.0
_PRIOR_WITHIN: Final = 0.3
_PRIOR_BETWEEN: Final = 0.3
_LEAST_BETWEEN: Final = 0.03
_LEAST_VARIANCE: Final = 0.02
_SPREAD_DAYS: Final = 8.0
_TRIMMED: Final = 0.1
_MAD_TO_SD: Final = 1.4826
_MOST_TRANSLATION: Final = 1.0


@dataclass(frozen=True)
class PeerLevel:
    """What is usual in a peer group for one measure x = ln(1 + X)."""

    mean: float
    """Median of the members' means (mu_r)."""
    within: float
    """Variance from day to day of a typical member (s2_r)."""
    between: float
    """Variance of the members' true means around the group's (tau2_r)."""


def summarise(members: Iterable[tuple[float, float, float]]) -> PeerLevel | None:
    """Summarise a group.

    Parameters
    ----------
    members
        (effective days, mean, population variance) of each member; those without a closed day are skipped.

    Returns
    -------
    PeerLevel | None
        None if no member has a closed day. The variances are shrunk towards a prior worth two members, so
        that a group of one or two is not believed to be without spread.
    """
    known = [member for member in members if member[0] > 0.0]
    if not known:
        return None
    middle = _median(sorted(mean for _, mean, _ in known))
    mad = _median(sorted(abs(mean - middle) for _, mean, _ in known))
    spreads = sorted(variance * days / (days - 1.0) for days, _, variance in known if days >= 2.0)
    within = _shrink(_trimmed_mean(spreads), len(spreads), _PRIOR_WITHIN)
    noise = within * sum([1.0 / days for days, _, _ in known]) / len(known)
    between = max((_MAD_TO_SD * mad) ** 2 - noise, _LEAST_BETWEEN)
    return PeerLevel(middle, within, _shrink(between, len(known), _PRIOR_BETWEEN))


def predict(days: float, mean: float, variance: float, peers: PeerLevel) -> tuple[float, float]:
    """Predict the next day of an employee.

    Parameters
    ----------
    days, mean, variance
        The employee's own level; ``days`` is 0 for a new one.
    peers
        The group's.

    Returns
    -------
    tuple[float, float]
        Mean and standard deviation of x = ln(1 + X) for a benign next day; the deviation is at least 0.14.
    """
    if not days:
        return peers.mean, sqrt(max(peers.within + peers.between, _LEAST_VARIANCE))
    spread = (_SPREAD_DAYS * peers.within + days * variance) / (_SPREAD_DAYS + days)
    pull = spread / peers.between
    shift = pull * (peers.mean - mean) / (days + pull)
    most = _MOST_TRANSLATION * sqrt(spread / days)
    middle = mean + min(max(shift, -most), most)
    return middle, sqrt(max(spread * (1.0 + 1.0 / (days + pull)), _LEAST_VARIANCE))


def _shrink(estimate: float, members: int, prior: float) -> float:
    return (_PRIOR_MEMBERS * prior + members * estimate) / (_PRIOR_MEMBERS + members)


def _median(ordered: list[float]) -> float:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else 0.5 * (ordered[half - 1] + ordered[half])


def _trimmed_mean(ordered: list[float]) -> float:
    cut = int(_TRIMMED * len(ordered))
    kept = ordered[cut : len(ordered) - cut]
    return sum(kept) / len(kept) if kept else 0.0
