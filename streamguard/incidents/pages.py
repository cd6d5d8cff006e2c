"""What of an incident fits into its record, and what stands beside it: Kafka's records are small, not all incidents.

The record of an incident holds all of it as long as that is little. Of a large one it holds the first finding and the
worst, what was said and what happened last, and what all findings come to; every other finding, and what else was said,
is a page: a record of its own. So nothing is forgotten, whoever reads the topic joins both, and a finding more in an
incident of thousands is two records of a bounded size.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeVar

import msgspec

from streamguard.incidents.incident import SEVERITIES, Incident, Member, Said, Totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MEMBER_BYTES = 160 * 1024
"""Of findings in the record of an incident: besides the first and the worst, which are always there."""
SAID_BYTES = 128 * 1024
HISTORY_BYTES = 96 * 1024
NAMED_EMPLOYEES = 100
NAMED_DETECTORS = 50
_LEAST_MEMBERS = 2
_T = TypeVar("_T")
_encode = msgspec.json.Encoder().encode


class Page(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A finding of a large incident, or words about one, that are not in the incident's own record."""

    first: str
    """Uid of a finding of the incident."""
    member: Member | None = None
    said: Said | None = None

    @property
    def key(self) -> str:
        """Of its record. Pages of the same key tell of the same finding, or are the same words."""
        if self.member is not None:
            return member_key(self.member.finding_uid)
        return f"words/{self.first}/{self.said.id if self.said is not None else ''}"

    @property
    def about(self) -> str:
        """The finding by which it is known which incident it belongs to."""
        return self.first if self.member is None else self.member.finding_uid


def member_key(finding_uid: str) -> str:
    """Return the key of the page of a finding."""
    return f"finding/{finding_uid}"


def record_of(incident: Incident) -> Incident:
    """Return an incident as its own record holds it: as it is, if it is not large; else of bounded size."""
    members = _members(incident)
    said = tuple(_last_that_fit(incident.said, SAID_BYTES))
    history = (*incident.history[:1], *_last_that_fit(incident.history[1:], HISTORY_BYTES))
    totals = totals_of(incident) if len(members) < len(incident.members) else None
    return msgspec.structs.replace(incident, members=members, said=said, history=history, totals=totals)


def pages_of(incident: Incident, record: Incident) -> Iterator[Page]:
    """Yield what an incident has and its record has not."""
    first = incident.members[0].finding_uid
    held = {member.finding_uid for member in record.members}
    for member in incident.members:
        if member.finding_uid not in held:
            # Why it is here follows from the others, and may change with them.
            yield Page(first=first, member=msgspec.structs.replace(member, joined="first"))
    said = {one.id for one in record.said}
    for one in incident.said:
        if one.id not in said:
            yield Page(first=first, said=one)


def totals_of(incident: Incident) -> Totals:
    """Return what the findings of an incident come to."""
    members = incident.members
    return Totals(
        findings=len(members),
        employees=len(incident.employees),
        first_ms=incident.span.from_ms,
        last_ms=incident.span.to_ms - 1,
        by_employee=_most((member.employee for member in members), NAMED_EMPLOYEES),
        by_detector=_most((name for member in members for name in member.detectors), NAMED_DETECTORS),
        by_severity=_most((member.severity for member in members), len(SEVERITIES)),
    )


def _members(incident: Incident) -> tuple[Member, ...]:
    """Return the first finding and the worst, in their order."""
    first, *others = incident.members
    others.sort(key=lambda member: -SEVERITIES.index(member.severity))
    held, room = {first.finding_uid}, MEMBER_BYTES - len(_encode(first))
    for member in others:
        room -= len(_encode(member))
        if room < 0 and len(held) >= _LEAST_MEMBERS:
            break
        held.add(member.finding_uid)
    return tuple(member for member in incident.members if member.finding_uid in held)


def _last_that_fit(found: tuple[_T, ...], room: int) -> Iterable[_T]:
    kept = len(found)
    while kept and (room := room - len(_encode(found[kept - 1]))) >= 0:
        kept -= 1
    return found[kept:]


def _most(names: Iterable[str], most: int) -> dict[str, int]:
    found = sorted(Counter(names).items(), key=lambda one: (-one[1], one[0]))
    return dict(found[:most])
