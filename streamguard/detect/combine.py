"""Many surprises into one: harmonic-mean p (Wilson 2019) as a sum of exponentials, and shares of it."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

TENTHS_PER_NAT = 10.0
LN10 = log(10.0)


def combine(surprises: Sequence[float]) -> float:
    """Return T = ln(sum of e^S), in nats; finite for finite surprises, rising with each of them."""
    most = max(surprises)
    return most + log(sum(exp(surprise - most) for surprise in surprises))


def percentages(surprises: Sequence[float]) -> tuple[int, ...]:
    """Return the channels' shares of T in whole percent, which sum to exactly 100.

    A channel's share is e^S / sum of e^S. What rounding down leaves over goes to the largest remainders,
    among equals to the more surprised channel, then to the earlier one.
    """
    most = max(surprises)
    weights = [exp(surprise - most) for surprise in surprises]
    total = sum(weights)
    exact = [100.0 * weight / total for weight in weights]
    whole = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda place: (whole[place] - exact[place], -surprises[place], place))
    for place in by_remainder[: 100 - sum(whole)]:
        whole[place] += 1
    return tuple(whole)
