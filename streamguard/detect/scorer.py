"""The seam for other detectors: whatever says how strange an employee's day is can be put in this one's place.

:class:`Scorer` is all that an evaluation needs. The other protocols are what a scorer may say of itself besides.
"""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from streamguard.baseline.employee_codec import employee_key
from streamguard.detect.config import DetectConfig
from streamguard.detect.decider import Decider

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


class DeciderScorer:
    """StreamGuard's own detector as a scorer: one :class:`Decider` for every peer shard.

    Parameters
    ----------
    config
        What the SOC chose.
    """

    name = "streamguard"

    def __init__(self, config: DetectConfig | None = None) -> None:
        self._config = config if config is not None else DetectConfig()
        self._deciders: dict[str, Decider] = {}

    def observe(self, exposure: Exposure) -> float:
        """Take in one exposure; return A of the employee's open day."""
        decider = self._deciders.get(exposure.shard)
        if decider is None:
            decider = self._deciders[exposure.shard] = Decider(self._config, lambda _: None)
        decider.observe(exposure)
        return decider.strangeness(exposure.employee)

    def alert_level(self, budget_per_1000: float) -> float:
        """Return log10(1000 / B)."""
        return log10(1000.0 / budget_per_1000)

    def employee_bytes(self) -> list[int]:
        """Return the encoded size of each employee's state entry."""
        ours = employee_key("")
        entries = (entry for decider in self._deciders.values() for entry in decider.drain())
        return [len(value) for key, value in entries if key.startswith(ours)]
