"""Which findings belong together: the connected parts of a graph whose edges are told by `streamguard.incidents.links`.

An edge is a question about two findings alone and never goes away, so the parts are a function of the set of findings:
no order, no repetition and no restart changes them. Only parts are kept, not edges, and a finding is compared with the
parts that it may join, not with every finding in them: an incident of many thousands costs no more for each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.incidents.links import IncidentRules, alike, samples, traces
from streamguard.incidents.stretches import Stretches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamguard.incidents.incident import Member
    from streamguard.incidents.links import Sample


class _Part:
    """Findings that belong together."""

    def __init__(self, finding_uid: str) -> None:
        self.uids = {finding_uid}
        self.samples: dict[Sample, None] = {}
        """Of people that their statements named."""


class Grouping:
    """Findings, and the parts that they form so far.

    Parameters
    ----------
    rules
        How far apart findings may be.
    """

    def __init__(self, rules: IncidentRules | None = None) -> None:
        self.rules = rules or IncidentRules()
        self.members: dict[str, Member] = {}
        """By finding uid, as everything told of them says together."""
        self._parts: dict[str, _Part] = {}
        """By finding uid, also of findings that are known only to belong to others."""
        self._traces: dict[tuple[str, str], Stretches] = {}
        self._sampled: dict[str, dict[_Part, dict[Sample, None]]] = {}
        """By hash of a person: who named it."""

    def part(self, finding_uid: str) -> list[Member]:
        """Return the findings that belong together with one, itself included, by the time they were first told."""
        known = self.members
        return sorted((known[uid] for uid in self._parts[finding_uid].uids if uid in known), key=place)

    def firsts(self, finding_uids: Iterable[str]) -> list[str]:
        """Return the first finding of each part that some of these are in."""
        parts = {id(part): part for part in (self._parts[uid] for uid in finding_uids)}
        known = self.members
        found = (min((known[uid] for uid in part.uids if uid in known), key=place) for part in parts.values())
        return sorted(member.finding_uid for member in found)

    def put(self, member: Member) -> None:
        """Take in what is known of a finding now, which must hold all that was known before."""
        uid = member.finding_uid
        before = self.members.get(uid)
        self.members[uid] = member
        part = self._part(uid)
        for trace in traces(member):
            if trace[:2] not in self._traces:
                self._traces[trace[:2]] = Stretches(self.rules.slack_ms(trace.kind))
            for other in self._traces[trace[:2]].add(trace.start_ms, trace.end_ms, uid):
                part = self._unite(part, self._parts[other])
        known = () if before is None else set(samples(before))
        for sample in samples(member):
            if sample not in known:
                part = self._compare(part, sample)

    def unite(self, finding_uids: Iterable[str]) -> None:
        """Put findings together that are known to be one incident, also those that are not known themselves yet."""
        first, *others = finding_uids
        for other in others:
            self._unite(self._part(first), self._part(other))

    def forget(self, finding_uid: str) -> None:
        """Forget a finding with all that belong together with it."""
        part = self._parts[finding_uid]
        for uid in part.uids:
            del self._parts[uid]
            member = self.members.pop(uid, None)
            for name in {trace[:2] for trace in traces(member)} if member is not None else ():
                left = self._traces.get(name)
                if left is not None:
                    left.forget(part.uids)
                    if not left:
                        del self._traces[name]
        for value in {value for sample in part.samples for value in sample.hashes}:
            del self._sampled[value][part]
            if not self._sampled[value]:
                del self._sampled[value]

    def _part(self, finding_uid: str) -> _Part:
        part = self._parts.get(finding_uid)
        if part is None:
            part = self._parts[finding_uid] = _Part(finding_uid)
        return part

    def _compare(self, part: _Part, sample: Sample) -> _Part:
        """Put a part together with those that named the same people as it just did."""
        for other in dict.fromkeys(other for value in sample.hashes for other in self._sampled.get(value, ())):
            if other is not part and self._named_alike(sample, other):
                part = self._unite(part, other)
        part.samples[sample] = None
        for value in sample.hashes:
            self._sampled.setdefault(value, {}).setdefault(part, {})[sample] = None
        return part

    def _named_alike(self, sample: Sample, part: _Part) -> bool:
        compared: set[Sample] = set()
        for value in sample.hashes:
            # The newest first: they are near in time more often.
            for one in reversed(self._sampled.get(value, {}).get(part, {})):
                if one not in compared and alike(sample, one, self.rules):
                    return True
                compared.add(one)
        return False

    def _unite(self, one: _Part, other: _Part) -> _Part:
        if one is other:
            return one
        small, large = sorted((one, other), key=lambda part: len(part.uids))
        large.uids |= small.uids
        for uid in small.uids:
            self._parts[uid] = large
        for sample in small.samples:
            large.samples[sample] = None
            for value in sample.hashes:
                named = self._sampled[value]
                named.setdefault(large, {}).update(named.pop(small, {}))
        return large


def place(member: Member) -> tuple[int, str]:
    """Return where a finding stands among those of its incident."""
    return (member.told_ms, member.finding_uid)
