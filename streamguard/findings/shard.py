"""Everything one peer shard's findings need."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streamguard.detect import Decider
from streamguard.findings.explain import explain

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamguard.activity import AnalystVerdict, Approval, Exposure, Finding, Handover
    from streamguard.detect import DetectConfig


class Standing(NamedTuple):
    """How an employee's open day stands."""

    strangeness: float
    """A = -log10 P(a benign employee-day looks this strange)."""
    surprises: dict[str, float]
    """Nats, by channel."""


class ShardDetector:
    """Exposures of one peer shard in, findings and state entries out.

    A pure function of the exposures fed to it, in order: it may be thrown away after any :meth:`drain` and
    made anew over the drained entries without a bit of difference in what follows.

    Parameters
    ----------
    shard
        Name of the shard; for messages only, keys of state entries do not hold it.
    config
        What the SOC chose.
    load
        Reads an encoded state entry by key, None if there is none; called lazily. It should give what
        :meth:`drain` returned once that is stored; until it does, the entries concerned are kept here.
    """

    def __init__(self, shard: str, config: DetectConfig, load: Callable[[bytes], bytes | None]) -> None:
        self.shard = shard
        self._decider = Decider(config, load)

    @property
    def late(self) -> int:
        """Exposures so far whose employee-day was closed already: they count here and teach nothing."""
        return self._decider.late

    @property
    def warming_up(self) -> bool:
        """Whether the shard has seen too little for findings."""
        return not self._decider.alerting

    def observe(self, exposure: Exposure) -> Finding | None:
        """Take in an exposure; return a finding if it made the employee's day worth telling.

        Raises
        ------
        StateError
            If a stored entry cannot be read; never because of the exposure.
        """
        decision = self._decider.observe(exposure)
        return None if decision is None else explain(decision, exposure)

    def standing(self, employee: str) -> Standing | None:
        """Return how an employee's day stands; None while the shard has seen too little for findings."""
        if self.warming_up:
            return None
        return Standing(self._decider.strangeness(employee), self._decider.surprises(employee))

    def steer(self, record: AnalystVerdict | Approval | Handover) -> None:
        """Take in what steers detection.

        Raises
        ------
        StateError
            If the state that was handed over, or a stored entry, cannot be read.
        """
        self._decider.steer(record)

    def hand_over(self, employee: str) -> bytes | None:
        """Return what another shard needs to go on with an employee; None for somebody never seen. Changes nothing."""
        return self._decider.hand_over(employee)

    def drain(self) -> list[tuple[bytes, bytes]]:
        """Return the encoded entries changed since the last drain, sorted by key."""
        return self._decider.drain()
