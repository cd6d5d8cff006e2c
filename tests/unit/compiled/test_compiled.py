"""The compiled build: what it gives is the same to the byte, and it says what it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BUILT = ROOT / "build" / "compiled"


def run(*arguments: str, path: Path) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"PYTHONPATH": str(path)},
        cwd=path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A compiled package: that of ``make compiled`` if no source is newer, else one made here, hardly optimised."""
    if (
        BUILT.exists()
        and max(path.stat().st_mtime for path in ROOT.glob("streamguard/**/*.py")) < BUILT.stat().st_mtime
    ):
        return BUILT
    out = tmp_path_factory.mktemp("compiled")
    run(str(ROOT / "hatch_build.py"), str(out), "0", path=ROOT)
    return out


def test_activities_findings_and_state_are_the_same_to_the_byte(twin):
    digest = str(Path(__file__).with_name("digest.py"))
    pure, compiled = (json.loads(run(digest, path=path)) for path in (ROOT, twin))
    assert (pure.pop("compiled"), compiled.pop("compiled")) == (False, True)
    assert pure == compiled
    assert pure["judged"] > 10_000
    assert pure["found"] > 0


def test_a_build_says_what_it_is(twin):
    says = ["-c", "from streamguard.compiled import build_line; print(build_line())"]
    assert run(*says, path=ROOT).endswith(", not compiled)\n")
    assert run(*says, path=twin).endswith(", compiled)\n")
