"""``streamguard demo``, as a newcomer runs it: it finds the leaks, ends by itself, and leaves nothing running."""

from __future__ import annotations

import json
import subprocess
import sys

import psutil
import pytest


@pytest.mark.timeout(240)
def test_the_demo_finds_its_leaks_and_leaves_nothing_running():
    done = subprocess.run(
        [sys.executable, "-m", "streamguard", "demo", "--json"],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["leak_found"] is True
    assert told["activities"] > 10_000
    assert 0 < told["findings"] < 30
    assert told["seconds_to_finding"] < 90
    assert told["broker"].startswith("embedded")
    assert "not seen:" in done.stderr
    left = [p for p in psutil.Process().children(recursive=True) if "demo" in p.cmdline()]
    assert left == []
