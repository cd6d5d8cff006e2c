"""``streamguard normalize``: every record accounted for, and the same activities from every carrier."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from streamguard.cli import app

SAMPLES = Path(__file__).parents[2] / "samples"
CARRIERS = ("jsonlog", "csvlog", "stderr.log")


def normalize(*files: Path, options: tuple[str, ...] = ("--json",)) -> list[dict]:
    result = CliRunner().invoke(app, ["normalize", *options, *map(str, files)])
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    "path",
    sorted(set(SAMPLES.rglob("*.*")) - {SAMPLES / "SOURCES.md"}),
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_every_record_is_accounted_for(path):
    *lines, last = normalize(path)
    totals = last["totals"]
    parts = totals["activities"] + totals["merged"]
    parts += sum(totals["ignored"].values()) + sum(totals["rejected"].values())
    assert totals["records_in"] == parts == len(lines)
    assert {line["outcome"] for line in lines} <= {"activity", "merged", "ignored", "rejected"}
    assert all(line["reason"] for line in lines if line["outcome"] in {"ignored", "rejected"})
    assert all("activity" in line for line in lines if line["outcome"] == "activity")


def test_jsonlog_csvlog_and_stderr_of_the_same_events_give_the_same_activities():
    found = {}
    for carrier in CARRIERS:
        lines = normalize(SAMPLES / "postgresql" / f"generated-pg15-pgaudit1.7-logrows.{carrier}")
        found[carrier] = [line["activity"] for line in lines[:-1] if line["outcome"] == "activity"]
        for activity in found[carrier]:
            del activity["source"]
    assert len(found["jsonlog"]) == 80
    assert found["jsonlog"] == found["csvlog"] == found["stderr.log"]


def test_a_join_is_one_activity_with_its_rows_once():
    lines = normalize(SAMPLES / "postgresql" / "generated-pg15-pgaudit1.7-logrows.jsonlog")
    joins = [
        a
        for line in lines[:-1]
        if (a := line.get("activity")) and len(a.get("tables", ())) == 2 and a.get("rows") == 667
    ]
    assert joins
    assert all(set(join["tables"]) == {"public.customers", "public.orders"} for join in joins)


def test_an_unknown_format_is_refused_with_the_known_ones():
    result = CliRunner().invoke(app, ["normalize", "--format", "postgresql.jsonlogg", __file__])
    assert result.exit_code == 2
    assert "postgresql.jsonlog" in result.output


def test_a_missing_file_is_said_plainly(tmp_path):
    result = CliRunner().invoke(app, ["normalize", str(tmp_path / "nowhere.log")])
    assert result.exit_code == 2
    assert "cannot read" in result.output


def test_people_get_a_table():
    result = CliRunner().invoke(
        app, ["normalize", str(SAMPLES / "postgresql" / "generated-pg15-pgaudit1.7-norows.jsonlog")]
    )
    assert result.exit_code == 0
    assert "activities" in result.stdout
