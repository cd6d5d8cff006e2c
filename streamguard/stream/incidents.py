"""The incidents agent: findings and what people say in, incidents out.

Which incidents there are is a function of the set of findings, and what comes in is joined to what is known
(`streamguard.incidents.casebook`). So there is no owner and no fence: every worker reads the whole incidents topic, and
writes what it knows and the topic does not. Two who write the same incident at once read each other's record, and both
come to write the same. Offsets are committed when what they brought is on the topic.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson

from streamguard.activity import Origin, RawRecord, Rejected, VerdictId
from streamguard.feedback import FeedbackReason, GivenIncident, read_given
from streamguard.incidents import Incident, IncidentStatus, Said, incident_finding, page_event, read_finding
from streamguard.stream.consumer import Safe
from streamguard.stream.deadletter import letter
from streamguard.stream.role import Role
from streamguard.stream.writer import Outgoing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from faust.types import TP

    from streamguard.incidents import TopicRecord
    from streamguard.stream.incidentlog import IncidentLog
    from streamguard.stream.resume import Resume

LOOK_SECONDS = 1.0
"""Between two looks at what others wrote, when there is nothing to write."""
WAIT_MS = 24 * 3_600_000
"""Of Kafka's time: words about a finding that did not come within it are about none that there is, or is kept."""


class Incidents(Role):
    """Groups findings.

    Parameters
    ----------
    log
        Follows the incidents topic.
    findings_topic, feedback_topic
        What to read; no feedback topic: nobody says anything.
    deadletter_topic
        Where to write what nobody can use.
    topic_ids
        Asks Kafka for the identities of topics by name; may block. None: the broker knows none.
    """

    name = "incidents"

    def __init__(
        self,
        *args: Any,
        log: IncidentLog,
        findings_topic: str,
        feedback_topic: str | None,
        deadletter_topic: str,
        topic_ids: Callable[[Iterable[str]], Mapping[str, str]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._log = log
        self._casebook = log.casebook
        self._findings_topic = findings_topic
        self._sources = [topic for topic in (findings_topic, feedback_topic) if topic is not None]
        self._deadletter_topic = deadletter_topic
        self._ask_topic_ids = topic_ids
        self._topic_ids: Mapping[str, str] = {}
        self._letters: list[Outgoing] = []
        self._waiting: dict[TP, dict[int, tuple[str, Any]]] = {}
        """By offset, what was said of findings that are not there yet: the finding, the record."""
        self._kafka_ms = 0
        """The newest Kafka time that was read."""
        self._looked_at = 0.0
        self._counted = -1
        """Version of the casebook that the metrics are of."""

    # -- life

    async def start(self) -> None:
        """Learn the incidents, then start reading."""
        await self._log.start()
        await super().start()

    async def stop(self) -> None:
        """Write what was gathered and leave the group."""
        await super().stop()
        await self._log.stop()

    # -- tenure

    async def prepare(self) -> None:
        """Learn the identities of the topics: one of the same name may be another log."""
        if self._ask_topic_ids is not None:
            self._topic_ids = await asyncio.to_thread(self._ask_topic_ids, [*self._sources, self._log.topic])

    def is_same_log(self, tp: TP, metadata: str) -> bool:
        """Tell whether a committed position is of this log and of these incidents: else incidents are made anew."""
        return not metadata or not self._topic_ids or metadata == self._metadata(tp)

    def _metadata(self, tp: TP) -> str:
        known = self._topic_ids
        return f"{known.get(tp.topic, '')} {known.get(self._log.topic, '')}" if known else ""

    def begin(self, tp: TP, resume: Resume) -> None:
        """Begin where the predecessor stopped."""
        if resume.broken is not None:
            self.metrics.log_broken(tp.topic, resume.broken.value, resume.lost_records)
        self.consumer.declare_safe(tp, Safe(resume.offset, self._metadata(tp)))

    def drop(self) -> None:
        """Forget what was to be declared; what is known of incidents stays true."""
        self._letters.clear()
        self._waiting.clear()

    # -- reading

    def take_in(self, tp: TP, records: Sequence[Any]) -> int | None:
        """Take in findings, or what people say."""
        self._kafka_ms = max([self._kafka_ms, *(record.timestamp or 0 for record in records)])
        take = self._take_finding if tp.topic == self._findings_topic else self._take_said
        return max((time_ms for record in records if (time_ms := take(tp, record)) is not None), default=None)

    def _take_finding(self, tp: TP, record: Any) -> int | None:
        member = read_finding(record.value or b"", record.timestamp)
        if member is None:
            detail = "The findings topic is written by StreamGuard only; somebody else wrote this record."
            self._reject(tp, record, "not_a_finding", detail)
            return None
        if not self._casebook.take_finding(member):
            detail = "Incidents are kept for incidents.retention_days, and this finding is older than that."
            self._reject(tp, record, "finding_too_old", detail)
        return member.last_ms

    def _take_said(self, tp: TP, record: Any) -> None:
        given = read_given(record.key, record.value or b"")
        # Other words are ingest's business, and so are dead letters of what nobody can read.
        if not isinstance(given, GivenIncident):
            return
        first = self._casebook.take_said(given.incident, _said(given, max(record.timestamp or 0, 0)))
        if first is None:
            detail = "An incident has its id of its first finding, which is not among the findings given."
            self._reject(tp, record, FeedbackReason.INCIDENT, detail)
        elif not self._casebook.knows(first):
            self._waiting.setdefault(tp, {})[record.offset] = (first, record)

    def _reject(self, tp: TP, record: Any, reason: str, detail: str) -> None:
        self.metrics.rejected(reason)
        origin = Origin(tp.topic, tp.partition, 0, record.offset, 0)
        raw = RawRecord(tp.topic, tp.partition, 0, record.offset, record.timestamp, record.value or b"")
        self._letters.append(letter(Rejected(origin, reason, detail), raw))

    # -- writing

    async def write(self) -> None:
        """Write incidents that the topic does not hold as they are, then declare what they were made of.

        One wave is there before the next begins (`Casebook.drain`): a crash in between leaves a finding in two records
        of the topic, never in none, and the successor writes the rest.
        """
        await self._log.look()
        # No await from here on to the writes: what was taken in so far is what is written and declared.
        positions = {tp: self._safe_offset(tp) for tp in self.positions}
        letters, self._letters = self._letters, []
        for wave in list(self._casebook.drain()):
            await self.writer.write_all(await self._addressed(self._log.topic, map(_outgoing, wave)))
        await self.writer.write_all(await self._addressed(self._deadletter_topic, letters))
        for tp, offset in positions.items():
            if tp in self.positions:
                self.consumer.declare_safe(tp, Safe(offset, self._metadata(tp)))

    async def idle(self, now: float) -> None:
        """Look at what others wrote, and write what they did not know."""
        if now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        await self._log.look()
        if not self._casebook.is_settled:
            async with self.writing():
                if self._seeks >= 0 and await self.consumer.confirm_membership():
                    await self.write()

    @property
    def is_idle(self) -> bool:
        """Whether everything that Kafka holds for this role has been read and written."""
        return super().is_idle and self._casebook.is_settled

    def observe(self) -> None:
        """Tell metrics and health where this role stands."""
        super().observe()
        if self._casebook.version != self._counted:
            self._counted = self._casebook.version
            self.metrics.incidents(self._casebook.incidents())

    def _safe_offset(self, tp: TP) -> int:
        """Return up to where everything is kept: what was said of findings that are not there yet is not."""
        waiting = self._waiting.get(tp, {})
        for offset, (finding, record) in list(waiting.items()):
            if self._casebook.knows(finding):
                del waiting[offset]
            elif self._kafka_ms - (record.timestamp or 0) > WAIT_MS and not any(map(self._lag_records, self.positions)):
                del waiting[offset]
                self._reject(tp, record, FeedbackReason.INCIDENT, "There is no such finding, or it is no longer kept.")
        return min([self.positions[tp], *waiting])

    async def _addressed(self, topic: str, records: Iterable[Outgoing]) -> dict[tuple[str, int], list[Outgoing]]:
        outgoing: dict[tuple[str, int], list[Outgoing]] = {}
        for record in records:
            partition = await self.writer.partition_for(topic, record.key or b"")
            outgoing.setdefault((topic, partition), []).append(record)
        return outgoing


def _outgoing(record: TopicRecord) -> Outgoing:
    held = record.holds
    if held is None:
        return Outgoing(record.key.encode(), None)
    event = incident_finding(held) if isinstance(held, Incident) else page_event(held)
    return Outgoing(record.key.encode(), orjson.dumps(event, option=orjson.OPT_SORT_KEYS))


def _said(given: GivenIncident, time_ms: int) -> Said:
    return Said(
        time_ms=time_ms,
        id=given.id,
        author=given.author,
        status=None if given.status is None else IncidentStatus(given.status),
        verdict=None if given.verdict_id is None else VerdictId(given.verdict_id),
        assignee=given.assignee,
        comment=given.comment,
        findings=tuple(finding.uid for finding in given.findings),
    )
