"""The seam for other detectors: whatever says how strange an employee's day is can be put in this one's place.

:class:`Scorer` is all that an evaluation needs. The other protocols are what a scorer may say of itself besides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamguard.activity import Exposure


class Scorer(Protocol):
    """Judges a stream of exposures, one by one, in order; a pure function of what it was shown.

    Examples
    --------
    >>> class Rows:
    ...     name = "rows"
    ...
    ...     def observe(self, exposure: Exposure) -> float:
    ...         return float(exposure.activity.rows or 0)
    >>> scorer: Scorer = Rows()
    """

    @property
    def name(self) -> str:
        """Short name, unique among those compared."""

    def observe(self, exposure: Exposure) -> float:
        """Take in one exposure; return how strange that employee's day is so far.

        Higher is stranger. Whoever reads it keeps the day's largest value, so one that falls does no harm.
        """


@runtime_checkable
class Calibrated(Protocol):
    """A scorer whose values mean something: it says itself where a budget lies, and is judged there."""

    def alert_level(self, budget_per_1000: float) -> float:
        """Return the least value that is an alert when so many false cases per 1000 employee-days are allowed."""


@runtime_checkable
class Published(Protocol):
    """A rule that was published with thresholds of its own."""

    @property
    def thresholds(self) -> Mapping[str, float]:
        """Name of each threshold, and the value that an alert must exceed."""


@runtime_checkable
class Weighed(Protocol):
    """A scorer that knows how large its memory of each employee is."""

    def employee_bytes(self) -> Sequence[int]:
        """Return the encoded bytes of each employee's own state, in no particular order."""
