"""How likely it is that a random list of people is covered so well."""

from __future__ import annotations

from math import exp, lgamma

_NEGLIGIBLE = 1e-18
"""Further terms that are smaller than this share of the sum change nothing that is told."""


def chance_of(hits: int, drawn: int, reached: int, population: int) -> float:
    """Return the probability that at least so many of a random list were in somebody's reach.

    The upper tail of the hypergeometric distribution: a list of ``drawn`` people out of a ``population``, of whom
    ``reached`` were in reach.

    Parameters
    ----------
    hits
        People of the list who were in reach.
    drawn, reached, population
        Numbers of people, each of the first two at most the last.

    Examples
    --------
    >>> chance_of(0, 10, 5, 100), chance_of(10, 10, 100, 100)
    (1.0, 1.0)
    >>> round(chance_of(1, 1, 25, 100), 6), round(chance_of(2, 2, 2, 4), 6)
    (0.25, 0.166667)
    """
    least = max(0, drawn + reached - population)
    if hits <= least:
        return 1.0
    total, most = 0.0, min(drawn, reached)
    everything = _ways(population, drawn)
    mean = drawn * reached / population
    for k in range(hits, most + 1):
        term = exp(_ways(reached, k) + _ways(population - reached, drawn - k) - everything)
        total += term
        if k > mean and term <= total * _NEGLIGIBLE:
            break
    return min(1.0, total)


def _ways(n: int, k: int) -> float:
    """Return the natural logarithm of the number of ways to choose k of n."""
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
