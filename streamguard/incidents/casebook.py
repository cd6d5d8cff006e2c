"""All incidents: findings, what people say and what the topic already holds come in; out comes what it should hold.

Everything that comes in is joined to what is known: it may come twice, in another order, from somebody else who writes
the same topic. What is known therefore only grows, and incidents are a function of it. Whoever reads the topic to its
end and joins all of it knows what its writers knew.

Only age takes something away: incidents that are over, and older than the newest finding by the time for which they are
kept. That is a function of what is known as well. A record that was taken back is therefore no order to forget: who
still has a use for it writes it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.incidents.grouping import Grouping
from streamguard.incidents.incident import Incident
from streamguard.incidents.life import life_of
from streamguard.incidents.links import DAY_MS
from streamguard.incidents.members import joined_with
from streamguard.incidents.merged import incident_uid, what_is_left
from streamguard.incidents.pages import Page, member_key
from streamguard.incidents.reasons import FIRST, reasons
from streamguard.incidents.shelf import Shelf, Wave

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streamguard.incidents.incident import Member, Said
    from streamguard.incidents.links import IncidentRules

_NEVER: Final = -(2**63)
_encode = msgspec.json.Encoder(order="deterministic").encode


class Casebook:
    """Incidents as they are, and what of them the topic does not say yet.

    Parameters
    ----------
    rules
        How far apart findings of one incident may be, and for how long incidents are kept.
    """

    def __init__(self, rules: IncidentRules | None = None) -> None:
        self._grouping = Grouping(rules)
        self._said: dict[str, dict[str, Said]] = {}
        """By finding uid, then by id."""
        self._first_of: dict[str, str] = {}
        """The finding that an incident has its uid of, by incident uid."""
        self._shelf = Shelf()
        self._changed: set[str] = set()
        """Findings whose incidents must be made anew."""
        self._current: dict[str, Incident] = {}
        """Those that go on, by uid, as of the last refresh."""
        self._version = 0
        self._unwritten: set[str] = set()
        """Which of them may differ from what the topic holds."""
        self._gone: dict[str, None] = {}
        """Keys of what the topic holds of incidents that are no longer kept."""
        self._known_ms = _NEVER
        """Event time of the newest finding."""
        self._floor_ms = _NEVER
        """What is over and has no statement from then on is no longer kept; as of the last refresh."""

    # -- in

    def take_finding(self, member: Member) -> bool:
        """Take in one telling of a finding.

        Returns
        -------
        bool
            False if it is older than what incidents are kept for, and so was not taken in.
        """
        if not self.knows(member.finding_uid) and member.last_ms < self._floor():
            return False
        self._take(member)
        return True

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

    def knows(self, finding_uid: str) -> bool:
        """Tell whether a finding was taken in."""
        return finding_uid in self._grouping.members

    def take_record(self, record: Incident | Page) -> None:
        """Take in a record of the incidents topic: each key's in the order of its partition."""
        self._shelf.put(record)
        if isinstance(record, Page):
            self._grouping.unite([record.first, record.about])
            if record.member is not None:
                self._take(record.member)
            if record.said is not None:
                self._keep(record.first, record.said)
            # It may be more than the topic should hold.
            self._touch(record.about)
            return
        for member in record.members:
            self._take(member)
        uids = [member.finding_uid for member in record.members]
        self._grouping.unite(uids)
        self._changed.add(uids[0])
        for said in record.said:
            self._keep(uids[0], said)

    def take_removal(self, key: str) -> None:
        """Take in that a record was taken back: it may be one that is still needed."""
        about = self._shelf.remove(key)
        if about is not None:
            self._touch(about)

    def _take(self, member: Member) -> None:
        uid = member.finding_uid
        self._known_ms = max(self._known_ms, member.known_ms)
        self._first_of[incident_uid(uid)] = uid
        member = msgspec.structs.replace(member, joined=FIRST)
        before = self._grouping.members.get(uid)
        now = member if before is None else joined_with(before, member)
        if now != before:
            self._grouping.put(now)
            self._changed.add(uid)

    def _keep(self, finding_uid: str, said: Said) -> None:
        words = self._said.setdefault(finding_uid, {})
        # People say the same once more who do not know whether it arrived: the first time counts.
        words[said.id] = min(said, words.get(said.id, said), key=_order)
        self._touch(finding_uid)

    def _touch(self, finding_uid: str) -> None:
        if self.knows(finding_uid):
            self._changed.add(finding_uid)

    # -- out

    def drain(self) -> Iterator[Wave]:
        """Yield what the topic should hold and does not, as far as it was read: each wave when the one before is there.

        Pages come first, then incidents that go on, then what was merged into them, then what to take back: nothing is
        left out of a record before it is kept elsewhere.
        """
        self._refresh()
        unwritten, self._unwritten = self._unwritten, set()
        gone, self._gone = self._gone, {}
        found = [self._current[uid] for uid in sorted(unwritten) if uid in self._current]
        merged = [
            what_is_left(self._grouping.members[self._first_of[uid]], incident.uid)
            for incident in found
            for uid in self._others(incident)
        ]
        yield from self._shelf.waves(found, merged, gone)

    @property
    def is_settled(self) -> bool:
        """Whether nothing came in since the last drain."""
        return not self._changed and not self._unwritten and not self._gone

    @property
    def version(self) -> int:
        """Return a number that grows whenever incidents may have changed."""
        self._refresh()
        return self._version

    def incidents(self) -> list[Incident]:
        """Return the incidents that go on, by awareness: the oldest first."""
        self._refresh()
        return sorted(self._current.values(), key=lambda found: (found.aware_ms, found.uid))

    def find(self, uid: str) -> Incident | None:
        """Return the incident that a uid stands for now: maybe the one it was merged into; None: nobody knows it."""
        self._refresh()
        first = self._first_of.get(uid)
        return None if first is None else self._current[incident_uid(*self._grouping.firsts([first]))]

    def _refresh(self) -> None:
        changed, self._changed = self._changed, set()
        self._version += bool(changed)
        firsts = self._grouping.firsts(changed)
        for first in firsts:
            incident = self._incident(first)
            for member in incident.members:
                self._current.pop(incident_uid(member.finding_uid), None)
            self._current[incident.uid] = incident
            self._unwritten.add(incident.uid)
        floor_ms = self._floor()
        looked_at = list(self._current) if floor_ms > self._floor_ms else list(map(incident_uid, firsts))
        self._floor_ms = floor_ms
        for uid in looked_at:
            incident = self._current[uid]
            if incident.status.is_over and incident.span.to_ms <= floor_ms:
                self._remove(incident)

    def _floor(self) -> int:
        """Return the moment before which incidents that are over are no longer kept: it moves once a day."""
        if self._known_ms == _NEVER:
            return _NEVER
        return int(self._known_ms // DAY_MS * DAY_MS - self._grouping.rules.retention_days * DAY_MS)

    def _remove(self, incident: Incident) -> None:
        first = incident.members[0].finding_uid
        del self._current[incident.uid]
        self._unwritten.discard(incident.uid)
        for member in incident.members:
            uid = member.finding_uid
            del self._first_of[incident_uid(uid)]
            for key in (incident_uid(uid), member_key(uid), *self._shelf.words_of(uid)):
                if self._shelf.remove(key) is not None:
                    self._gone[key] = None
            self._said.pop(uid, None)
        self._grouping.forget(first)

    def _others(self, incident: Incident) -> Iterable[str]:
        """Return the uids under which the topic knows findings of an incident besides its own."""
        uids = (incident_uid(member.finding_uid) for member in incident.members[1:])
        return [uid for uid in uids if self._shelf.holds(uid)]

    def _incident(self, finding_uid: str) -> Incident:
        part = self._grouping.part(finding_uid)
        why = reasons(part, self._grouping.rules)
        members = tuple(msgspec.structs.replace(member, joined=why[member.finding_uid]) for member in part)
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


def _order(said: Said) -> tuple[int, bytes]:
    return (said.time_ms, _encode(said))
