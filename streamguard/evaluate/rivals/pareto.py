"""The generalised Pareto distribution of excesses over a level, fitted by maximum likelihood.

Source: Grimshaw, "Computing Maximum Likelihood Estimates for the Generalized Pareto Distribution", Technometrics 35
(1993): two parameters become one, whose equation is solved where its sign changes.
"""

from __future__ import annotations

from math import exp, log, log1p
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_FEW: Final = 4
"""Excesses with which a shape cannot be told: the tail is taken as exponential."""
_STEPS: Final = 12
_HALVINGS: Final = 40
_LEAST: Final = 1e-6


def pareto_tail(excess: float, shape: float, scale: float) -> float:
    """Return P(an excess is at least this); 0 beyond the end of a distribution that has one.

    Examples
    --------
    >>> pareto_tail(0.0, 0.1, 2.0)
    1.0
    >>> pareto_tail(9.0, -0.5, 2.0)
    0.0
    """
    if abs(shape) < _LEAST:
        return exp(-excess / scale)
    inside = 1.0 + shape * excess / scale
    return float(inside ** (-1.0 / shape)) if inside > 0 else 0.0


def fit_pareto(excesses: Sequence[float]) -> tuple[float, float]:
    """Return shape and scale of the most likely distribution; (0, mean) is the exponential one."""
    if not excesses:
        return 0.0, 1.0
    mean, least, most = sum(excesses) / len(excesses), min(excesses), max(excesses)
    best = (0.0, max(mean, _LEAST))
    if len(excesses) < _FEW or most - least < _LEAST:
        return best
    likelihood = _log_likelihood(excesses, *best)
    for low, high in ((-1.0 / most + _LEAST, -_LEAST), (_LEAST, 2.0 * (mean - least) / (least * mean + _LEAST))):
        for root in _roots(lambda x: _equation(excesses, x), low, high):
            shape = sum(log1p(root * excess) for excess in excesses) / len(excesses)
            if abs(shape) < _LEAST or shape / root <= 0:
                continue
            found = _log_likelihood(excesses, shape, shape / root)
            if found > likelihood:
                likelihood, best = found, (shape, shape / root)
    return best


def _equation(excesses: Sequence[float], x: float) -> float:
    """Return u(x) v(x) - 1, which is 0 at the likelihood's extremes; x is shape / scale."""
    count = len(excesses)
    u = sum(1.0 / (1.0 + x * excess) for excess in excesses) / count
    v = 1.0 + sum(log1p(x * excess) for excess in excesses) / count
    return u * v - 1.0


def _log_likelihood(excesses: Sequence[float], shape: float, scale: float) -> float:
    if abs(shape) < _LEAST:
        return -len(excesses) * log(scale) - sum(excesses) / scale
    return -len(excesses) * log(scale) - (1.0 + 1.0 / shape) * sum(log1p(shape * one / scale) for one in excesses)


def _roots(function: Callable[[float], float], low: float, high: float) -> list[float]:
    """Return where a function changes its sign between two points, by halving the steps in which it does."""
    if low >= high:
        return []
    points = [low + (high - low) * step / _STEPS for step in range(_STEPS + 1)]
    values = [function(point) for point in points]
    found = []
    for left, right, value, after in zip(points, points[1:], values, values[1:], strict=False):
        if value * after >= 0:
            continue
        begin, end = left, right
        for _ in range(_HALVINGS):
            middle = 0.5 * (begin + end)
            if function(middle) * value > 0:
                begin = middle
            else:
                end = middle
        found.append(0.5 * (begin + end))
    return found
