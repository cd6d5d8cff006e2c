"""Health that tells the truth: alive is not ready, and ready is not caught up."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class RoleHealth:
    """What one agent can say of itself.

    Attributes
    ----------
    assigned_partitions
        Source partitions of its present assignment; 0 is normal for a spare worker, and not ready.
    recovered
        Whether state is restored and reading goes on.
    lag_records
        Records not read yet, over all its partitions.
    failure
        Why it cannot go on, if so.
    """

    assigned_partitions: int = 0
    recovered: bool = False
    lag_records: int = 0
    failure: str | None = None

    @property
    def is_ready(self) -> bool:
        """Whether it does its work now."""
        return self.failure is None and self.recovered and self.assigned_partitions > 0


@dataclass
class Health:
    """What the worker can say of itself: one `RoleHealth` per agent."""

    roles: dict[str, RoleHealth] = field(default_factory=dict)

    @property
    def is_alive(self) -> bool:
        """Whether no agent has failed. A worker that is not alive should be restarted."""
        return all(role.failure is None for role in self.roles.values())

    @property
    def is_ready(self) -> bool:
        """Whether every agent is assigned, recovered and reading."""
        return bool(self.roles) and all(role.is_ready for role in self.roles.values())

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain data, for JSON."""
        return {
            "alive": self.is_alive,
            "ready": self.is_ready,
            "roles": {name: asdict(role) | {"ready": role.is_ready} for name, role in sorted(self.roles.items())},
        }
