"""What the incidents topic holds, key by key, and what it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from streamguard.incidents.pages import Page, member_key, pages_of, record_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from streamguard.incidents.incident import Incident


class TopicRecord(NamedTuple):
    """One record of the incidents topic."""

    key: str
    holds: Incident | Page | None
    """None: what was there is taken back."""


Wave: TypeAlias = "list[TopicRecord]"


class Shelf:
    """The newest record of each key, as far as the topic was read."""

    def __init__(self) -> None:
        self._held: dict[str, Incident | Page] = {}
        self._words: dict[str, dict[str, None]] = {}
        """Keys of words, by the finding that they stand with."""

    def holds(self, key: str) -> bool:
        """Tell whether there is a record of a key."""
        return key in self._held

    def put(self, record: Incident | Page) -> None:
        """Note what was read."""
        key = record.key if isinstance(record, Page) else record.uid
        self._held[key] = record
        if isinstance(record, Page) and record.said is not None:
            self._words.setdefault(record.first, {})[key] = None

    def remove(self, key: str) -> str | None:
        """Note that a record was taken back; return the finding that it was about, None if there was no record."""
        record = self._held.pop(key, None)
        if not isinstance(record, Page):
            return None if record is None else record.members[0].finding_uid
        words = self._words.get(record.first)
        if words is not None:
            words.pop(key, None)
            if not words:
                del self._words[record.first]
        return record.about

    def words_of(self, finding_uid: str) -> Sequence[str]:
        """Return the keys of the words that stand with a finding."""
        return list(self._words.get(finding_uid, ()))

    def waves(self, going_on: Iterable[Incident], merged: Iterable[Incident], gone: Iterable[str]) -> Iterator[Wave]:
        """Yield what to write, each wave when the one before is on the topic.

        Parameters
        ----------
        going_on
            Incidents that changed.
        merged
            What is left of others that turned out to be part of them.
        gone
            Keys to take back besides pages that are no longer needed.
        """
        pages: Wave = []
        records: Wave = []
        needless: Wave = [TopicRecord(key, None) for key in gone]
        for incident in going_on:
            record = record_of(incident)
            needed = {page.key: page for page in pages_of(incident, record)}
            pages += [TopicRecord(key, page) for key, page in needed.items() if not self._tells(page)]
            records += self._new([record])
            needless += [TopicRecord(key, None) for key in self._pages_held(incident, needed)]
        for wave in (pages, records, self._new(merged), needless):
            if wave:
                yield wave

    def _new(self, incidents: Iterable[Incident]) -> Wave:
        return [TopicRecord(one.uid, one) for one in incidents if self._held.get(one.uid) != one]

    def _tells(self, page: Page) -> bool:
        held = self._held.get(page.key)
        # Any finding of the incident will do for telling which one it is.
        return isinstance(held, Page) and (held.member, held.said) == (page.member, page.said)

    def _pages_held(self, incident: Incident, needed: Mapping[str, Page]) -> Iterator[str]:
        """Yield the keys of pages that the topic holds of an incident beyond those needed."""
        for member in incident.members:
            uid = member.finding_uid
            for key in (member_key(uid), *self._words.get(uid, ())):
                if key in self._held and key not in needed:
                    yield key
