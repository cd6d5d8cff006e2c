"""The metric objects, in a registry that is handed in."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_LATENCY_BUCKETS_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2.5, 5, 10, 30, 60, 300)


class Container:
    """Every metric of StreamGuard. All names begin with ``streamguard_``.

    Parameters
    ----------
    registry
        Where to register; a fresh one by default, so that two workers of one process do not share counts.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._ingest()
        self._detect()
        self._incidents()
        self._ledger()
        self._engine()

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"streamguard_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"streamguard_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(f"streamguard_{name}", text, labels, registry=self.registry, buckets=_LATENCY_BUCKETS_SECONDS)

    def _ingest(self) -> None:
        self.records = self._counter("records", "Audit records of statements that were read.", "source")
        self.activities = self._counter("activities", "Statements, after their records were merged.", "source")
        self.merged = self._counter("merged", "Audit records that joined a statement already open.")
        self.ignored = self._counter("ignored", "Audit records understood and of no interest.", "reason")
        self.rejected = self._counter("rejected", "Records that went to the dead-letter topic.", "reason")
        self.without_rows = self._counter(
            "records_without_rows", "Statements whose log does not say how many rows they returned.", "source"
        )
        self.exposures = self._counter(
            "exposures",
            "Statements that touched a category of personal data, by what can be said.",
            "category",
            "verdict",
        )

        self.feedback = self._counter("feedback", "Verdicts and approvals that were taken in.", "kind")
        self.moves = self._counter("moves", "Employees whom the directory moved to another peer shard.")

    def _detect(self) -> None:
        self.judged = self._counter("judged", "Activities that were judged.")
        self.replays_skipped = self._counter("replays_skipped", "Activities delivered again and recognised.")
        self.steered = self._counter("steered", "Records that steer detection, as detectors took them in.", "kind")
        self.late = self._counter("late", "Activities that came after their day was closed.")
        self.findings = self._counter("findings", "Findings written.", "severity", "detector")
        self.finding_latency = self._histogram(
            "finding_latency_seconds", "From the Kafka time of the newest record behind a finding until it was written."
        )
        self.state_entries = self._gauge("state_entries", "State entries of the partitions served.", "partition")
        self.state_bytes = self._gauge("state_bytes", "Bytes of state of the partitions served.", "partition")

    def _incidents(self) -> None:
        self.incidents = self._gauge("incidents", "Incidents, merged ones aside.", "severity", "status")
        self.oldest_aware = self._gauge(
            "incident_oldest_aware_timestamp_seconds",
            "When the first finding of the oldest open incident was told, in event time; 0: none is open.",
            "severity",
        )

    def _ledger(self) -> None:
        self.ledger_blocks = self._counter("ledger_blocks", "Blocks of exposures written to the ledger's topic.")
        self.ledger_taken = self._counter("ledger_taken", "Exposures that are new in the ledger's store.")
        self.ledger_known = self._counter("ledger_known", "Exposures delivered to the ledger again and recognised.")
        self.ledger_forgotten = self._counter(
            "ledger_forgotten", "Exposures that the ledger's store forgot, or did not take, by retention or a purge."
        )
        self.ledger_exposures = self._gauge("ledger_exposures", "Exposures in the ledger's store.")
        self.ledger_bytes = self._gauge("ledger_bytes", "Bytes of exposures in the ledger's store.")
        self.ledger_complete_until = self._gauge(
            "ledger_complete_until_timestamp_seconds", "Event time up to which the ledger's store is complete."
        )
        self.ledger_commit = self._histogram("ledger_commit_seconds", "Time of one commit of the ledger's store.")

    def _engine(self) -> None:
        self.event_time_lag = self._gauge(
            "event_time_lag_seconds", "Age in event time of the newest activity when it was read.", "topic", "partition"
        )
        self.offset_lag = self._gauge("offset_lag", "Records of the log not read yet.", "topic", "partition")
        self.flush = self._histogram("flush_seconds", "Time to have one flush acknowledged.", "role")
        self.log_breaks = self._counter(
            "log_breaks", "Logs found re-created or truncated: a person should know why.", "topic", "kind"
        )
        self.lost_records = self._counter(
            "lost_records", "Records that retention removed before they were read.", "topic"
        )
        self.assigned = self._gauge("assigned_partitions", "Partitions this worker serves.", "role")
        self.recovered = self._gauge("recovered", "1 once state is restored and reading goes on.", "role")
        self.build = self._gauge(
            "build_info", "Always 1; the labels say which version runs.", "version", "python", "compiled"
        )
