"""One attack, before any log format has a word for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from streamguard.simulate.day import Session
    from streamguard.simulate.world_config import Scenario


class Incident(NamedTuple):
    """What one attack consists of."""

    scenario: Scenario
    sessions: tuple[Session, ...]
    distinct: bool
    """Whether every row is another person's."""
    strength: float | None
