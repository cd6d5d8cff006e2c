"""One attack, before any log format has a word for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from streamguard.simulate.config import Scenario
    from streamguard.simulate.workday import Session


class Incident(NamedTuple):
    """What one attack consists of."""

    scenario: Scenario
    sessions: tuple[Session, ...]
    distinct: bool
    """Whether every row is another person's."""
    strength: float | None
