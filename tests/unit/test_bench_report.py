"""What the bench prints: ratios first; and what its meter counts."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from bench import results
from bench.figures import Spread
from bench.measure import Meter
from rich.console import Console


def test_shows_ratios_before_absolute_figures_and_the_machine_last() -> None:
    first = results.Result("one", "first", "a : b", [results.Row("ours", Spread(20.0, 15.0, 30.0), {"cost": "3.14"})])
    second = results.Result("two", "second", "c : d", [results.Row("theirs", failure="did not run: [boom]")])
    out = io.StringIO()
    results.show(Console(file=out, width=200), [first, second], {"python": "3.x"})
    text = out.getvalue()
    places = [text.index(part) for part in ("20.0", "15.0 to 30.0", "did not run: [boom]", "3.14", "python 3.x")]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("value", "shown"), [(1234.5, "1,234"), (99.95, "100.0"), (12.34, "12.3"), (1.234, "1.23"), (0.0, "0.00")]
)
def test_figures_have_three_digits_that_count(value: float, shown: str) -> None:
    assert results.number(value) == shown


def test_the_meter_leaves_out_what_came_before_the_warm_up(capfd: pytest.CaptureFixture[str]) -> None:
    meter = Meter("x", 1_000)
    meter.at(99)
    meter.at(150)
    meter.at(400)
    meter.report(1_000, done=7)
    found = orjson.loads(capfd.readouterr().out)
    assert (found["read"], found["records"], found["done"]) == (1_000, 850, 7)


def test_a_run_shorter_than_the_warm_up_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="too short"):
        Meter("x", 1_000).report(50)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux")
def test_peak_memory_is_not_the_parents() -> None:
    """A child's ``ru_maxrss`` begins with its parent's, so every contestant would seem as large as the bench."""
    code = "from bench.measure import Meter; m = Meter('x', 10); m.at(5); m.report(10)"
    ballast = bytearray(400_000_000)
    ballast[::4096] = b"x" * len(ballast[::4096])
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=True)
    assert orjson.loads(done.stdout)["peak_mb"] < 200
