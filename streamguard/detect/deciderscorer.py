"""The product's own detector, as an evaluation wants it: apart from the protocols, so that it can be compiled."""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING, ClassVar

from streamguard.activity import Handover
from streamguard.baseline.employee_codec import employee_key
from streamguard.detect.config import DetectConfig
from streamguard.detect.decider import Decider

if TYPE_CHECKING:
    from streamguard.activity import Exposure


class DeciderScorer:
    """StreamGuard's own detector as a scorer: one :class:`Decider` for every peer shard.

    Whoever changes to another shard takes what the old one knew along, with the first statement there. Live, it is
    handed over when the directory changes.

    Parameters
    ----------
    config
        What the SOC chose.
    """

    name: ClassVar[str] = "streamguard"

    def __init__(self, config: DetectConfig | None = None) -> None:
        self._config = config if config is not None else DetectConfig()
        self._deciders: dict[str, Decider] = {}
        self._shards: dict[str, str] = {}

    def observe(self, exposure: Exposure) -> float:
        """Take in one exposure; return A of the employee's open day."""
        decider = self._deciders.get(exposure.shard)
        if decider is None:
            decider = self._deciders[exposure.shard] = Decider(self._config, lambda _: None)
        before = self._shards.get(exposure.employee)
        if before != exposure.shard:
            self._shards[exposure.employee] = exposure.shard
            if before is not None:
                self._move(exposure, before)
        decider.observe(exposure)
        return decider.strangeness(exposure.employee)

    def _move(self, exposure: Exposure, from_shard: str) -> None:
        employee = exposure.employee
        state = self._deciders[from_shard].hand_over(employee)
        if state:
            record = Handover(origin=exposure.origin, shard=exposure.shard, employee=employee, state=state)
            self._deciders[exposure.shard].steer(record)

    def alert_level(self, budget_per_1000: float) -> float:
        """Return log10(1000 / B)."""
        return log10(1000.0 / budget_per_1000)

    def employee_bytes(self) -> list[int]:
        """Return the encoded size of each employee's state entry."""
        ours = employee_key("")
        entries = (entry for decider in self._deciders.values() for entry in decider.drain())
        return [len(value) for key, value in entries if key.startswith(ours)]
