"""The directory changes while a worker runs: from the very next event on, and the same again after a crash."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from ruamel.yaml import YAML
from stages.ledger import Topic
from stages.running import everything, running, settled, until
from stages.stage import SESSION_SECONDS, Stage
from typer.testing import CliRunner

from streamguard.activity import VerdictId
from streamguard.admin import identities_spec
from streamguard.cli import app
from streamguard.cli.wiring import load_all, worker_config
from streamguard.exposure import Directory, DirectoryHistory, Employee, Login, Person
from streamguard.exposure.identityrecord import write_person
from streamguard.feedback import GivenApproval, GivenVerdict
from streamguard.stream import TopicError, give, publish_identities, read_identities, wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from streamguard.stream import Worker

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(300)]


def with_identities(stage: Stage) -> Stage:
    """Give a run a topic of identities."""
    yaml = YAML(typ="safe")
    settings = yaml.load(stage.config)
    name = settings["topics"]["identities"] = f"{stage.prefix}.identities"
    with stage.config.open("w") as file:
        yaml.dump(settings, file)
    stage.settings, stage.tools = load_all(stage.config)
    stage.worker_config = worker_config(stage.settings)
    stage.kafka.create_topic(name, 1, identities_spec(name).configs)
    return stage


@pytest.fixture
def anywhere(anywhere: Stage) -> Stage:
    return with_identities(anywhere)


def topic_of(stage: Stage) -> str:
    topic = stage.worker_config.topics.identities
    assert topic is not None
    return topic


async def tell(stage: Stage, *people: Person) -> None:
    """Publish changes; they are on Kafka when it returns."""
    await publish_identities(stage.worker_config.connection, topic_of(stage), map(write_person, people))


@asynccontextmanager
async def shipper(stage: Stage) -> AsyncIterator[Callable[..., Awaitable[int]]]:
    """Give a log shipper: each statement of a login becomes a record with a Kafka time, acknowledged when it returns."""
    topic = next(iter(stage.worker_config.topics.audit))
    producer = AIOKafkaProducer(**stage.worker_config.connection.aiokafka(), acks="all", linger_ms=0)
    await producer.start()
    count = 0

    async def send(user: str, *, timestamp_ms: int | None = None, partition: int = 0) -> int:
        nonlocal count
        count += 1
        record = await producer.send_and_wait(
            topic, statement(user, count), partition=partition, timestamp_ms=timestamp_ms or now_ms()
        )
        return int(record.offset)

    try:
        yield send
    finally:
        await producer.stop()


def now_ms() -> int:
    return int(time.time() * 1000)


def statement(user: str, number: int) -> bytes:
    return orjson.dumps(
        {
            # So far apart that each statement closes the one before, and leaves at once.
            "timestamp": f"2026-09-14 {8 + number // 1800:02}:{number // 30 % 60:02}:{number % 30 * 2:02}.000 UTC",
            "user": user,
            "dbname": "crm",
            "pid": number,
            "session_id": f"6aa73907.{number:x}",
            "line_num": 1,
            "error_severity": "LOG",
            "message": f"AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.customers,select id from customers,<not logged>,{number}",
            "backend_type": "client backend",
        }
    )


async def owners(stage: Stage, partition: int = 0) -> dict[int, set[tuple[str, str]]]:
    """Return, for every audit record of a partition, who it was attributed to: (employee, shard), of all deliveries."""
    found: dict[int, set[tuple[str, str]]] = {}
    for record in await everything(stage.worker_config, stage.worker_config.topics.activity):
        for exposure in wire.decode(record.value).exposures:
            if exposure.activity.origin.partition == partition:
                place = found.setdefault(exposure.activity.origin.offset, set())
                place.add((exposure.employee, exposure.shard))
    return found


async def attributed(stage: Stage, worker: Worker, count: int) -> dict[int, str]:
    """Wait until so many statements were judged, and return whose they were."""
    await settled(worker)
    found = await owners(stage)
    assert len(found) == count
    assert all(len(who) == 1 for who in found.values()), found
    return {offset: employee for offset, ((employee, _),) in sorted(found.items())}


async def test_a_login_changes_its_owner_in_mid_stream(anywhere: Stage) -> None:
    async with running(anywhere.worker_config, anywhere.tools) as worker, shipper(anywhere) as send:
        before_ms = now_ms()
        await send("app")
        await send("alice.smith")
        await asyncio.sleep(0.3)
        await tell(anywhere, Person(Employee("e-1", "support"), (Login("app"),)))
        await send("app")
        await send("app", timestamp_ms=before_ms)
        # The topic overrides the file, as a whole.
        await tell(anywhere, Person(Employee("alice.smith", "finance"), (Login("al"),)))
        await send("al")
        await send("alice.smith")
        await tell(anywhere, Person(Employee("e-2", "dba"), (Login("app"),)), Person(Employee("e-1", "support"), ()))
        await send("app")
        found = await attributed(anywhere, worker, 7)
    assert list(found.values()) == [
        "login:app",
        "alice.smith",
        "e-1",
        "login:app",
        "alice.smith",
        "login:alice.smith",
        "e-2",
    ]
    shards = {offset: shard for offset, ((_, shard),) in (await owners(anywhere)).items()}
    assert [shards[offset] for offset in (1, 4, 6)] == ["support/0", "finance/0", "dba/0"]


async def test_bad_identities_are_dead_letters_once_and_stop_nobody(anywhere: Stage) -> None:
    connection, topic = anywhere.worker_config.connection, topic_of(anywhere)
    await publish_identities(connection, topic, [(b"e-1", b"not JSON"), (b"e-2", b'{"id":"e-2","group":"a/b"}')])
    async with running(anywhere.worker_config, anywhere.tools) as worker, shipper(anywhere) as send:
        await publish_identities(connection, topic, [(b"e-3", b'{"id":"e-4","group":"g"}')])
        await tell(anywhere, Person(Employee("e-1", "g"), (Login("app"),)))
        await send("app")
        assert await attributed(anywhere, worker, 1) == {0: "e-1"}
    _, anywhere.tools = load_all(anywhere.config)
    async with running(anywhere.worker_config, anywhere.tools):
        pass
    letters = await everything(anywhere.worker_config, anywhere.worker_config.topics.deadletter)
    told = sorted((letter.headers["offset"], letter.headers["reason"], letter.headers["topic"]) for letter in letters)
    assert told == [
        ("0", "identity_not_json", topic),
        ("1", "identity_members", topic),
        ("2", "identity_of_another_key", topic),
    ]
    assert {letter.value for letter in letters} >= {b"not JSON", b'{"id":"e-4","group":"g"}'}


async def test_a_killed_worker_s_records_are_attributed_as_before(anywhere: Stage) -> None:
    """What is read again after a kill finds the directory of its own time, even if the clock of its shipper is ahead."""
    people = [Person(Employee("e-1", group), (Login("app"),)) for group in ("support", "finance", "dba", "marketing")]
    moments = random.Random(3)
    expected: dict[int, str] = {}
    ahead = 0
    anywhere.start_worker()
    async with shipper(anywhere) as send:
        for number in range(120):
            if number % 30 == 0:
                await until(lambda: anywhere.workers[0].log.read_text().count("role_started") == 3)
                await asyncio.sleep(SESSION_SECONDS + 1.0 if number else 0.5)
            person = people[number % len(people)]
            await tell(anywhere, person)
            for _ in range(5):
                expected[await send("app")] = person.employee.group
                # Seen as of whenever it was read: but always as of the same moment.
                await send("app", timestamp_ms=now_ms() + 60_000, partition=1)
                ahead += 1
            if number % 30 == 29:
                await asyncio.sleep(moments.uniform(0.0, 0.3))
                anywhere.workers.pop().kill()
                anywhere.start_worker()
        await asyncio.sleep(SESSION_SECONDS)
        assert await anywhere.settle(), anywhere.ended
    anywhere.end_workers()
    assert not anywhere.ended
    found, found_ahead = await owners(anywhere, 0), await owners(anywhere, 1)
    assert (found.keys(), len(found_ahead)) == (expected.keys(), ahead)
    # Each record has one owner and one shard, however often it was delivered.
    assert [place for some in (found, found_ahead) for place, who in some.items() if len(who) != 1] == []
    groups = {offset: shard.partition("/")[0] for offset, ((_, shard),) in found.items()}
    assert groups == expected


@pytest.mark.real_kafka
async def test_kills_and_changes_together_lose_and_double_nothing(stage: Stage) -> None:
    """The ledger of the fault tests, with a directory that changes, and analysts who speak, all the time.

    Whoever changes the group takes along what is known: the ledger looks at every handover, too. Workers are killed,
    stopped and frozen in any order, two at a time.
    """
    with_identities(stage)
    names = [employee.id for employee in Directory.load(stage.directory / "identities.yaml").employees]
    groups = ("support", "finance", "dba", "marketing")
    moments = random.Random(5)
    stop = asyncio.Event()

    async def change() -> None:
        while not stop.is_set():
            name = moments.choice(names)
            group = moments.choice(groups)
            await tell(stage, Person(Employee(name, group), (Login(name),)))
            await say(name, group)
            await asyncio.sleep(0.05)

    async def disturb(what: str) -> None:
        worker = stage.workers[0]
        if what == "freeze":
            worker.freeze()
            await asyncio.sleep(SESSION_SECONDS + 2.0)
            worker.thaw()
            return
        stage.workers.remove(worker)
        worker.kill() if what == "kill" else worker.stop()
        stage.start_worker()

    async def say(name: str, group: str) -> None:
        connection, topic = stage.worker_config.connection, stage.worker_config.topics.feedback
        uid, verdict = f"f-{moments.randrange(50)}", moments.choice([*VerdictId])
        assert topic is not None
        await give(
            connection,
            topic,
            GivenVerdict(finding_uid=uid, verdict_id=verdict, employee=name, shard=f"{group}/0", author="ann"),
        )
        await give(connection, topic, GivenApproval(id=uid + "a", author="ann", group=group, from_ms=1, expires_ms=2))

    feeding = asyncio.create_task(stage.feed(700.0, stop))
    changing = asyncio.create_task(change())
    stage.start_worker()
    stage.start_worker()
    try:
        await asyncio.sleep(6)
        for what in ("kill", "stop", "freeze", "stop", "kill", "freeze", "stop"):
            await asyncio.sleep(moments.uniform(0.5, SESSION_SECONDS))
            stage.reap()
            while len(stage.workers) < 2:
                stage.start_worker()
            await disturb(what)
        await asyncio.sleep(SESSION_SECONDS + 1.0)
        stop.set()
        await asyncio.gather(feeding, changing)
        assert await stage.settle(), stage.ended
    finally:
        stop.set()
        feeding.cancel()
        stage.end_workers()
    history = stage.tools.exposer.history
    await read_identities(stage.worker_config.connection, topic_of(stage), history)
    assert history.version_at(now_ms()) > 50
    verdict = await stage.audit()
    assert verdict.activities > 1_000
    # Everybody who moved was handed over, however many moves came in between.
    assert verdict.steering > verdict.departures == verdict.handovers > 50, verdict
    assert verdict.holds, (verdict, verdict.changed[:3], verdict.lost[:3], verdict.invented[:3], stage.ended)


async def test_the_history_is_that_of_the_topic(anywhere: Stage) -> None:
    """What a reader finds later is what was published, at the times of Kafka."""
    await tell(anywhere, Person(Employee("e-1", "a"), (Login("app"),)))
    await asyncio.sleep(0.02)
    await tell(anywhere, Person(Employee("e-1", "b"), (Login("app"),)))
    history = DirectoryHistory(Directory.empty())
    await read_identities(anywhere.worker_config.connection, topic_of(anywhere), history)
    times = [
        record.timestamp
        async for _, records in Topic(anywhere.kafka.bootstrap, topic_of(anywhere)).records()
        for record in records
    ]
    assert [history.at(at).identify("app") for at in (times[0] - 1, times[0], times[1] - 1, times[1])] == [
        None,
        Employee("e-1", "a"),
        Employee("e-1", "a"),
        Employee("e-1", "b"),
    ]


@pytest.mark.real_kafka
def test_a_file_is_published_and_asked(stage: Stage) -> None:
    yaml = YAML(typ="safe")
    settings = yaml.load(stage.config)
    settings["topics"]["identities"] = f"{stage.prefix}.people"
    with stage.config.open("w") as file:
        yaml.dump(settings, file)
    people = stage.directory / "people.yaml"
    people.write_text("employees:\n  - {id: e-1, group: dba, logins: [app]}\n  - {id: e-2, group: dba}\n")

    def call(*arguments: str, **options: str) -> str:
        result = CliRunner().invoke(app, ["identities", *arguments, "--config", str(stage.config)], **options)
        assert result.exit_code == 0, result.output
        return result.output

    assert "2 new, 0 changed, 0 gone, 0 the same" in call("publish", str(people), "--dry-run")
    assert "wrote 2 changes" in call("publish", str(people), "--yes")
    people.write_text("employees:\n  - {id: e-1, group: support, logins: [app, a2]}\n  - {id: e-3, group: dba}\n")
    told = call("publish", str(people), input="y\n")
    assert "+ e-3 (dba)\n~ e-1: group, logins\n- e-2\n1 new, 1 changed, 1 gone, 0 the same" in told
    assert "0 new, 0 changed, 0 gone, 2 the same" in call("publish", str(people))
    shown = orjson.loads(call("show", "a2", "--json"))
    assert (shown["employee"], shown["peer_group"]) == ("e-1", "support")
    assert shown["why"] == "the identities topic gives this login to the employee"
    assert orjson.loads(call("show", "e-2", "--json"))["employee"] == "login:e-2"
    assert "the file of identities" in orjson.loads(call("show", "alice.smith", "--json"))["why"]


async def test_several_partitions_are_refused(anywhere: Stage) -> None:
    topics = replace(anywhere.worker_config.topics, identities=anywhere.worker_config.topics.deadletter)
    with pytest.raises(TopicError, match="in the order of one"):
        async with running(replace(anywhere.worker_config, topics=topics), anywhere.tools):
            pass
