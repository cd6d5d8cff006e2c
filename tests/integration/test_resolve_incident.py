"""The scripted incident resolved: the truth to the last person, by kept logs, and as far as it goes by the ledger."""

from __future__ import annotations

import csv
import stat
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import orjson
import pytest
from incident.incident import CATALOGUE, IDENTITIES, KEY
from typer.testing import CliRunner

from streamguard.cli import app
from streamguard.cli.incident import resolve as command
from streamguard.scope import Bounds
from streamguard.sealing import new_key, private_pem, public_text

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result
    from incident.incident import Incident

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]

SETTINGS = f"""
identities: {IDENTITIES}
catalogue: {CATALOGUE}
sources: {{subject_key: "{KEY.decode()}"}}
"""


class _Found(NamedTuple):
    """What the command needs of an incident."""

    span: object
    employees: tuple[str, ...]


Resolve: TypeAlias = "Callable[..., Result]"


@pytest.fixture
def resolve(incident: Incident, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Resolve:
    (tmp_path / "streamguard.yaml").write_text(SETTINGS)
    found = _Found(incident.span, incident.employees)
    monkeypatch.setattr(command, "incident_of", lambda *_: found)
    monkeypatch.setattr(command, "exposures_of", lambda *_: incident.exposures)
    # As a ledger is that does not know how far cursors were read.
    monkeypatch.setattr(command, "fetched_of", lambda *_: {})
    (tmp_path / "audit.json").write_bytes(b"\n".join(incident.server.log_lines()))

    def run(*arguments: str) -> Result:
        words = ["incident", "resolve", "inc-1", "--dsn", incident.dsn, "--config", str(tmp_path / "streamguard.yaml")]
        return CliRunner().invoke(app, [*words, *arguments])

    return run


def bounds(told: dict[str, dict[str, int]]) -> dict[str, Bounds]:
    return {name: Bounds(**one) for name, one in told.items()}


def test_kept_logs_give_the_truth_to_the_last_person(resolve: Resolve, incident: Incident, tmp_path: Path) -> None:
    keys = tmp_path / "people.csv"
    told = resolve("--run", "--json", "--logs", str(tmp_path / "audit.json"), "--keys", str(keys))
    assert told.exit_code == 0, told.stderr
    found, truth = orjson.loads(told.stdout), incident.truth

    def exactly(counts: dict[str, int]) -> dict[str, Bounds]:
        return {name: Bounds(count, count) for name, count in counts.items()}

    assert Bounds(**found["people"]) == Bounds(truth.people, truth.people)
    assert bounds(found["regions"]) == exactly(truth.regions)
    categories = {one["category"]: one for one in found["categories"]}
    assert {name: Bounds(**one["people"]) for name, one in categories.items() if one["people"]["upper"]} == exactly(
        truth.categories
    )
    for name, regions in truth.category_regions.items():
        assert bounds(categories[name]["regions"]) == exactly(regions), name
    assert categories["phone_number"]["verdict"] == "not_seen"
    assert {one["outcome"] for one in found["statements"]} == {"exact"}
    assert found["disagreements"] == []
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    lines = list(csv.DictReader(keys.open()))
    assert len(lines) == truth.people
    assert {line["certain"] for line in lines} == {"yes"}


def test_the_ledger_bounds_what_it_does_not_know(resolve: Resolve, incident: Incident) -> None:
    found = orjson.loads(resolve("--run", "--json").stdout)
    outcomes = {one["statement"].split()[0]: one["outcome"] for one in found["statements"]}
    # An amount that no log keeps, and a cursor.
    assert [one["outcome"] for one in found["statements"] if "total > ?" in one["statement"]] == ["bounded"]
    assert outcomes["copy"] == "exact"
    assert outcomes["declare"] == "bounded"
    for one in found["categories"]:
        assert Bounds(**one["people"]).holds(incident.truth.categories.get(one["category"], 0)), one
    for region, count in incident.truth.regions.items():
        assert Bounds(**found["regions"][region]).holds(count)


def test_nothing_is_asked_without_run_and_no_value_is_shown(resolve: Resolve, tmp_path: Path) -> None:
    told = resolve("--logs", str(tmp_path / "audit.json"), "--keys", str(tmp_path / "people.csv"))
    assert told.exit_code == 0, told.stderr
    assert "add --run" in told.stderr
    assert not (tmp_path / "people.csv").exists()
    assert "country IN (" in told.stdout or "country = " in told.stdout
    assert "7920" not in told.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--replica"], "leave out --replica"),
        (["--keys", "{existing}"], "to a new file only"),
        (["--private-key", "{existing}"], "no private key"),
    ],
)
def test_what_was_not_meant_is_refused(resolve: Resolve, tmp_path: Path, arguments: list[str], message: str) -> None:
    existing = tmp_path / "existing"
    existing.write_text("")
    told = resolve("--run", *(word.format(existing=existing) for word in arguments))
    assert told.exit_code
    assert message in " ".join(told.stderr.split())
    assert existing.read_text() == ""


def test_a_refused_question_leaves_no_list_behind(resolve: Resolve, tmp_path: Path) -> None:
    keys = tmp_path / "people.csv"
    assert resolve("--run", "--replica", "--keys", str(keys)).exit_code
    assert not keys.exists()


def test_the_private_key_is_read(resolve: Resolve, tmp_path: Path) -> None:
    key = new_key()
    assert public_text(key)
    (tmp_path / "key.pem").write_bytes(private_pem(key))
    assert resolve("--private-key", str(tmp_path / "key.pem")).exit_code == 0
