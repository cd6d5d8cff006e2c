"""Many surprises into one: harmonic-mean p (Wilson 2019) as a sum of exponentials, and shares of it."""

from __future__ import annotations

from math import exp, expm1, log, log1p
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

TENTHS_PER_NAT: Final = 10.0
LN10: Final = log(10.0)


def combine(surprises: list[float], joint: float = 0.0) -> float:
    """Return T = ln(1 + sum of (e^S - 1)), in nats: 0 if nothing surprises, rising with each part, always finite.

    Parameters
    ----------
    surprises
        Of the channels, in nats, not negative.
    joint
        One more, of several of them together.
    """
    try:
        total = 0.0
        for surprise in surprises:
            # Most are 0, and add nothing.
            if surprise:
                total += expm1(surprise)
        return log1p(expm1(joint) + total)
    except OverflowError:
        most = max(*surprises, joint)
        return most + log(sum([exp(surprise - most) for surprise in (*surprises, joint)]))


def fisher(surprises: list[float]) -> float:
    """Return the joint surprise of the two largest, or of the three if that is more: -ln P(their sum is as large).

    The sum of k independent surprises is a gamma variable (Fisher, 1925). Taking the larger of both keeps a small third
    one from diluting the others.

    Parameters
    ----------
    surprises
        Two or three, in nats.
    """
    total = least = surprises[0]
    for surprise in surprises[1:]:
        total += surprise
        least = min(least, surprise)
    if len(surprises) == 2:
        return total - log1p(total)
    pair = total - least
    return max(pair - log1p(pair), total - log1p(total + 0.5 * total * total))


def percentages(weights: Sequence[float]) -> tuple[int, ...]:
    """Return shares in whole percent, which sum to exactly 100.

    What rounding down leaves over goes to the largest remainders, among equals to the larger weight, then to the
    earlier one.

    Parameters
    ----------
    weights
        Not negative; if all are 0, the first one gets everything.
    """
    total = sum(weights)
    if not total:
        return (100, *(0,) * (len(weights) - 1))
    exact = [100.0 * weight / total for weight in weights]
    whole = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda place: (whole[place] - exact[place], -weights[place], place))
    for place in by_remainder[: 100 - sum(whole)]:
        whole[place] += 1
    return tuple(whole)
