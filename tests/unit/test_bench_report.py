"""Ratios point the right way, and times of different work are never compared."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from bench import report
from bench.measure import Meter
from rich.console import Console


def run(cost: float, done: int = 1_000, read: int = 1_000) -> dict:
    return {"cpu_us_per_record": cost, "wall_records_per_second": 1e6, "peak_mb": 1, "read": read, "done": done}


def results(**changed: list[dict]) -> report.Results:
    runs = {"ours": [run(2.0), run(4.0), run(3.0)], "stock": [run(60.0)] * 3, "bare": [run(1.0)] * 3, **changed}
    return {"rows": {report.OURS: runs["ours"], report.STOCK: runs["stock"], report.BARE: runs["bare"]}}


def test_ratios_are_of_medians_and_by_round() -> None:
    stock, bare = report.ratios(results())
    assert stock == ("rows", report.STOCK, 20.0, 15.0, 30.0)
    assert bare == ("rows", report.BARE, pytest.approx(1 / 3), 0.25, 0.5)


def test_the_same_work_passes_whoever_read_less() -> None:
    report.check_same_work(results(stock=[run(60.0, done=199, read=200)]))


@pytest.mark.parametrize("done", [980, 0])
def test_less_work_done_is_an_error(done: int) -> None:
    with pytest.raises(report.DifferentWorkError, match=r"did not judge the same.*bare aiokafka loop 0\.\d{4}"):
        report.check_same_work(results(bare=[run(1.0), run(1.0, done=done)]))


def test_nobody_doing_anything_is_an_error() -> None:
    idle = [run(1.0, done=0)]
    with pytest.raises(report.DifferentWorkError):
        report.check_same_work(results(ours=idle, stock=idle, bare=idle))


def test_shows_ratios_before_absolute_numbers() -> None:
    out = io.StringIO()
    report.show(Console(file=out, width=200), results(), {"python": "3.x"})
    text = out.getvalue()
    assert text.index("20.00") < text.index("CPU us/record") < text.index("python 3.x")
    assert "15.00 to 30.00" in text


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
