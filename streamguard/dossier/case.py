"""What a dossier is made of, besides the exposures."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from streamguard.dossier.exact import Exact
from streamguard.dossier.replays import Replay
from streamguard.incidents import Incident
from streamguard.scope import ScopeReport


class Controller(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers for the data. None: the settings do not say, and the dossier asks for it."""

    name: str | None = None
    address: str | None = None
    officer: str | None = None
    """Data protection officer, or another contact point."""
    contact: str | None = None
    """How to reach that person."""
    authority: str | None = None
    """The supervisory authority that is competent."""


class LogFact(msgspec.Struct, frozen=True, kw_only=True):
    """What monitoring knows of a source during the incident, and the statements themselves do not tell."""

    source: str
    """A topic, or what else it is about."""
    text: str
    """What was looked at, in words without numbers."""
    amount: int = 0
    unit: str = ""
    """Of the amount, as `Figure.unit`."""
    is_fault: bool = False
    """Whether something may be missing because of it."""
    query: str = ""
    """What monitoring was asked."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """An incident with what is known of it."""

    incident: Incident
    report: ScopeReport
    """Of all of the incident's employees together, over the incident's time."""
    each: Mapping[str, ScopeReport] = {}
    """Of each employee alone, where it was worked out."""
    now_ms: int
    """The moment for which the dossier is made."""
    controller: Controller = Controller()
    time_zone: str = "UTC"
    """IANA name; in it times are written."""
    day_start_local_hours: int = 4
    """When a behavioural day begins."""
    subject_types: tuple[str, ...] = ()
    """Whose data the tables within reach hold: ``customer``, ``patient``, ..."""
    replays: tuple[Replay, ...] = ()
    """How early it could have been known."""
    exact: Exact | None = None
    """What was counted in the databases themselves."""
    complete_until_ms: int | None = None
    """Up to when the ledger had taken in every partition."""
    log_facts: tuple[LogFact, ...] = ()
