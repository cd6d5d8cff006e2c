"""Why each finding of an incident belongs to it: the most telling thing that it shares with one told before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.incidents.links import KINDS, alike, samples, traces
from streamguard.incidents.stretches import Stretches

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamguard.incidents.incident import Member
    from streamguard.incidents.links import IncidentRules, Sample

FIRST = "first"


def reasons(members: Sequence[Member], rules: IncidentRules) -> dict[str, str]:
    """Return why each finding belongs to those of its incident.

    Parameters
    ----------
    members
        Of one incident, by the time they were first told.
    rules
        How far apart they may be.

    Returns
    -------
    dict of str to str
        By finding uid: one of `KINDS`. The first one is ``first``, and whatever is known only to belong to it.
    """
    found = dict.fromkeys((member.finding_uid for member in members), FIRST)
    earlier = _Seen(rules)
    later = _Seen(rules)
    earlier.explain(members, found)
    if FIRST in list(found.values())[1:]:
        later.explain(reversed(members[1:]), found)
    return found


class _Seen:
    """What findings shared so far."""

    def __init__(self, rules: IncidentRules) -> None:
        self._rules = rules
        self._traces: dict[tuple[str, str], Stretches] = {}
        self._samples: dict[str, list[Sample]] = {}

    def explain(self, members: Iterable[Member], found: dict[str, str]) -> None:
        """Say of each finding for which there is no reason yet why it belongs to those before it."""
        for member in members:
            if found[member.finding_uid] == FIRST:
                found[member.finding_uid] = self._kind(member)
            self._add(member)

    def _kind(self, member: Member) -> str:
        shared = {
            trace.kind
            for trace in traces(member)
            if (near := self._traces.get(trace[:2])) is not None and near.touch(trace.start_ms, trace.end_ms)
        }
        if KINDS[0] not in shared and self._shares_people(member):
            shared.add("subjects")
        return min(shared, key=KINDS.index, default=FIRST)

    def _shares_people(self, member: Member) -> bool:
        for sample in samples(member):
            compared: set[Sample] = set()
            for value in sample.hashes:
                for other in reversed(self._samples.get(value, ())):
                    if other not in compared and alike(sample, other, self._rules):
                        return True
                    compared.add(other)
        return False

    def _add(self, member: Member) -> None:
        for trace in traces(member):
            if trace[:2] not in self._traces:
                self._traces[trace[:2]] = Stretches(self._rules.slack_ms(trace.kind))
            self._traces[trace[:2]].add(trace.start_ms, trace.end_ms, member.finding_uid)
        for sample in samples(member):
            for value in sample.hashes:
                self._samples.setdefault(value, []).append(sample)
