"""Commands that talk to Kafka: topics, doctor, run."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from stages.running import everything
from typer.testing import CliRunner

from streamguard.cli import app
from streamguard.simulate import World, small_company

if TYPE_CHECKING:
    from pathlib import Path

    from stages.stage import Stage

pytestmark = [pytest.mark.real_kafka, pytest.mark.timeout(240)]


def invoke(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def test_topics_says_what_is_missing_and_creates_it(stage: Stage) -> None:
    text = stage.config.read_text().replace(f"{stage.prefix}.findings", f"{stage.prefix}.alerts")
    stage.config.write_text(text)
    config = ("-c", str(stage.config))
    before = json.loads(invoke("topics", "--json", *config).stdout)
    assert {topic["state"] for topic in before["topics"]} == {"exists", "missing"}
    created = json.loads(invoke("topics", "--json", "--create", *config).stdout)
    assert "missing" not in {topic["state"] for topic in created["topics"]}
    assert {topic["state"] for topic in json.loads(invoke("topics", "--json", *config).stdout)["topics"]} == {"exists"}


def test_doctor_says_what_is_wrong_and_what_to_do(stage: Stage, tmp_path: Path) -> None:
    assert invoke("topics", "--create", "-c", str(stage.config)).exit_code in {0, 1}
    result = invoke("doctor", "--json", "-c", str(stage.config))
    told = json.loads(result.stdout)
    assert {check["name"] for check in told["checks"]} >= {"broker"}
    assert all(check["advice"] for check in told["checks"] if check["level"] != "ok")
    nowhere = tmp_path / "nowhere.yaml"
    nowhere.write_text("kafka: {bootstrap_servers: '127.0.0.1:1'}\n")
    result = invoke("doctor", "-c", str(nowhere))
    assert result.exit_code == 1
    assert "127.0.0.1:1" in result.output


async def test_simulate_ships_and_run_judges(stage: Stage) -> None:
    """The whole way by the commands alone, each in a process of its own."""
    shipped = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "streamguard", "simulate", "--to-kafka", "--days", "8", "-c", str(stage.config)],
        check=True,
        capture_output=True,
    )
    assert shipped.returncode == 0
    stage.start_worker()
    assert await stage.settle()
    stage.end_workers()
    verdict = await stage.audit()
    assert verdict.audit_records == sum(1 for _ in World(small_company(days=8)).lines("postgresql.jsonlog"))
    assert verdict.holds, verdict
    assert not await everything(stage.worker_config, stage.worker_config.topics.deadletter)
