"""Commands that work on files: simulate, replay, check-config."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from streamguard.cli import app
from streamguard.cli.logs import redact


def invoke(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def test_simulate_and_replay_find_the_simulated_leaks(tmp_path):
    assert invoke("simulate", "--out", str(tmp_path)).exit_code == 0
    result = invoke("replay", "--json", "-c", str(tmp_path / "streamguard.yaml"), str(tmp_path / "audit.jsonlog"))
    assert result.exit_code == 0
    found = {json.loads(line)["unmapped"]["employee"] for line in result.stdout.splitlines()}
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert {attack["employee"] for attack in truth} <= found
    again = invoke("replay", "--json", "-c", str(tmp_path / "streamguard.yaml"), str(tmp_path / "audit.jsonlog"))
    assert again.stdout == result.stdout, "the same log gives the same findings, byte for byte"


def test_simulate_wants_to_know_where_to(tmp_path):
    assert invoke("simulate").exit_code == 2
    assert invoke("simulate", "--out", str(tmp_path), "--to-kafka").exit_code == 2


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
