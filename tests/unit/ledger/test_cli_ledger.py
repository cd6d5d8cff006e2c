"""``streamguard ledger``: what people and programs are told of a store; what is refused."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime

import msgspec
import pytest
from typer.testing import CliRunner

from streamguard.activity import Exposure
from streamguard.cli import app

from ledger_samples import START_MS, block_of, history, in_order

from streamguard.ledger import LedgerWriter
from streamguard.ledger.rows import DAY_MS

LOG = history(60)


@pytest.fixture
def ask(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "streamguard.yaml").write_text("ledger: {directory: store}\n")
    with LedgerWriter(tmp_path / "store", threads=1, memory_mb=256) as writer:
        writer.take(0, 1, block_of(LOG))
        writer.commit(caught_up=True)

    def ask(*arguments, code=0):
        result = CliRunner().invoke(app, ["ledger", *arguments])
        assert result.exit_code == code, result.output
        return result

    return ask


def test_shows_exposures_one_by_one(ask):
    found = [msgspec.json.decode(line, type=Exposure) for line in ask("show", "--json").stdout.splitlines()]
    assert found == in_order(LOG)
    text = ask("show", "--employee", "anna", "--limit", "1")
    assert "anna" in text.stdout
    assert "select" in text.stdout
    assert "there is more" in text.stderr


def test_counts(ask):
    day = datetime.fromtimestamp((START_MS + DAY_MS) / 1000, tz=UTC)
    lines = ask("show", "--json", "--by", "employee, day", "--to", f"{day:%Y-%m-%d}").stdout.splitlines()
    expected = Counter(one.employee for one in LOG if one.activity.time_ms < START_MS + DAY_MS)
    found: Counter[str] = Counter()
    for one in map(json.loads, lines):
        found[one["employee"]] += one["statements"]
    assert found == expected
    assert "without a count" in ask("show", "--by", "category").stdout


def test_says_how_the_store_is(ask):
    told = json.loads(ask("stats", "--json").stdout)
    assert told["exposures"] == len(LOG)
    assert told["complete_until_ms"] == max(one.activity.time_ms for one in LOG)
    assert "complete until" in ask("stats").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["show", "--by", "nobody"], 2, "employee, group, day, category, region"),
        (["show", "--from", "yesterday"], 2, "--from must be"),
        (["purge"], 2, "say what to forget"),
    ],
)
def test_says_what_is_wrong(ask, arguments, code, words):
    assert words in " ".join(ask(*arguments, code=code).output.split())


def test_a_store_that_is_not_there_is_a_plain_error(ask, monkeypatch):
    monkeypatch.setenv("STREAMGUARD_LEDGER__DIRECTORY", "nowhere")
    for command in (["show"], ["stats"], ["show", "--by", "day"]):
        assert "ledger run" in ask(*command, code=1).output


def test_a_ledger_that_is_switched_off_is_a_plain_error(ask, monkeypatch):
    monkeypatch.setenv("STREAMGUARD_TOPICS__LEDGER", "none")
    assert "topics.ledger" in ask("run", code=2).output
    assert "topics.ledger" in ask("purge", "--employee", "anna", "--yes", code=2).output
