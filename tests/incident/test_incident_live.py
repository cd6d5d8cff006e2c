"""The scripted incident end to end: its audit lines on Kafka, the worker, the ledger's service, then every command.

Nothing is handed over in between: the commands know what Kafka, the ledger's store and the database tell them.
"""

from __future__ import annotations

import asyncio
import csv
from typing import TYPE_CHECKING

import orjson
import psycopg
import pytest
from incident.incident import CATALOGUE, IDENTITIES, KEY, truth_of
from incident.script import EVERYBODY, JON, JONS_LISTS, MARA, MARAS_LISTS
from ruamel.yaml import YAML
from stages.running import running, settled
from typer.testing import CliRunner

from streamguard.cli import app
from streamguard.cli.wiring import load_all, worker_config
from streamguard.scope import Bounds
from streamguard.sealing import new_key, private_pem, public_text
from streamguard.stream.feed import feed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from incident.incident import Incident
    from stages.stage import Stage

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.real_kafka, pytest.mark.timeout(300)]

WEEK = ("--from", "2026-09-14", "--to", "2026-09-21")


class Desk:
    """Whoever handles the incident: only the command line, and a place for files."""

    def __init__(self, config: Path) -> None:
        self.config, self.place = config, config.parent
        self.uid = ""

    async def call(self, *arguments: str, code: int = 0) -> str:
        command = [*arguments, "--config", str(self.config)]
        result = await asyncio.to_thread(CliRunner().invoke, app, command)
        assert result.exit_code == code, result.output
        return result.stdout

    async def ask(self, name: str, *arguments: str) -> str:
        return await self.call("incident", name, self.uid, *arguments)

    async def told(self, name: str, *arguments: str) -> dict:
        return orjson.loads(await self.ask(name, *arguments, "--json"))

    async def answers(self, *people: int, options: tuple[str, ...] = ()) -> list[dict]:
        keys = [word for key in people for word in ("--subject", str(key))]
        lines = await self.ask("affected", *keys, *options, "--json")
        return [orjson.loads(line) for line in lines.splitlines()]


def desk_of(stage: Stage) -> Desk:
    """Return a desk whose settings are those of a shop that seals statements and has no findings to wait for."""
    key = new_key()
    (stage.directory / "key.pem").write_bytes(private_pem(key))
    settings = stage._settings() | {
        "identities": str(IDENTITIES),
        "catalogue": str(CATALOGUE),
        "sources": {"subject_key": KEY.decode(), "seal_public_key": public_text(key)},
        "detect": {"warmup_days": 0, "warmup_employee_days": 0, "budget_per_1000": 20},
        "ledger": {"directory": str(stage.directory / "ledger"), "hold_seconds": 0.5, "retention_days": 4_000},
    }
    config = stage.directory / "shop.yaml"
    with config.open("w") as file:
        YAML(typ="safe").dump(settings, file)
    return Desk(config)


@pytest.fixture
async def desk(stage: Stage, incident: Incident) -> Desk:
    """Let the week of the incident pass through Kafka, and give a desk from which it can be asked about."""
    desk = desk_of(stage)
    settings, tools = load_all(desk.config)
    config = worker_config(settings)
    # What the other tests ask of the same server is no part of the week.
    lines = [line for line in incident.server.log_lines() if orjson.loads(line).get("user") in EVERYBODY]
    async with running(config, tools, ["ingest", "detect", "incidents"]) as worker:
        await feed(config.connection, next(iter(config.topics.audit)), [(b"server", line) for line in lines])
        await settled(worker)
        assert worker.metrics.value("streamguard_incidents", severity="high", status="new") > 0
    await desk.call("ledger", "run", "--once", "--no-create-topics")
    listed = [orjson.loads(line) for line in (await desk.call("incident", "list", "--json")).splitlines()]
    desk.uid = next(one["metadata"]["uid"] for one in listed if MARA in one["unmapped"]["employees"])
    return desk


async def test_from_audit_lines_on_kafka_to_every_answer(desk: Desk, incident: Incident, taken: Taken) -> None:
    assert desk.uid in await desk.call("incident", "list")
    shown = await desk.ask("show")
    assert f"employees    {MARA}" in shown
    assert "the same employee" in shown

    # Whose leak is it? The list points to her, and to a colleague whom no finding of the incident names.
    leaked = desk.place / "leaked.txt"
    leaked.write_text("\n".join(map(str, incident.leaked_keys)))
    found = orjson.loads(await desk.call("incident", "attribute", "--file", str(leaked), "--json"))
    assert [one["employee"] for one in found["suspects"] if one["points"]] == [MARA, JON]
    assert found["together"] == [MARA, JON]

    # By the log alone most answers are a "perhaps".
    hers, his, nobodys = MARAS_LISTS[0][7], JONS_LISTS[0][9], taken.nobody()
    both = (*WEEK, "--with", JON)
    by_log = await desk.answers(hers, his, nobodys, options=both)
    assert [one["answer"] for one in by_log] == ["yes", "yes", "cannot_tell"]

    # By the ledger, its sealed statements and the database: everybody, to the last person.
    people, exact = desk.place / "people.csv", desk.place / "exact.json"
    asking = ("--dsn", incident.dsn, "--run", "--private-key", str(desk.place / "key.pem"), *both)
    resolved = await desk.told("resolve", *asking, "--keys", str(people))
    truth = incident.truth
    assert Bounds(**resolved["people"]) == Bounds(truth.people, truth.people)
    assert counts(resolved["regions"]) == truth.regions
    categories = {one["category"]: one for one in resolved["categories"]}
    seen = {name: one for name, one in categories.items() if one["people"]["upper"]}
    assert counts({name: one["people"] for name, one in seen.items()}) == truth.categories
    for name, one in seen.items():
        assert counts(one["regions"]) == truth.category_regions[name]
    assert categories["phone_number"]["verdict"] == "not_seen"
    assert {one["outcome"] for one in resolved["statements"]} == {"exact"}
    assert resolved["disagreements"] == []
    assert len(list(csv.DictReader(people.open()))) == truth.people

    # With that list three people get right answers over the whole time, for each category.
    answers = await desk.answers(hers, his, nobodys, options=(*both, "--resolved", str(people)))
    assert [one["answer"] for one in answers] == ["yes", "yes", "no"]
    for key, one in zip((hers, his, nobodys), answers, strict=True):
        assert {name for name, told in one["categories"].items() if told == "yes"} == taken.categories(key)
        assert "cannot_tell" not in one["categories"].values()
    # Of hers alone, who was taken by him only was not.
    alone = await desk.told("resolve", *asking[:5], *WEEK, "--keys", str(desk.place / "hers.csv"))
    assert alone["people"] == {"lower": of_mara(incident), "upper": of_mara(incident)}
    (only_his,) = await desk.answers(his, options=(*WEEK, "--resolved", str(desk.place / "hers.csv")))
    assert only_his["answer"] == "no"

    # And the document for the authority.
    exact.write_bytes(orjson.dumps(alone))
    await desk.ask(
        "dossier", "--resolved", str(exact), "--no-early", "--format", "md,json", "--out", str(desk.place), *WEEK
    )
    document = next(desk.place.glob("*.md")).read_text()
    assert f"{of_mara(incident):,}" in document
    assert MARA in document


def counts(told: dict[str, dict[str, int]]) -> dict[str, int]:
    """Return exact bounds as numbers."""
    assert all(one["lower"] == one["upper"] for one in told.values())
    return {name: one["upper"] for name, one in told.items() if one["upper"]}


class Taken:
    """Whose data left, asked of the same tables."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        truth_of(connection)

    def categories(self, key: int) -> set[str]:
        """Return the categories of somebody's data that left."""
        found = self._connection.execute("select distinct category from taken where id = %s", (key,))
        return {category for (category,) in found.fetchall()}

    def nobody(self) -> int:
        """Return a customer of whom nothing left."""
        query = "select min(id) from customers where id > 100000 and id not in (select id from taken)"
        ((key,),) = self._connection.execute(query).fetchall()
        return key


@pytest.fixture
def taken(incident: Incident) -> Iterator[Taken]:
    """Give whose data left: his, hers, nobody's."""
    with psycopg.connect(incident.dsn, options="-c pgaudit.log=none") as connection:
        yield Taken(connection)


def of_mara(incident: Incident) -> int:
    """Return how many people she took alone."""
    with psycopg.connect(incident.dsn, options="-c pgaudit.log=none") as connection:
        return truth_of(connection, (MARA,)).people
