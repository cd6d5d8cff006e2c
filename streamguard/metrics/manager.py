"""One verb per event. Callers count per batch, not per record: a counter costs as much as parsing a short line."""

from __future__ import annotations

import platform
from collections import Counter
from typing import TYPE_CHECKING

from prometheus_client import generate_latest

from streamguard import __version__
from streamguard.activity import AnalystVerdict, Approval, Verdict
from streamguard.compiled import is_compiled
from streamguard.incidents import SEVERITIES, IncidentStatus
from streamguard.metrics.container import Container

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streamguard.activity import Exposure, Finding, Steering
    from streamguard.incidents import Incident
    from streamguard.ledger import Commit
    from streamguard.pipeline import Reading, Step


class Metrics:
    """Counts what happens.

    Parameters
    ----------
    container
        The metric objects; fresh ones by default.
    """

    def __init__(self, container: Container | None = None) -> None:
        self.container = container or Container()
        self.container.build.labels(__version__, platform.python_version(), "yes" if is_compiled() else "no").set(1)

    def exposition(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        return generate_latest(self.container.registry)

    def value(self, name: str, **labels: str) -> float:
        """Return the present value of one sample, 0 if nothing was counted yet."""
        return self.container.registry.get_sample_value(name, labels) or 0.0

    # -- ingest

    def reading_written(self, reading: Reading) -> None:
        """Count what one reading of an origin partition brought, once it is durable."""
        box = self.container
        for source, count in reading.lines.items():
            box.records.labels(source).inc(count)
        for reason, count in reading.ignored.items():
            box.ignored.labels(reason).inc(count)
        if reading.merged:
            box.merged.inc(reading.merged)
        for rejected, _ in reading.rejected:
            self.rejected(rejected.reason)
        self._count_exposures(reading.exposures)
        self._count_steering(reading.steering)

    def _count_exposures(self, exposures: Iterable[Exposure]) -> None:
        activities: Counter[str] = Counter()
        without_rows: Counter[str] = Counter()
        # By verdict first: members of an enumeration are slow to hash, and each exposure has some.
        seen: Counter[str] = Counter()
        not_seen: Counter[str] = Counter()
        cannot_tell: Counter[str] = Counter()
        for exposure in exposures:
            activity = exposure.activity
            activities[activity.source] += 1
            if activity.rows is None:
                without_rows[activity.source] += 1
            for category, verdict in exposure.categories.items():
                if verdict is Verdict.SEEN:
                    seen[category] += 1
                elif verdict is Verdict.NOT_SEEN:
                    not_seen[category] += 1
                else:
                    cannot_tell[category] += 1
        for source, count in activities.items():
            self.container.activities.labels(source).inc(count)
            self.container.without_rows.labels(source).inc(without_rows[source])
        told = ((Verdict.SEEN, seen), (Verdict.NOT_SEEN, not_seen), (Verdict.CANNOT_TELL, cannot_tell))
        for verdict, counts in told:
            for category, count in counts.items():
                self.container.exposures.labels(category, verdict).inc(count)

    def _count_steering(self, records: Iterable[Steering]) -> None:
        # What concerns several peer shards is there for each, and counts once.
        kinds = {record.origin: _kind(record) for record in records}
        for kind, count in Counter(kinds.values()).items():
            if kind == "move":
                self.container.moves.inc(count)
            else:
                self.container.feedback.labels(kind).inc(count)

    def rejected(self, reason: str) -> None:
        """Count a dead letter."""
        self.container.rejected.labels(reason).inc()

    # -- detect

    def judged(self, step: Step) -> None:
        """Count activities judged and recognised, and what steers detection."""
        if step.judged:
            self.container.judged.inc(step.judged)
        if step.skipped:
            self.container.replays_skipped.inc(step.skipped)
        for kind, count in step.steered.items():
            self.container.steered.labels(kind).inc(count)
        for topic in sorted(step.recreated):
            self.log_broken(topic, "recreated", 0)
        if step.late:
            self.container.late.inc(step.late)

    def found(self, finding: Finding, now_seconds: float) -> None:
        """Count a finding that was written just now, under the detector that contributed most."""
        self.container.findings.labels(finding.severity, finding.detectors[0]).inc()
        if finding.produced_ms is not None:
            self.container.finding_latency.observe(max(0.0, now_seconds - finding.produced_ms / 1000))

    def state_written(self, partition: int, entries: int, size_bytes: int) -> None:
        """Note how large a partition's state is."""
        self.container.state_entries.labels(str(partition)).set(entries)
        self.container.state_bytes.labels(str(partition)).set(size_bytes)

    # -- incidents

    def incidents(self, incidents: Iterable[Incident]) -> None:
        """Note how many incidents there are, and since when the oldest open ones are known. Each worker knows all."""
        counts: Counter[tuple[str, str]] = Counter()
        oldest_ms: dict[str, int] = {}
        for incident in incidents:
            severity = incident.severity
            counts[severity, incident.status.name.lower()] += 1
            if incident.is_open:
                oldest_ms[severity] = min(incident.aware_ms, oldest_ms.get(severity, incident.aware_ms))
        for severity in SEVERITIES:
            self.container.oldest_aware.labels(severity).set(oldest_ms.get(severity, 0) / 1000)
            for status in IncidentStatus:
                name = status.name.lower()
                self.container.incidents.labels(severity, name).set(counts[severity, name])

    # -- ledger

    def ledger_written(self, blocks: int) -> None:
        """Count blocks of exposures that are on the ledger's topic."""
        if blocks:
            self.container.ledger_blocks.inc(blocks)

    def ledger_committed(self, commit: Commit, complete_until_ms: int | None, seconds: float) -> None:
        """Count what a commit of the ledger's store did, and note where the store stands."""
        box = self.container
        box.ledger_taken.inc(commit.taken)
        box.ledger_known.inc(commit.known)
        box.ledger_forgotten.inc(commit.forgotten)
        box.ledger_exposures.set(commit.rows)
        box.ledger_bytes.set(commit.size_bytes)
        box.ledger_commit.observe(seconds)
        if complete_until_ms is not None:
            box.ledger_complete_until.set(complete_until_ms / 1000)

    # -- engine

    def lag(self, lag_records: Mapping[tuple[str, int], int]) -> None:
        """Note how many records of each (topic, partition) are not read yet."""
        for (topic, partition), records in lag_records.items():
            self.container.offset_lag.labels(topic, str(partition)).set(records)

    def event_time_age(self, topic: str, partition: int, seconds: float) -> None:
        """Note how old, in event time, the newest activity was when it was read."""
        self.container.event_time_lag.labels(topic, str(partition)).set(seconds)

    def log_broken(self, topic: str, kind: str, lost_records: int) -> None:
        """Count a log that was re-created or truncated between two readings."""
        self.container.log_breaks.labels(topic, kind).inc()
        if lost_records:
            self.container.lost_records.labels(topic).inc(lost_records)

    def flushed(self, role: str, seconds: float) -> None:
        """Note the time of one flush."""
        self.container.flush.labels(role).observe(seconds)

    def tenure(self, role: str, assigned_partitions: int, *, recovered: bool) -> None:
        """Note what this worker serves."""
        self.container.assigned.labels(role).set(assigned_partitions)
        self.container.recovered.labels(role).set(int(recovered))


def _kind(record: Steering) -> str:
    if isinstance(record, Approval):
        return "revocation" if record.revoked else "approval"
    return "verdict" if isinstance(record, AnalystVerdict) else "move"
