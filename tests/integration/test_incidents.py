"""Incidents through Kafka: killed workers, two at a time, and people who say something meanwhile change nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from stages.running import everything, running, settled
from stages.stage import Stage, seeded
from typer.testing import CliRunner
from unit.incidents.incident_findings import DAY_MS, finding

from streamguard.activity import VerdictId
from streamguard.cli import app
from streamguard.feedback import GivenFinding, GivenIncident
from streamguard.incidents import Casebook, IncidentStatus, incident_uid, read_finding, read_incident
from streamguard.stream import give, read_incidents, wire
from streamguard.stream.writer import Outgoing, Writer

if TYPE_CHECKING:
    from streamguard.incidents import Incident

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]


def findings(count: int, seed: int) -> list[tuple[str, bytes]]:
    """Return (employee, finding): some employees come again, some share a tool that nobody else uses."""
    random = seeded(seed)
    found = []
    for number in range(count):
        employee = f"e-{random.randrange(count // 3)}"
        tools = (f"tool-{random.randrange(count // 4)}",) if random.random() < 0.3 else ()
        at_ms = number * DAY_MS // 4
        found.append((employee, finding(f"f-{number}", employee, at_ms, tools)))
        if random.random() < 0.3:
            found.append((employee, finding(f"f-{number}", employee, at_ms + 60_000, tools)))
    return found


async def write(stage: Stage, some: list[tuple[str, bytes]]) -> None:
    topic = stage.worker_config.topics.findings
    writer = Writer(stage.worker_config.connection.aiokafka(), None)
    await writer.start()
    for employee, value in some:
        partition = await writer.partition_for(topic, employee.encode())
        await writer.write(topic, partition, [Outgoing(employee.encode(), value)])
    await writer.stop()


async def on_topic(stage: Stage) -> dict[str, Incident]:
    """Return the newest record of each incident."""
    found = [
        read_incident(seen.value)
        for seen in await everything(stage.worker_config, stage.worker_config.topics.incidents)
    ]
    return {one.uid: one for one in found if one is not None}


def live(found: dict[str, Incident]) -> dict[str, Incident]:
    return {uid: one for uid, one in found.items() if one.merged_into is None}


def expected(history: list[tuple[str, bytes]]) -> dict[str, Incident]:
    book = Casebook()
    for _, value in history:
        member = read_finding(value)
        assert member is not None
        book.take_finding(member)
    return {one.uid: one for one in book.incidents()}


def said(uid: str, name: str, **words: object) -> GivenIncident:
    about = (GivenFinding(uid=uid, employee="e-0", shard="support/0"),)
    return GivenIncident(id=name, incident=incident_uid(uid), author="ann", findings=about, **words)


async def test_findings_become_incidents_and_people_work_on_them(anywhere: Stage) -> None:
    config, history = anywhere.worker_config, findings(24, 1)
    assert config.topics.feedback is not None
    async with running(config, anywhere.tools, ["incidents"]) as worker:
        await write(anywhere, history)
        await settled(worker)
        assert live(await on_topic(anywhere)) == expected(history)
        await give(config.connection, config.topics.feedback, said("f-0", "w-1", status=2, assignee="ann"))
        await settled(worker)
        assert worker.metrics.value("streamguard_incidents", severity="high", status="in_progress") == 1
    before = await on_topic(anywhere)
    incident = before[incident_uid("f-0")]
    assert (incident.status, incident.assignee) == (IncidentStatus.IN_PROGRESS, "ann")
    async with running(config, anywhere.tools, ["incidents"]) as worker:
        await settled(worker)
    records = await everything(config, config.topics.incidents)
    assert len({seen.value for seen in records}) == len(records)
    assert await on_topic(anywhere) == before


async def test_an_incident_of_more_findings_than_a_record_of_kafka_holds_stops_nobody(anywhere: Stage) -> None:
    config, many = anywhere.worker_config, 3_000
    written = [finding(f"f-{number}", "e-1", number * DAY_MS // 200, ("dumper",)) for number in range(many)]
    writer = Writer(config.connection.aiokafka(), None)
    await writer.start()
    partition = await writer.partition_for(config.topics.findings, b"e-1")
    async with running(config, anywhere.tools, ["incidents"]) as worker:
        for start in range(0, many, 1_000):
            some = [Outgoing(b"e-1", value) for value in written[start : start + 1_000]]
            await writer.write(config.topics.findings, partition, some)
            await settled(worker)
        await writer.write(config.topics.findings, partition, [Outgoing(b"e-2", finding("g", "e-2"))])
        await settled(worker)
    await writer.stop()
    records = await everything(config, config.topics.incidents)
    assert sum(len(seen.value) for seen in records) > 1_000_000
    assert {uid: one.findings for uid, one in live(await on_topic(anywhere)).items()} == {
        incident_uid("f-0"): many,
        incident_uid("g"): 1,
    }
    book = await read_incidents(config.connection, config.topics.incidents, config.incidents)
    found = book.find(incident_uid("f-0"))
    assert found is not None
    assert {member.finding_uid for member in found.members} == {f"f-{number}" for number in range(many)}


@pytest.mark.real_kafka
async def test_workers_killed_at_any_moment_leave_the_same_incidents(stage: Stage) -> None:
    history, random = findings(60, 2), seeded(3)
    config = stage.worker_config
    assert config.topics.feedback is not None
    for _ in range(2):
        stage.start_worker("--only", "incidents")
    words = [said("f-1", "w-1", comment="!"), said("f-2", "w-2", status=5)]
    await give(config.connection, config.topics.feedback, words[0])
    for start in range(0, len(history), 16):
        await write(stage, history[start : start + 16])
        await asyncio.sleep(random.uniform(0.5, 2.0))
        stage.workers.pop(0).kill()
        stage.start_worker("--only", "incidents")
    await give(config.connection, config.topics.feedback, words[1])
    # What was delivered twice to Kafka itself is nothing new either.
    await write(stage, history[:8])
    assert await stage.settle(only="incidents")
    found = live(await on_topic(stage))
    wanted = expected(history)
    assert {uid: (one.members, one.employees) for uid, one in found.items()} == {
        uid: (one.members, one.employees) for uid, one in wanted.items()
    }
    kept = {one.id for incident in found.values() for one in incident.said}
    assert kept == {"w-1", "w-2"}
    assert stage.ended == []


@pytest.mark.real_kafka
async def test_what_people_say_on_the_command_line_reaches_the_incident_and_the_detectors(stage: Stage) -> None:
    config = stage.worker_config

    async def call(*arguments: str, code: int = 0) -> str:
        command = ["incident", *arguments, "--config", str(stage.config)]
        result = await asyncio.to_thread(CliRunner().invoke, app, command)
        assert result.exit_code == code, result.output
        return " ".join(result.output.split())

    await write(stage, [("e-1", finding("f-1", "e-1", 0, ("dumper",))), ("e-2", finding("f-2", "e-2", 9, ("dumper",)))])
    uid = incident_uid("f-1")
    async with running(config, stage.tools, ["ingest", "incidents"]) as worker:
        await settled(worker)
        assert f"{uid} high new e-1, e-2 2" in await call("list")
        assert "there is no incident inc-zz" in await call("set", "inc-zz", "--status", "closed", code=1)
        said = await call("set", uid[:8], "--verdict", "benign", "--status", "closed", "--author", "ann")
        assert said == f"{uid} (e-1, e-2): closed, benign, says ann"
        await settled(worker)
        assert await call("list") == "no incidents"
        assert f"{uid} high closed, benign e-1, e-2 2" in await call("list", "--all")
        assert "ann verdict benign" in await call("show", uid)
    records = await everything(config, config.topics.activity)
    verdicts = [one for record in records for one in wire.decode(record.value).steering]
    assert {(one.finding_uid, one.employee, one.shard, one.verdict) for one in verdicts} == {
        ("f-1", "e-1", "support/0", VerdictId.BENIGN),
        ("f-2", "e-2", "support/0", VerdictId.BENIGN),
    }
