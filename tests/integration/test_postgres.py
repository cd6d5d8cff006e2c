"""From a real PostgreSQL's own log, over a real Kafka, to exactly the expected finding."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import orjson
import pytest
from stages.running import everything, running, settled

from streamguard.stream.feed import feed

if TYPE_CHECKING:
    from servers.postgres import PostgresServer
    from stages.stage import Stage

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.timeout(600)]

FIRST_DAY = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)
DAYS = 16
SUPPORT = ("alice.smith", "ben.fischer", "carla.weber", "daniel.koch", "elif.yilmaz", "felix.braun")
LEAKER = "greta.lang"
EXPORTED = 4_200
CATEGORIES = {"email_address", "phone_number"}


def ordinary_day(person: int, day: int) -> str:
    """Return what a support agent does on a day: a handful of look-ups by id, a list of tickets, a join."""
    first = 1 + (person * 37 + day * 11) % 4_000
    statements = [f"select name, email from customers where id = {first + n};" for n in range(3 + (person + day) % 3)]
    statements.append(f"select id, subject from tickets where status = 'open' limit {10 + (person + 3 * day) % 7};")
    statements.append(
        "select c.name, o.total from customers c join orders o on o.customer_id = c.id "
        f"where c.id between {first} and {first + 8 + day % 4};"
    )
    return "\n".join(statements)


def work(server: PostgresServer) -> datetime:
    """Let the company work for some weeks, then let one of them export; returns the moment of the export."""
    for day in range(DAYS):
        for person, login in enumerate((*SUPPORT, LEAKER)):
            server.at(FIRST_DAY + timedelta(days=day, minutes=20 * person))
            server.script(login, ordinary_day(person, day), application="crm-ui")
    moment = FIRST_DAY + timedelta(days=DAYS, hours=1)
    server.at(moment)
    server.sql(LEAKER, f"select email, phone from customers where id <= {EXPORTED}", application="psql")
    return moment


async def test_an_export_is_found_in_the_servers_own_log(postgres: PostgresServer, stage: Stage) -> None:
    postgres.start((*SUPPORT, LEAKER), at=FIRST_DAY - timedelta(hours=1))
    moment = work(postgres)
    lines = postgres.log_lines()
    config = stage.worker_config
    topic = next(iter(config.topics.audit))
    async with running(config, stage.tools) as worker:
        # One key, as from one server whose shipper keeps its order.
        await feed(config.connection, topic, [(b"db1", line) for line in lines])
        await settled(worker)
    found = await everything(config, config.topics.findings)
    events = {orjson.loads(record.value)["finding_info"]["uid"]: orjson.loads(record.value) for record in found}
    assert len(events) == 1, [event["message"] for event in events.values()]
    (event,) = events.values()
    assert {record.key for record in found} == {LEAKER.encode()}
    assert event["class_uid"] == 2004
    assert event["unmapped"]["rows_returned"] >= EXPORTED
    assert event["time"] == pytest.approx(moment.timestamp() * 1000, abs=60_000)
    seen = {c for c, verdict in event["unmapped"]["categories"].items() if verdict == "seen"}
    assert seen >= CATEGORIES
    assert event["message"].startswith(LEAKER)
    letters = await everything(config, config.topics.deadletter)
    assert not letters
