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


def test_the_same_events_give_the_same_activities_from_every_carrier():
    found = {}
    for carrier in CARRIERS:
        path = SAMPLES / "postgresql" / f"generated-pg15-pgaudit1.7-logrows.{carrier}"
        found[carrier] = [line["activity"] for line in normalize(path)[:-1] if line["outcome"] == "activity"]
        for activity in found[carrier]:
            del activity["source"]
            if activity["statement_key"].startswith(str(path)):
                # Nothing told it: it is the place in the file.
                del activity["statement_key"]
    assert len(found["jsonlog"]) >= 80
    assert found["jsonlog"] == found["csvlog"]
    # Plain lines do not say what joins an audited statement to its duration, so they may merge less.
    counted = [
        {(a["user"], *a.get("tables", ()), a["rows"]) for a in found[carrier] if "rows" in a} for carrier in CARRIERS
    ]
    assert counted[0] == counted[2]


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


NOROWS = SAMPLES / "postgresql" / "generated-pg15-pgaudit1.7-norows.jsonlog"


def rows_of(stdout: str, name: str) -> list[list[str]]:
    return [line.split()[1:] for line in stdout.splitlines() if line.startswith(name)]


def test_people_get_three_tables():
    result = CliRunner().invoke(app, ["normalize", str(NOROWS)])
    assert result.exit_code == 0
    account = normalize(NOROWS)[-1]["totals"]
    counts, reasons, shares = rows_of(result.stdout, NOROWS.name)
    others = (sum(account["ignored"].values()), sum(account["rejected"].values()))
    numbers = (account["records_in"], account["activities"], account["merged"], *others)
    assert counts == [str(number) for number in numbers]
    words = " ".join(reasons[1:])
    assert reasons[0] == "ignored"
    assert all(f"{reason} {count}" in words for reason, count in account["ignored"].items())
    assert len(shares) == len(account["shares"]) == 8


def test_tables_fit_a_page():
    result = CliRunner().invoke(app, ["normalize", str(SAMPLES)])
    assert max(map(len, result.stdout.splitlines())) <= 120


def test_shares_are_of_what_the_activities_say():
    *lines, last = normalize(NOROWS)
    activities = [line["activity"] for line in lines if line["outcome"] == "activity"]
    for field, share in last["totals"]["shares"].items():
        having = [a for a in activities if a.get(field) is not None and a[field] != []]
        assert share == pytest.approx(100 * len(having) / len(activities), abs=0.05)
    assert last["totals"]["shares"]["user"] == 100.0


def test_a_file_without_activities_has_no_shares():
    path = SAMPLES / "wrapped-derived" / "cloudwatch-control-message.json"
    assert set(normalize(path)[-1]["totals"]["shares"].values()) == {None}
    result = CliRunner().invoke(app, ["normalize", str(path)])
    assert rows_of(result.stdout, path.name)[-1] == ["-"] * 8


def test_totals_hold_every_file_and_their_sum():
    files = [SAMPLES / "postgresql" / f"generated-pg15-pgaudit1.7-logrows.{carrier}" for carrier in CARRIERS]
    totals = normalize(*files)[-1]["totals"]
    assert totals["files"] == 3
    assert [entry["file"] for entry in totals["by_file"]] == list(map(str, files))
    for key in ("records_in", "activities", "merged"):
        assert totals[key] == sum(entry[key] for entry in totals["by_file"]) > 0
    assert totals["ignored"]["plan"] == sum(entry["ignored"].get("plan", 0) for entry in totals["by_file"])


def test_a_directory_is_walked_without_its_notes(tmp_path):
    for name in ("b/two.jsonlog", "a.jsonlog", "README.md", ".hidden/x.log"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(NOROWS.read_bytes())
    totals = normalize(tmp_path)[-1]["totals"]
    assert [entry["file"] for entry in totals["by_file"]] == [
        str(tmp_path / "a.jsonlog"),
        str(tmp_path / "b/two.jsonlog"),
    ]
    result = CliRunner().invoke(app, ["normalize", str(tmp_path)])
    assert rows_of(result.stdout, "b/two.jsonlog")


MAPPINGS = "mappings: {portal: {when: {app: portal}, fields: {time: at, user: who, tables: what}}}"


def test_home_grown_records_are_read_by_a_mapping(tmp_path):
    (tmp_path / "mappings.yaml").write_text(MAPPINGS)
    log = tmp_path / "portal.ndjson"
    log.write_text('{"app": "portal", "at": "2026-11-22T03:57:28Z", "who": "ann", "what": ["crm.customers"]}\n')
    options = ("--json", "--mappings", str(tmp_path / "mappings.yaml"))
    for more in ((), ("--format", "mapping.portal")):
        line, _ = normalize(log, options=(*options, *more))
        assert line["activity"]["tables"] == ["crm.customers"]


def test_mistakes_of_the_mappings_are_told(tmp_path):
    (tmp_path / "mappings.yaml").write_text(MAPPINGS.replace("tables", "table"))
    options = ["--mappings", str(tmp_path / "mappings.yaml")]
    result = CliRunner().invoke(app, ["normalize", str(NOROWS), *options])
    assert result.exit_code == 2
    assert "did you mean tables?" in result.output


def test_a_mapping_that_no_file_defines_is_refused():
    result = CliRunner().invoke(app, ["normalize", "--format", "mapping.portal", str(NOROWS)])
    assert result.exit_code == 2
