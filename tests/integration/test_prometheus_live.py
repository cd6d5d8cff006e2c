"""A real Prometheus scrapes a live worker: every expression of the dashboard and the rules returns data."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from brokers import admin
from kafka import TopicPartition
from ruamel.yaml import YAML
from stages.keeping import keeping
from stages.running import running, send, settled

from streamguard.simulate import World, small_company
from streamguard.stream.feed import feed

if TYPE_CHECKING:
    from collections.abc import Callable

    from servers.prometheus import PrometheusServer
    from stages.stage import Stage

pytestmark = [pytest.mark.real_kafka, pytest.mark.prometheus, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
RULES = sorted((ROOT / "deploy" / "prometheus" / "rules").glob("*.yml"))


def dashboard_expressions() -> list[str]:
    """Return the dashboard's expressions with what Grafana would put for its variables."""
    dashboard = json.loads((ROOT / "dashboards" / "streamguard.json").read_text())
    targets = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    return [re.sub(r"\$__(rate_interval|range|interval)", "15s", text) for text in targets]


def rule_operands() -> list[str]:
    """Return every metric selector of the rules: a firing alert is no proof, its ingredients must be there."""
    text = " ".join(
        rule["expr"] for path in RULES for g in YAML(typ="safe").load(path)["groups"] for rule in g["rules"]
    )
    return sorted(set(re.findall(r"streamguard_[a-z_]+", text)))


UNCLEAR = (
    b'{"timestamp":"2026-10-12 09:00:00.000 UTC","user":"alice.smith","dbname":"crm","session_id":"s%d",'
    b'"error_severity":"LOG","message":"AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.customers,<not logged>,<none>,5"}'
)


async def lose_records(stage: Stage) -> None:
    """Let retention remove records that were never read, so that the metrics of losses have something to say."""
    config = stage.worker_config
    topic = next(iter(config.topics.audit))
    async with running(config, stage.tools) as worker:
        await send(config, topic, [UNCLEAR % n for n in range(5)])
        await settled(worker)
    await send(config, topic, [UNCLEAR % n for n in range(5, 10)])
    with admin.admin(config.connection.bootstrap) as client:
        client.delete_records({TopicPartition(topic, 0): 8})


async def test_every_expression_returns_data(stage: Stage, prometheus: Callable[..., PrometheusServer]) -> None:
    config = replace(stage.worker_config, web_port=0)
    topic = next(iter(config.topics.audit))
    await lose_records(stage)
    async with (
        running(config, stage.tools, ("ingest", "detect", "incidents")) as worker,
        # The ledger's service is another process in life: here both say their numbers in one place.
        keeping(stage, stage.directory / "store", worker.metrics),
    ):
        assert worker.server is not None
        server = await asyncio.to_thread(prometheus, [f"127.0.0.1:{worker.server.port}"], rules=RULES)
        lines = list(World(small_company(days=28)).lines("postgresql.jsonlog"))
        half = len(lines) // 2
        for number, part in enumerate((lines[:half], lines[half:])):
            await feed(config.connection, topic, [(b"db", line) for line in part])
            await send(config, topic, [b"not an audit record"] * 5 + [UNCLEAR % (20 + number)])
            await settled(worker, 120)
            # Two scrapes apart, so that rates have something to rate.
            await asyncio.sleep(2.5)
        counted = worker.metrics.value("streamguard_judged_total")
        found = await asyncio.to_thread(server.wait_for, f"streamguard_judged_total == {counted:.0f}")
        assert found
        empty = [text for text in dashboard_expressions() if not await asyncio.to_thread(server.query, text)]
        missing = [name for name in rule_operands() if not await asyncio.to_thread(server.query, name)]
        alerts = {alert["labels"]["alertname"] for alert in await asyncio.to_thread(server.alerts)}
    assert empty == []
    assert missing == []
    assert {"StreamGuardFinding", "StreamGuardEvidenceLost"} <= alerts
    assert "StreamGuardNotWatching" not in alerts
