"""The catalogue commands, as far as they need no database."""

from __future__ import annotations

import json
import sys

from typer.testing import CliRunner

from streamguard.cli import app
from streamguard.sources.statement import subject_hash

GOOD = """\
databases:
  crm:
    tables:
      customers:
        {subject_type: customer, subject_key: id, region: EU, subjects: 5000,
         columns: {id: none, email: email_address, notes: unknown}}
      products: none
"""


def invoke(*arguments: str, **more):
    return CliRunner().invoke(app, ["catalog", *arguments], **more)


def test_check_reports_every_mistake_with_its_line(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("databases:\n  crm:\n    tables:\n      t: {columns: {a: e-mail,\n         b: }}\n")
    result = invoke("check", str(path), "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert not told["ok"]
    assert [mistake["line"] for mistake in told["mistakes"]] == [4, 5]
    in_words = invoke("check", str(path))
    assert in_words.exit_code == 1
    assert "c.yaml:4: there is no category e-mail" in in_words.output.replace("\n", "")


def test_warnings_are_no_mistakes(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text(GOOD)
    result = invoke("check", str(path), "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert (told["ok"], told["mistakes"], told["drift"]) == (True, [], [])
    assert [warning["line"] for warning in told["warnings"]] == [4]
    assert "The catalogue is good; 1 warning." in invoke("check", str(path)).output


def test_planted_keys_become_hashes_and_are_better_not_in_clear(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "c.yaml"
    path.write_text("databases: {d: {tables: {t: {columns: {id: none},\n  honey: {column: id, keys: [900001]}}}}}\n")
    told = json.loads(invoke("check", str(path), "--json").stdout)
    assert [(told["ok"], warning["line"], "900001" in warning["message"]) for warning in told["warnings"]] == [
        (True, 2, False)
    ]
    assert json.loads(invoke("show", str(path), "--json").stdout)["tables"][0]["planted"] == "rows by id"
    assert invoke("hash", input="900001\n").exit_code == 2
    monkeypatch.setenv("STREAMGUARD_SOURCES__SUBJECT_KEY", "a key that nobody guesses")
    hashed = invoke("hash", input="900001\n\n 0900001 \n").output.split()
    assert hashed == [subject_hash(b"a key that nobody guesses", "900001")] * 2
    path.write_text(path.read_text().replace("keys: [900001]", f"hashes: ['{hashed[0]}']"))
    assert json.loads(invoke("check", str(path), "--json").stdout)["warnings"] == []


def test_show(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text(GOOD)
    output = invoke("show", str(path)).output
    assert "email_address" in output
    assert "5,000" in output
    (customers, products) = json.loads(invoke("show", str(path), "--json").stdout)["tables"]
    assert customers["columns"] == {"id": "none", "email": "email_address", "notes": "unknown"}
    assert products["categories"] == []


def test_scan_says_what_to_do_and_no_password(tmp_path):
    dsn = "postgresql://u:geheim@127.0.0.1:1/crm"
    result = invoke("scan", env={"STREAMGUARD_SCAN_DSN": dsn})
    assert result.exit_code == 2
    assert "postgresql://127.0.0.1:1/crm" in result.output
    assert "geheim" not in result.output
    assert invoke("scan").exit_code == 2
    assert "geheim" not in invoke("scan", "--help", env={"STREAMGUARD_SCAN_DSN": dsn}).output
    there = tmp_path / "there.yaml"
    there.write_text(GOOD)
    refused = invoke("scan", dsn, "--output", str(there))
    assert refused.exit_code == 2
    assert there.read_text() == GOOD


def test_scan_without_the_extra_says_which_one(monkeypatch):
    # The package's attribute of that name is the command.
    monkeypatch.setattr(sys.modules["streamguard.cli.catalog"], "find_spec", lambda name: None)
    result = invoke("scan", "mysql://u@h/d")
    assert result.exit_code == 2
    assert "pip install 'streamguard[scan]'" in result.output
