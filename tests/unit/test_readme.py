"""The README tells the truth: its commands exist, its files exist, its finding is what the command prints."""

from __future__ import annotations

import re
from pathlib import Path

from typer.testing import CliRunner

from streamguard.cli import app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_every_command_it_names_exists():
    known = {command.name or command.callback.__name__ for command in app.registered_commands}
    named = set(re.findall(r"streamguard ([a-z-]+)", re.sub(r"https?://\S+", "", README)))
    assert named - {"run", "topics"} <= known
    assert {"demo", "run", "replay", "normalize", "simulate", "topics", "doctor", "check-config"} <= known & named


def test_every_target_of_make_it_names_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", README, re.MULTILINE)) <= targets


def test_every_file_it_links_exists():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_its_finding_is_what_the_command_prints(tmp_path):
    runner = CliRunner()
    assert runner.invoke(app, ["simulate", "--out", str(tmp_path)]).exit_code == 0
    result = runner.invoke(app, ["replay", "-c", str(tmp_path / "streamguard.yaml"), str(tmp_path / "audit.jsonlog")])
    printed = set(result.stdout.splitlines())
    card = README.split("```")[1].strip().splitlines()
    assert len(card) > 10
    assert [line for line in card if line not in printed] == []
