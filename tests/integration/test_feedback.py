"""Verdicts, approvals and moves on their way through Kafka: each reaches its shards once, whatever crashes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from stages.running import everything, running, settled
from stages.stage import Stage
from typer.testing import CliRunner

from streamguard.activity import AnalystVerdict, Approval, VerdictId
from streamguard.cli import app
from streamguard.cli.simulation import keyed
from streamguard.feedback import GivenApproval, GivenVerdict
from streamguard.simulate import World, small_company
from streamguard.stream import give, wire
from streamguard.stream.feed import feed
from streamguard.stream.writer import Outgoing, Writer

if TYPE_CHECKING:
    from streamguard.activity import Steering
    from streamguard.feedback import Given

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]


def topic_of(stage: Stage) -> str:
    topic = stage.worker_config.topics.feedback
    assert topic is not None
    return topic


async def say(stage: Stage, *words: Given) -> None:
    for given in words:
        await give(stage.worker_config.connection, topic_of(stage), given)


async def write(stage: Stage, topic: str, values: list[tuple[int, bytes, bytes]]) -> None:
    """Write (partition, key, value) as they are."""
    writer = Writer(stage.worker_config.connection.aiokafka(), None)
    await writer.start()
    for partition, key, value in values:
        await writer.write(topic, partition, [Outgoing(key, value)])
    await writer.stop()


def verdict(uid: str) -> GivenVerdict:
    return GivenVerdict(
        finding_uid=uid, verdict_id=VerdictId.BENIGN, employee="alice.smith", shard="support/0", author="ann"
    )


def approval(name: str, **changes: Any) -> GivenApproval:
    fields = {"id": name, "author": "ann", "group": "support", "from_ms": 1, "expires_ms": 2}
    return GivenApproval(**(fields | changes))


async def steering(stage: Stage) -> list[Steering]:
    """Return what the activity topic holds besides exposures."""
    records = await everything(stage.worker_config, stage.worker_config.topics.activity)
    return [one for record in records for one in wire.decode(record.value).steering]


async def test_feedback_reaches_its_shards_among_the_activities(anywhere: Stage) -> None:
    config = anywhere.worker_config
    async with running(config, anywhere.tools) as worker:
        await feed(
            config.connection,
            next(iter(config.topics.audit)),
            keyed(World(small_company(days=8)).lines("postgresql.jsonlog")),
        )
        await say(anywhere, verdict("f-1"), approval("a-1"), approval("a-1", revoked=True), verdict("f-1"))
        await settled(worker)
        kinds = ("verdict", "approval")
        taken_in = {kind: worker.metrics.value("streamguard_steered_total", kind=kind) for kind in kinds}
        assert taken_in == {"verdict": 2, "approval": 2}
    found = await steering(anywhere)
    assert [one.finding_uid for one in found if isinstance(one, AnalystVerdict)] == ["f-1", "f-1"]
    assert [one.revoked for one in found if isinstance(one, Approval)] == [False, True]
    # A successor has nothing to do again.
    async with running(config, anywhere.tools) as worker:
        await settled(worker)
        assert worker.metrics.value("streamguard_replays_skipped_total") == 0
    judged = await anywhere.audit()
    assert (judged.steering, judged.holds) == (4, True), judged


async def test_what_cannot_be_used_is_a_dead_letter_once_with_its_reason(anywhere: Stage) -> None:
    config, topic = anywhere.worker_config, topic_of(anywhere)
    bad = [(b"f-1", b"benign"), (b"a-1", b'{"type":"approval","id":"a-1"}'), (b"f-2", b"{}")]
    await write(anywhere, topic, [(0, *one) for one in bad])
    await say(anywhere, approval("a-2", group="nobody"), verdict("f-3"))
    for _ in range(2):
        async with running(config, anywhere.tools) as worker:
            await settled(worker)
    letters = await everything(config, config.topics.deadletter)
    assert sorted((letter.headers["topic"], letter.headers["reason"]) for letter in letters) == [
        (topic, "feedback_members"),
        (topic, "feedback_members"),
        (topic, "feedback_not_json"),
        (topic, "feedback_unknown_group"),
    ]
    assert len(await steering(anywhere)) == 1


@pytest.mark.real_kafka
async def test_a_finding_is_judged_and_an_export_approved_from_the_command_line(stage: Stage) -> None:
    config = stage.worker_config
    event = {"finding_info": {"uid": "f-1"}, "unmapped": {"employee": "alice.smith", "shard": "support/0"}}
    old = {"finding_info": {"uid": "f-0"}, "unmapped": {"employee": "alice.smith"}}
    findings = enumerate((event, old, {"message": "about f-2"}, ["f-2"]))
    await write(
        stage, config.topics.findings, [(number, b"alice.smith", orjson.dumps(one)) for number, one in findings]
    )

    async def call(*arguments: str, code: int = 0) -> str:
        command = ["feedback", *arguments, "--config", str(stage.config)]
        result = await asyncio.to_thread(CliRunner().invoke, app, command)
        assert result.exit_code == code, result.output
        return " ".join(result.output.split())

    assert "there is no finding f-2" in await call("verdict", "f-2", "--verdict", "benign", code=1)
    assert "older StreamGuard" in await call("verdict", "f-0", "--verdict", "benign", code=1)
    said = await call("verdict", "f-1", "--verdict", "false-positive", "--author", "ann", "--until", "2100-01-01")
    assert said == "f-1 (alice.smith) is false_positive, says ann"
    group = ("--group", "support", "--rows", "5000", "--author", "bob")
    approved = await call("approve", "--id", "CHG-1", "--until", "2100-01-01", *group)
    assert approved.startswith(
        "approved as CHG-1: statements of the group support of any shape, up to 5,000 rows a day"
    )
    await call("approve", "--employee", "alice.smith", "--until", "2100-01-01", "--from", "2099-01-01", "--id", "CHG-2")
    assert "there is no approval CHG-3" in await call("revoke", "CHG-3", code=1)
    assert "there is no approval f-1" in await call("revoke", "f-1", code=1)
    assert "taken back CHG-2" in await call("revoke", "CHG-2", "--author", "eve")
    told = orjson.loads(await call("list", "--json"))
    assert [(one["id"], one["state"], one["author"]) for one in told["approvals"]] == [("CHG-1", "in force", "bob")]
    assert [(one["finding_uid"], one["verdict_id"]) for one in told["verdicts"]] == [("f-1", 1)]
    assert len(orjson.loads(await call("list", "--json", "--all"))["approvals"]) == 2
    in_words = await call("list")
    assert all(word in in_words for word in ("CHG-1", "group support", "5,000", "f-1", "false_positive"))
    async with running(config, stage.tools) as worker:
        await settled(worker)
        kinds = ("verdict", "approval", "revocation")
        counted = [worker.metrics.value("streamguard_feedback_total", kind=kind) for kind in kinds]
        assert counted == [1, 2, 1]
