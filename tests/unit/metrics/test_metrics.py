"""Metrics: their names, that no label can carry a person, and that batches are counted right."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from streamguard.activity import Account, Activity, Exposure, Finding, Origin, RawRecord, Rejected, Verdict
from streamguard.metrics import Container, Metrics
from streamguard.pipeline import Reading, Step

CLOSED_LABELS = {
    "category",
    "compiled",
    "detector",
    "kind",
    "partition",
    "python",
    "reason",
    "role",
    "severity",
    "source",
    "topic",
    "verdict",
    "version",
}
"""Values that StreamGuard or its configuration chooses; nothing that a log could invent."""


def exposure(rows, categories):
    activity = Activity(
        origin=Origin("t", 0, 0, 0, 0), time_ms=1, source="pgaudit", user="alice", statement_key="k", rows=rows
    )
    return Exposure(
        activity=activity,
        employee="alice.smith",
        account=Account.HUMAN,
        peer_group="support",
        shard="support/0",
        categories=categories,
    )


def finding(produced_ms=1_000):
    return Finding(
        uid="1", employee="alice.smith", severity="high", detectors=("rows_day", "rows_hour"), time_ms=1,
        produced_ms=produced_ms, ocsf={"who": "alice.smith"},
    )  # fmt: skip


@pytest.fixture
def metrics():
    return Metrics()


def counted(metrics):
    metrics.reading_written(
        Reading(
            exposures=[
                exposure(3, {"email_address": Verdict.SEEN, "phone_number": Verdict.NOT_SEEN}),
                exposure(None, {"email_address": Verdict.SEEN}),
                exposure(None, {}),
            ],
            rejected=[(Rejected(Origin("t", 0, 0, 0, 0), "not_json"), RawRecord("t", 0, 0, 0, None, b"alice"))] * 2,
            ignored={"connection": 4},
            lines={"pgaudit": 5},
            merged=2,
        )
    )
    metrics.judged(Step(judged=3, skipped=2, late=1))
    metrics.found(finding(), now_seconds=3.5)
    metrics.state_written(4, 10, 2_000)
    metrics.lag({("t", 0): 7})
    metrics.event_time_age("t", 0, 1.5)
    metrics.log_broken("t", "truncated", 9)
    metrics.flushed("detect", 0.02)
    metrics.tenure("detect", 3, recovered=True)


def test_every_metric_is_ours_by_name_and_described():
    families = list(Container().registry.collect())
    assert len(families) > 20
    assert all(family.name.startswith("streamguard_") and family.documentation.endswith(".") for family in families)


def test_no_label_can_carry_a_person_a_table_or_a_statement(metrics):
    counted(metrics)
    exposition = metrics.exposition().decode()
    families = text_string_to_metric_families(exposition)
    labels = {name for family in families for sample in family.samples for name in sample.labels}
    assert labels - {"le"} <= CLOSED_LABELS
    assert "alice" not in exposition
    assert "support" not in exposition


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("records_total", {"source": "pgaudit"}, 5),
        ("activities_total", {"source": "pgaudit"}, 3),
        ("records_without_rows_total", {"source": "pgaudit"}, 2),
        ("merged_total", {}, 2),
        ("ignored_total", {"reason": "connection"}, 4),
        ("rejected_total", {"reason": "not_json"}, 2),
        ("exposures_total", {"category": "email_address", "verdict": "seen"}, 2),
        ("exposures_total", {"category": "phone_number", "verdict": "not_seen"}, 1),
        ("judged_total", {}, 3),
        ("replays_skipped_total", {}, 2),
        ("late_total", {}, 1),
        ("findings_total", {"severity": "high", "detector": "rows_day"}, 1),
        ("findings_total", {"severity": "high", "detector": "rows_hour"}, 0),  # the strongest one counts
        ("finding_latency_seconds_count", {}, 1),
        ("finding_latency_seconds_sum", {}, 2.5),
        ("state_entries", {"partition": "4"}, 10),
        ("state_bytes", {"partition": "4"}, 2_000),
        ("offset_lag", {"topic": "t", "partition": "0"}, 7),
        ("event_time_lag_seconds", {"topic": "t", "partition": "0"}, 1.5),
        ("log_breaks_total", {"topic": "t", "kind": "truncated"}, 1),
        ("lost_records_total", {"topic": "t"}, 9),
        ("flush_seconds_count", {"role": "detect"}, 1),
        ("assigned_partitions", {"role": "detect"}, 3),
        ("recovered", {"role": "detect"}, 1),
    ],
)
def test_one_batch_is_counted_once(metrics, name, labels, value):
    counted(metrics)
    assert metrics.value(f"streamguard_{name}", **labels) == value
    counted(metrics)
    if name.endswith(("_total", "_count", "_sum")):
        assert metrics.value(f"streamguard_{name}", **labels) == 2 * value


def test_a_source_that_always_tells_rows_shows_a_share_of_zero(metrics):
    metrics.reading_written(Reading(exposures=[exposure(1, {})]))
    assert 'streamguard_records_without_rows_total{source="pgaudit"} 0.0' in metrics.exposition().decode()


def test_a_finding_without_a_kafka_time_has_no_latency(metrics):
    metrics.found(finding(None), 5.0)
    assert metrics.value("streamguard_finding_latency_seconds_count") == 0


def test_clocks_that_disagree_give_no_negative_latency(metrics):
    metrics.found(finding(9_000), now_seconds=5.0)
    assert metrics.value("streamguard_finding_latency_seconds_sum") == 0


def test_two_workers_of_one_process_count_apart(metrics):
    counted(metrics)
    assert Metrics().value("streamguard_judged_total") == 0
