"""Commands that work on files: simulate, replay, check-config."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from typer.testing import CliRunner

from streamguard.cli import app
from streamguard.cli.logs import redact
from streamguard.exposure.identityrecord import Change, read_change
from streamguard.simulate import FORMATS


def invoke(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def test_simulate_and_replay_find_the_simulated_leaks(tmp_path):
    assert invoke("simulate", "--out", str(tmp_path)).exit_code == 0
    result = invoke("replay", "--json", "-c", str(tmp_path / "streamguard.yaml"), str(tmp_path / "audit.jsonlog"))
    assert result.exit_code == 0
    found = {json.loads(line)["unmapped"]["employee"] for line in result.stdout.splitlines()}
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert {employee for attack in truth["attacks"] for employee in attack["employees"]} <= found
    again = invoke("replay", "--json", "-c", str(tmp_path / "streamguard.yaml"), str(tmp_path / "audit.jsonlog"))
    assert again.stdout == result.stdout, "the same log gives the same findings, byte for byte"


def test_simulate_wants_to_know_where_to(tmp_path):
    assert invoke("simulate").exit_code == 2
    assert invoke("simulate", "--out", str(tmp_path), "--to-kafka").exit_code == 2
    assert invoke("simulate", "--out", str(tmp_path), "--world", str(tmp_path)).exit_code == 2


WORLD = ("--people", "30", "--days", "4", "--clean", "--seed", "7")


def test_simulate_writes_a_world_in_every_format(tmp_path):
    for form, entry in FORMATS.items():
        folder = tmp_path / form
        result = invoke("simulate", "--world", str(folder), "--format", form, "--json", *WORLD)
        assert result.exit_code == 0, result.output
        summary = json.loads(result.stdout.splitlines()[0])
        assert summary["statements"] > 2_000
        assert {role["role"]: role["accounts"] for role in summary["roles"]}["support"] == 12
        assert (folder / entry.file).stat().st_size > 500_000
        assert invoke("check-config", "-c", str(folder / "streamguard.yaml")).exit_code == 0


def test_simulate_gzips_and_gives_the_same_bytes_again(tmp_path):
    for name in ("a", "b"):
        assert invoke("simulate", "--world", str(tmp_path / name), "--gzip", *WORLD).exit_code == 0
    first, second = (sorted((tmp_path / name).iterdir()) for name in ("a", "b"))
    assert [path.name for path in first] == [
        *("activities.ndjson.gz", "catalogue.yaml", "identities.yaml", "identities_changes.ndjson"),
        *("streamguard.yaml", "truth.json"),
    ]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    changes = [json.loads(line) for line in (tmp_path / "a" / "identities_changes.ndjson").read_text().splitlines()]
    assert all(isinstance(read_change(c["key"].encode(), json.dumps(c["value"]).encode()), Change) for c in changes)


def test_simulate_takes_scenarios_sizes_and_strengths(tmp_path):
    options = ("--scenario", "boiling_frog", "--scenario", "drip", "--attacks", "3", "--strength", "1.2")
    result = invoke(
        "simulate", "--world", str(tmp_path), "--group", "support=30", "--days", "26", "--people", "30", *options
    )
    assert result.exit_code == 0, result.output
    attacks = json.loads((tmp_path / "truth.json").read_text())["attacks"]
    assert Counter((attack["scenario"], attack["strength"]) for attack in attacks) == {
        ("boiling_frog", 1.2): 3,
        ("drip", 1.2): 3,
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--format", "xml"), "no format is called xml"),
        (("--group", "support"), "--group takes ROLE=ACCOUNTS"),
        (("--group", "cooks=3"), "--group takes ROLE=ACCOUNTS"),
        (("--days", "9"), "attacks begin on day 21"),
        (("--people", "30", "--attacks", "30"), "too few people"),
        (("--scenario", "theft"), "Invalid value"),
    ],
)
def test_simulate_refuses_what_cannot_be_simulated(tmp_path, options, message):
    result = invoke("simulate", "--world", str(tmp_path / "w"), *options)
    assert result.exit_code == 2
    assert message in result.output
    assert not (tmp_path / "w").exists()


def test_check_config_reports_every_mistake_of_all_files_with_its_line(tmp_path):
    (tmp_path / "streamguard.yaml").write_text(
        "identities: people.yaml\ncatalogue: data.yaml\ntopics:\n  audit: [{name: a, format: nonsense}]\n"
    )
    (tmp_path / "people.yaml").write_text(
        "employees:\n  - {id: a, group: g, logins: [x]}\n  - {id: b, group: g, logins: [x], time_zone: Mars/Olympus}\n"
    )
    (tmp_path / "data.yaml").write_text(
        "databases:\n  crm:\n    tables:\n      public.t:\n        columns:\n          c: e-mail\n"
    )
    result = invoke("check-config", "--json", "-c", str(tmp_path / "streamguard.yaml"))
    assert result.exit_code == 1
    found = {(m["file"].rsplit("/", 1)[-1], m["line"]) for m in json.loads(result.stdout)["mistakes"]}
    assert {("streamguard.yaml", 4), ("people.yaml", 3), ("data.yaml", 6)} <= found


def test_check_config_is_content_with_the_example(tmp_path):
    assert invoke("simulate", "--out", str(tmp_path), "--days", "8").exit_code == 0
    assert invoke("check-config", "-c", str(tmp_path / "streamguard.yaml")).exit_code == 0


def test_run_refuses_a_bad_configuration_before_it_touches_kafka(tmp_path):
    (tmp_path / "bad.yaml").write_text("kafka: {bootstrap_server: x}\ndetect: {budget_per_1000: -1}\n")
    result = invoke("run", "-c", str(tmp_path / "bad.yaml"))
    assert result.exit_code == 2
    assert "2 mistakes" in result.output
    assert "bad.yaml:1" in result.output
    assert "bad.yaml:2" in result.output


def test_logs_hide_what_looks_like_personal_data():
    event = redact(None, "", {"event": "mail to jane.doe@example.com, +49 30 5550 00123, at 127.0.0.1:9092", "n": 5})
    assert event["event"] == "mail to [redacted], [redacted], at 127.0.0.1:9092"
    assert event["n"] == 5
