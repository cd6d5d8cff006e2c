"""The documentation names every scenario, format and role, and its Python runs."""

from __future__ import annotations

import re
from pathlib import Path

from streamguard.simulate import FORMATS, Scenario
from streamguard.simulate.roles import ROLES

DOCS = (Path(__file__).parents[3] / "docs" / "simulate.md").read_text(encoding="utf-8")


def test_every_scenario_format_and_role_has_its_row():
    rows = set(re.findall(r"^\| `?([\w.]+)", DOCS, re.MULTILINE)) | set(
        re.findall(r"^\| .*?, `([\w.]+)`", DOCS, re.MULTILINE)
    )
    assert {*Scenario, *FORMATS, *ROLES} <= rows
    assert {entry.file for entry in FORMATS.values()} <= set(re.findall(r"`([\w.]+)`", DOCS))


def test_its_python_runs():
    (program,) = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)
    told = {}
    exec(program, told)
    assert next(told["lines"])
    assert len(told["truth"]["attacks"]) == 24
    assert not told["quiet"].attacks
    assert len(told["frogs"].attacks) == 36
