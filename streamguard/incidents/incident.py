"""An incident as it is kept, and the history of what people did about it."""

from __future__ import annotations

from enum import IntEnum

import msgspec

from streamguard.activity import VerdictId
from streamguard.ledger import Span


class IncidentStatus(IntEnum):
    """OCSF's ``status_id`` of an Incident Finding (2005)."""

    NEW = 1
    IN_PROGRESS = 2
    ON_HOLD = 3
    RESOLVED = 4
    CLOSED = 5

    @property
    def is_over(self) -> bool:
        """Whether nobody has anything left to do."""
        return self >= IncidentStatus.RESOLVED


class Sighting(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, order=True):
    """One telling of a finding, as far as it can be set beside others."""

    time_ms: int
    """Event time of the statement that made it worth telling."""
    first_ms: int
    """Event time of the first statement that it is about."""
    subjects: tuple[str, ...] = ()
    """Sample of the people that its statement named (`streamguard.findings.links.subject_sample`)."""
    shapes: tuple[str, ...] = ()
    """Fingerprints that were new to the employee and known to few of the peers, or to none."""
    tools: tuple[str, ...] = ()
    """Programs, likewise."""
    news: tuple[str, ...] = ()
    """Everything that was new to the employee, as ``kind:name``."""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A finding in an incident, as its last update tells it."""

    finding_uid: str
    employee: str
    shard: str
    severity: str
    detectors: tuple[str, ...]
    first_ms: int
    """Event time of the first statement that the finding is about."""
    last_ms: int
    told_ms: int
    """Event time at which the finding was first told."""
    joined: str
    """Why it belongs: ``first``, ``employee``, ``subjects``, ``tool``, ``shape`` or ``window``."""
    title: str = ""
    message: str = ""
    """In plain words."""
    sightings: tuple[Sighting, ...] = ()
    """By time: every telling counts, for what once belonged together stays together."""
    newest_ms: int = 0
    """Event time of the statement that was the last to make it worth telling."""
    known_ms: int = 0
    """Event time of its last statement, no later than Kafka had it: by this the age of incidents is told."""


class Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person said of an incident at once; None: nothing about that."""

    time_ms: int
    """Kafka time of the record."""
    id: str
    author: str
    status: IncidentStatus | None = None
    verdict: VerdictId | None = None
    assignee: str | None = None
    """Empty: nobody any more."""
    comment: str | None = None
    findings: tuple[str, ...] = ()
    """Of which findings it was said: those that the incident had when the person looked at it."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to an incident."""

    time_ms: int
    author: str
    """``streamguard`` where no person did it."""
    what: str
    """``opened``, ``finding``, ``status``, ``verdict``, ``assignee``, ``comment``, ``merged``."""
    detail: str = ""


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """What all findings of an incident come to, where a record of it does not hold all of them."""

    findings: int
    employees: int
    first_ms: int
    """Event time of the first statement of any finding."""
    last_ms: int
    by_employee: dict[str, int]
    """Findings, of those with the most of them."""
    by_detector: dict[str, int]
    by_severity: dict[str, int]


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """Findings of one employee, or of several who share subjects, tool, statement shape or a narrow time window."""

    uid: str
    members: tuple[Member, ...]
    """By the time they were first told; in a record of a large incident the first one and the worst."""
    history: tuple[Change, ...]
    """In a record of a large incident how it began, and what was last."""
    status: IncidentStatus = IncidentStatus.NEW
    verdict: VerdictId = VerdictId.UNKNOWN
    assignee: str | None = None
    merged_into: str | None = None
    """The incident that this one turned out to be part of: that one goes on."""
    said: tuple[Said, ...] = ()
    """What the history has of people, as they said it; in a record of a large incident what was said last."""
    totals: Totals | None = None
    """In a record that does not hold all findings; None: they are all there."""

    @property
    def findings(self) -> int:
        """How many findings it has."""
        return len(self.members) if self.totals is None else self.totals.findings

    @property
    def employees(self) -> tuple[str, ...]:
        """Who is in it, in the order in which they came in."""
        return tuple(dict.fromkeys(member.employee for member in self.members))

    @property
    def span(self) -> Span:
        """From the first statement of any finding to the last."""
        if self.totals is not None:
            return Span(self.totals.first_ms, self.totals.last_ms + 1)
        return Span(min(member.first_ms for member in self.members), max(member.last_ms for member in self.members) + 1)

    @property
    def aware_ms(self) -> int:
        """When the first of its findings was told: from then on the controller can be said to be aware."""
        return min(member.told_ms for member in self.members)

    @property
    def severity(self) -> str:
        """Of the worst of its findings: OCSF's name in lower case."""
        return max((member.severity for member in self.members), key=SEVERITIES.index)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do with it."""
        return self.merged_into is None and not self.status.is_over


SEVERITIES = ("unknown", "informational", "low", "medium", "high", "critical", "fatal")
"""OCSF's severities but ``other``, in lower case, by ``severity_id``."""
