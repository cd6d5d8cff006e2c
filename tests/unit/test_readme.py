"""The README tells the truth: it names every command, and its finding is what the command prints."""

from __future__ import annotations

import re
from pathlib import Path

from typer.main import get_command
from typer.testing import CliRunner

from streamguard.cli import app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_it_names_every_command_and_every_part_of_one():
    rows = dict(re.findall(r"^\| `streamguard ([a-z-]+)[^`]*` \| (.*) \|$", README, re.MULTILINE))
    commands = get_command(app).commands
    assert rows.keys() == commands.keys() - {"version"}
    for name, command in commands.items():
        for part in getattr(command, "commands", {}):
            assert f"`{part}`" in rows[name], (name, part)


def test_its_finding_is_what_the_command_prints(tmp_path):
    runner = CliRunner()
    assert runner.invoke(app, ["simulate", "--out", str(tmp_path)]).exit_code == 0
    result = runner.invoke(app, ["replay", "-c", str(tmp_path / "streamguard.yaml"), str(tmp_path / "audit.jsonlog")])
    printed = set(result.stdout.splitlines())
    card = README.split("```")[1].strip().splitlines()
    assert len(card) > 10
    assert [line for line in card if line not in printed] == []
