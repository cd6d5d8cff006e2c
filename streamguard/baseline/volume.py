"""One volume of one employee: what is usual, how much today, and when that is next worth a look."""

from __future__ import annotations

from math import expm1, floor, inf, log1p
from typing import TYPE_CHECKING, Final

from streamguard.baseline.level import Level
from streamguard.baseline.peers import predict

if TYPE_CHECKING:
    from streamguard.baseline.peers import PeerLevel

BELOW: Final = -1
"""Residual of a day that is not above the usual one."""
LOWEST_RESIDUAL: Final = -60
HIGHEST_RESIDUAL: Final = 30_000


class Volume:
    """One measure of one employee.

    Attributes
    ----------
    level
        What is usual, learned from closed days.
    cusum
        Accumulated surprise of closed days in standard deviations, 0 to 25.
    total
        Of the hour: the leaky sum as of the last statement with rows. Of the day: what the day before left over.
    peak
        The maximum on the open day (X).
    mean, deviation
        Prediction of ln(1 + X) for the open day, fixed when the day opened; deviation 0: no prediction yet.
    residual
        Whole tenths of a standard deviation that ``peak`` is above the prediction, at least ``BELOW``.
    next_peak
        The peak at which ``residual`` is next worth computing.
    """

    __slots__ = ("cusum", "deviation", "level", "mean", "next_peak", "peak", "residual", "total")

    def __init__(self) -> None:
        self.level = Level()
        self.cusum = 0.0
        self.total = 0.0
        self.peak = 0.0
        self.mean = 0.0
        self.deviation = 0.0
        self.residual = BELOW
        self.next_peak = inf

    def open(self, peers: PeerLevel | None) -> None:
        """Begin a day: fix the prediction."""
        self.peak = 0.0
        self.residual = BELOW
        self.mean = self.deviation = 0.0
        if peers is not None:
            days, mean, variance = self.level.known()
            self.mean, self.deviation = predict(days, mean, variance, peers)

    def set_next(self, step: int) -> None:
        """Work out ``next_peak``: a residual of ``step`` more, or the first that is not below the usual."""
        self.next_peak = self.value_above(self.residual, 1 if self.residual < 0 else step)

    def value_above(self, residual: int, step: int = 1) -> float:
        """Return the value that must be passed for a residual of ``step`` more; infinite without a prediction."""
        if not self.deviation or residual >= HIGHEST_RESIDUAL:
            return inf
        return expm1(self.mean + 0.1 * (residual + step) * self.deviation)

    def rise(self) -> None:
        """Bring ``residual`` up to ``peak``; without a prediction there is none."""
        if not self.deviation:
            return
        residual = self.residual_of(self.peak)
        self.residual = max(self.residual, residual)

    def exact_residual(self) -> int:
        """Return the residual without the floor at ``BELOW``: what the calibration learns; 0 without a prediction."""
        return self.residual_of(self.peak)

    def residual_of(self, value: float) -> int:
        """Return the tenths of a standard deviation that ``value`` would be above the prediction."""
        if not self.deviation:
            return 0
        tenths = floor(10.0 * (log1p(value) - self.mean) / self.deviation)
        return LOWEST_RESIDUAL if tenths < LOWEST_RESIDUAL else min(tenths, HIGHEST_RESIDUAL)
