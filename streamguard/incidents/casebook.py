"""All incidents: findings, what people say and what the topic already holds come in; out comes what it should hold.

Everything that comes in is joined to what is known: it may come twice, in another order, from somebody else who writes
the same topic. What is known therefore only grows, and incidents are a function of it. Whoever reads the topic to its
end and joins all of it knows what its writers knew.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from streamguard.activity import VerdictId
from streamguard.incidents.grouping import Grouping
from streamguard.incidents.incident import Change, Incident, IncidentStatus
from streamguard.incidents.life import OURSELVES, life_of
from streamguard.incidents.members import joined_with

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streamguard.incidents.incident import Member, Said
    from streamguard.incidents.links import LinkRules


_encode = msgspec.json.Encoder(order="deterministic").encode


def incident_uid(finding_uid: str) -> str:
    """Return the uid that an incident has whose first finding is this one: ``inc-`` and 16 hexadecimal digits."""
    text = finding_uid.encode("utf-8", "replace")
    return "inc-" + blake2b(text, digest_size=8, person=b"streamguard.inci").hexdigest()


class Casebook:
    """Incidents as they are, and what of them the topic does not say yet.

    Parameters
    ----------
    rules
        How far apart findings of one incident may be.
    """

    def __init__(self, rules: LinkRules | None = None) -> None:
        self._grouping = Grouping(rules)
        self._said: dict[str, dict[str, Said]] = {}
        """By finding uid, then by id."""
        self._first_of: dict[str, str] = {}
        """The finding that an incident has its uid of, by incident uid."""
        self._on_topic: dict[str, Incident] = {}
        self._changed: set[str] = set()
        """Findings whose incidents must be made anew."""
        self._current: dict[str, Incident] = {}
        """Those that go on, by uid, as of the last refresh."""
        self._unwritten: set[str] = set()
        """Which of them may differ from what the topic holds."""

    # -- in

    def take_finding(self, member: Member) -> None:
        """Take in one telling of a finding."""
        uid = member.finding_uid
        self._first_of[incident_uid(uid)] = uid
        member = msgspec.structs.replace(member, joined="first")
        before = self._grouping.members.get(uid)
        now = member if before is None else joined_with(before, member)
        if now != before:
            self._grouping.put(now)
            self._changed.add(uid)

    def take_said(self, uid: str, said: Said) -> str | None:
        """Take in what a person said of an incident, whether or not its findings are known already.

        Returns
        -------
        str or None
            The finding that the incident has its uid of. None if it is not among those that it was said of: then it
            cannot be told which incident is meant, and nothing was taken in.
        """
        first = next((finding for finding in said.findings if incident_uid(finding) == uid), None)
        if first is not None:
            self._keep(first, said)
        return first

    def _keep(self, finding_uid: str, said: Said) -> None:
        words = self._said.setdefault(finding_uid, {})
        # People say the same once more who do not know whether it arrived: the first time counts.
        words[said.id] = min(said, words.get(said.id, said), key=_order)
        if finding_uid in self._grouping.members:
            self._changed.add(finding_uid)

    def knows(self, finding_uid: str) -> bool:
        """Tell whether a finding was taken in."""
        return finding_uid in self._grouping.members

    def take_record(self, incident: Incident) -> None:
        """Take in a record of the incidents topic: the newest of its uid, read in the order of its partition."""
        for member in incident.members:
            self.take_finding(member)
        uids = [member.finding_uid for member in incident.members]
        self._grouping.unite(uids)
        self._changed.add(uids[0])
        for said in incident.said:
            self._keep(uids[0], said)
        self._on_topic[incident.uid] = incident

    # -- out

    def drain(self) -> Iterator[Incident]:
        """Yield what the topic should hold and does not, as far as it was read.

        Incidents that go on come first: what was merged is forgotten only when it is kept there.
        """
        self._refresh()
        unwritten, self._unwritten = self._unwritten, set()
        found = [self._current[uid] for uid in sorted(unwritten) if uid in self._current]
        merged = [self._merged(uid, incident.uid) for incident in found for uid in self._others(incident)]
        for incident in (*found, *merged):
            if self._on_topic.get(incident.uid) != incident:
                yield incident

    @property
    def is_settled(self) -> bool:
        """Whether nothing came in since the last drain."""
        return not self._changed and not self._unwritten

    def incidents(self) -> list[Incident]:
        """Return the incidents that go on, by awareness: the oldest first."""
        self._refresh()
        return sorted(self._current.values(), key=lambda found: (found.aware_ms, found.uid))

    def find(self, uid: str) -> Incident | None:
        """Return the incident that a uid stands for now: maybe the one it was merged into; None: nobody knows it."""
        self._refresh()
        first = self._first_of.get(uid)
        return None if first is None else self._current[incident_uid(self._grouping.part(first)[0].finding_uid)]

    def _refresh(self) -> None:
        changed, self._changed = self._changed, set()
        firsts = {self._grouping.part(uid)[0].finding_uid for uid in changed}
        for first in firsts:
            incident = self._incident(first)
            for member in incident.members:
                self._current.pop(incident_uid(member.finding_uid), None)
            self._current[incident.uid] = incident
            self._unwritten.add(incident.uid)

    def _others(self, incident: Incident) -> Iterable[str]:
        """Return the uids under which the topic knows findings of an incident besides its own."""
        uids = (incident_uid(member.finding_uid) for member in incident.members[1:])
        return [uid for uid in uids if uid in self._on_topic]

    def _incident(self, finding_uid: str) -> Incident:
        part = self._grouping.part(finding_uid)
        why = self._grouping.why
        members = tuple(
            msgspec.structs.replace(member, joined=why(member) if number else "first")
            for number, member in enumerate(part)
        )
        words: dict[str, Said] = {}
        for member in part:
            # The same words may stand with several findings: the topic tells only of which incident they were said.
            for one in self._said.get(member.finding_uid, {}).values():
                words[one.id] = min(one, words.get(one.id, one), key=_order)
        said = tuple(sorted(words.values(), key=_order))
        status, verdict, assignee, history = life_of(members, said)
        return Incident(
            uid=incident_uid(part[0].finding_uid),
            members=members,
            history=history,
            status=status,
            verdict=verdict,
            assignee=assignee,
            said=said,
        )

    def _merged(self, uid: str, into: str) -> Incident:
        """Return what is left of an incident that turned out to be part of another."""
        first = self._grouping.members[self._first_of[uid]]
        opened, *_ = life_of((first,), ()).history
        merged = Change(time_ms=first.told_ms, author=OURSELVES, what="merged", detail=f"into {into}")
        return Incident(
            uid=uid,
            members=(first,),
            history=(opened, merged),
            status=IncidentStatus.CLOSED,
            verdict=VerdictId.DUPLICATE,
            merged_into=into,
        )


def _order(said: Said) -> tuple[int, bytes]:
    return (said.time_ms, _encode(said))
