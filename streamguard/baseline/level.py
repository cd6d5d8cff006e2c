"""The level of one measure for one employee: a mean and a variance that forget.

Forward decay (Cormode et al., 2009): the value of day ``d`` enters river's :class:`river.stats.Var` with
weight ``2 ** ((d - day0) / half_life)``, so nothing has to be multiplied as time passes. ``day0`` moves on by
whole half-lives before the weights grow large; a power of two scales doubles exactly.
"""

from __future__ import annotations

from math import floor, ldexp
from typing import Final

from river import stats

_REBASE_HALF_LIVES: Final = 32.0
NUMBERS: Final = 5
"""How many doubles :meth:`Level.numbers` returns."""


class Level:
    """Exponentially forgetting mean and variance of ln(1 + X) over closed days.

    Parameters
    ----------
    numbers
        What :meth:`numbers` returned, to restore a level bit for bit; None for a new one.

    Notes
    -----
    ``Var._from_state`` takes the variance and multiplies it by n again, which can differ from the sum of
    squares in the last bit. The sum of squares itself is kept here, so a restored level is the same to the
    bit; ``tests/unit/baseline/test_level.py`` fails if a release of river changes these two attributes.

    Examples
    --------
    >>> level = Level()
    >>> for day in range(3):
    ...     level.learn(4.0, day, half_life_days=14.0)
    >>> level.mean, level.variance, round(level.effective_days, 3)
    (4.0, 0.0, 2.995)
    """

    __slots__ = ("_day0", "_known", "_squares", "_var")

    def __init__(self, numbers: tuple[float, ...] | None = None) -> None:
        self._var = stats.Var(ddof=0)
        self._squares = 0.0
        self._day0 = 0.0
        self._known: tuple[float, float, float] | None = None
        """Effective days, mean and variance, once they were asked for."""
        if numbers is not None:
            weight, mean, deviations, self._squares, self._day0 = numbers
            self._set(weight, mean, deviations)

    def numbers(self) -> tuple[float, ...]:
        """Return everything there is to know: weight, mean, squared deviations, squared weights, day0."""
        return (self._var.n, self._var.mean.get(), self._var._S, self._squares, self._day0)  # noqa: SLF001

    def known(self) -> tuple[float, float, float]:
        """Return effective days, mean and variance."""
        known = self._known
        if known is None:
            days = self._var.n**2 / self._squares if self._squares else 0.0
            known = self._known = (days, float(self._var.mean.get()), float(self._var.get()))
        return known

    @property
    def mean(self) -> float:
        """Decayed mean, 0 before the first day."""
        return self.known()[1]

    @property
    def variance(self) -> float:
        """Decayed population variance, 0 before the second day."""
        return self.known()[2]

    @property
    def effective_days(self) -> float:
        """Kish's effective sample size (sum w)^2 / sum w^2: at most 2.9 half-lives of daily activity."""
        return self.known()[0]

    def learn(self, x: float, day: int, half_life_days: float) -> None:
        """Take in the value of a closed day; days must not go back by more than a half-life."""
        weight = self._weight(day, half_life_days)
        self._var.update(x, weight)
        self._squares += weight * weight
        self._known = None

    def accept(self, x: float, day: int, half_life_days: float, days: float = 2.0) -> None:
        """Jump to a new level, trusted like ``days`` ordinary days; the spread around it is kept."""
        weight = self._weight(day, half_life_days)
        variance = self.variance
        self._set(days * weight, x, days * weight * variance)
        self._squares = days * weight * weight
        self._known = None

    def _weight(self, day: int, half_life_days: float) -> float:
        if not self._squares:
            self._day0 = float(day)
        age = (day - self._day0) / half_life_days
        if age > _REBASE_HALF_LIVES:
            age = self._rebase(floor(age), half_life_days, day)
        return float(2.0**age)

    def _rebase(self, half_lives: int, half_life_days: float, day: int) -> float:
        self._day0 += half_lives * half_life_days
        weight, mean, deviations, squares, _ = self.numbers()
        self._set(ldexp(weight, -half_lives), mean, ldexp(deviations, -half_lives))
        self._squares = ldexp(squares, -2 * half_lives)
        self._known = None
        return (day - self._day0) / half_life_days

    def _set(self, weight: float, mean: float, deviations: float) -> None:
        self._var.mean = stats.Mean._from_state(weight, mean)  # noqa: SLF001
        self._var._S = deviations  # noqa: SLF001
        self._known = None
