"""Which findings belong together: the connected parts of a graph whose edges are `streamguard.incidents.links.link`.

An edge is a question about two findings alone and never goes away, so the parts are a function of the set of findings:
no order, no repetition and no restart changes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.incidents.links import KINDS, LinkRules, link, traces

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamguard.incidents.incident import Member


class Grouping:
    """Findings, and the parts that they form so far.

    Parameters
    ----------
    rules
        How far apart findings may be.
    """

    def __init__(self, rules: LinkRules | None = None) -> None:
        self._rules = rules or LinkRules()
        self.members: dict[str, Member] = {}
        """By finding uid, as everything told of them says together."""
        self._parts: dict[str, set[str]] = {}
        """By finding uid; those of one part share the set."""
        self._links: dict[str, dict[str, str]] = {}
        """By finding uid: the others that it belongs to, and how."""
        self._found_by: dict[tuple[str, str], set[str]] = {}

    def part(self, finding_uid: str) -> list[Member]:
        """Return the findings that belong together with one, itself included, by the time they were first told."""
        return sorted((self.members[uid] for uid in self._parts[finding_uid]), key=place)

    def put(self, member: Member) -> None:
        """Take in what is known of a finding now, which must hold all that was known before."""
        uid = member.finding_uid
        before = self.members.get(uid)
        self.members[uid] = member
        self._parts.setdefault(uid, {uid})
        self._links.setdefault(uid, {})
        for trace in traces(member) if before is None else traces(member) - traces(before):
            self._found_by.setdefault(trace, set()).add(uid)
        for other in self._near(member):
            kind = link(member, self.members[other], self._rules)
            if kind is not None:
                self._links[uid][other] = self._links[other][uid] = kind
                self._unite(uid, other)

    def unite(self, finding_uids: Iterable[str]) -> None:
        """Put findings together that are known to be one incident."""
        first, *others = finding_uids
        for other in others:
            self._unite(first, other)

    def why(self, member: Member) -> str:
        """Return why a finding belongs to those of its part that were told before it, or else to any of them."""
        found = [
            (place(self.members[uid]) > place(member), KINDS.index(kind))
            for uid, kind in self._links[member.finding_uid].items()
        ]
        return KINDS[min(found)[1]] if found else "first"

    def _near(self, member: Member) -> set[str]:
        near = set().union(*(self._found_by[trace] for trace in traces(member)))
        near.discard(member.finding_uid)
        return near

    def _unite(self, one: str, other: str) -> None:
        small, large = sorted((self._parts[one], self._parts[other]), key=len)
        if small is large:
            return
        large |= small
        for uid in small:
            self._parts[uid] = large


def place(member: Member) -> tuple[int, str]:
    """Return where a finding stands among those of its incident."""
    return (member.told_ms, member.finding_uid)
