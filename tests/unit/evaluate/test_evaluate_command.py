"""A small world, simulated, written and evaluated through the command line."""

from __future__ import annotations

import json

import msgspec
import pytest
from typer.testing import CliRunner

from streamguard.cli import app
from streamguard.evaluate import Evaluation
from streamguard.evaluate.plots import draw
from streamguard.evaluate.poisoning import PoisonPoint
from streamguard.evaluate.spread import Estimate

CHEAP = ("--detector", "streamguard", "--detector", "static_rows", "--detector", "k_sigma")


def invoke(*arguments):
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    path = tmp_path_factory.mktemp("world")
    made = ("--people", "20", "--days", "28", "--seed", "7", "--attacks", "2", "--scenario", "bulk_dump")
    invoke("simulate", "--world", str(path), *made, "--scenario", "low_and_slow")
    return path


@pytest.fixture(scope="module")
def found(world):
    return json.loads(invoke("evaluate", "--world", str(world), *CHEAP, "--json").stdout)


def test_the_json_has_everything_by_detector(found, world):
    assert (found["worlds"], found["attacks"], found["rejected"]) == ([world.name], 4, 0)
    assert (found["purpose"], found["seeds"]) == ("other", [])
    assert found["employee_days"] > 100
    assert list(found["detectors"]) == ["streamguard", "static_rows", "k_sigma"]
    for report in found["detectors"].values():
        for by_budget in ("recall", "share_of_haul", "false_cases_per_1000", "thresholds"):
            assert list(report[by_budget]) == ["1", "5", "10"]
        assert set(report["scenarios"]) == {"bulk_dump", "low_and_slow"}
        for scenario in report["scenarios"].values():
            assert scenario["attacks"] == 2
            assert list(scenario["records_before_alert"]) == ["1", "5", "10"]
        assert 0.0 < report["cpu_us_per_activity"] < 1_000.0


def test_detectors_are_judged_as_they_should_be(found):
    ours, static = found["detectors"]["streamguard"], found["detectors"]["static_rows"]
    assert (ours["judged"], static["judged"]) == ("nominal", "fitted")
    assert ours["thresholds"]["10"] == pytest.approx(2.0)
    assert static["false_cases_per_1000"]["10"] <= 10.0
    assert set(static["published"]) == {"10k", "50k", "100k"}
    assert ours["published"] == {}
    assert 100 < ours["bytes_per_employee"]["mean"] <= ours["bytes_per_employee"]["largest"]
    assert static["bytes_per_employee"] is None


def test_a_dump_is_found_and_gone_and_one_look_up_a_time_is_not_seen_by_a_row_limit(found):
    ours, static = (found["detectors"][name]["scenarios"] for name in ("streamguard", "static_rows"))
    assert ours["bulk_dump"]["recall"]["10"] > 0.0
    assert ours["bulk_dump"]["records_before_alert"]["5"] == ours["bulk_dump"]["records"] >= 200_000
    assert static["low_and_slow"]["recall"]["10"] == 0.0


def test_the_same_world_gives_the_same_numbers_with_any_number_of_jobs(found, world):
    again = json.loads(invoke("evaluate", "--world", str(world), *CHEAP, "--json", "--jobs", "2").stdout)
    assert [_timeless(report) for report in again.pop("detectors").values()] == [
        _timeless(report) for report in found["detectors"].values()
    ]
    assert again == {name: value for name, value in found.items() if name != "detectors"}


def _timeless(report):
    return {name: value for name, value in report.items() if name != "cpu_us_per_activity"}


def test_without_a_directory_every_login_is_judged_by_itself(world):
    arguments = ("--world", str(world), "--detector", "streamguard", "--no-directory", "--json")
    found = json.loads(invoke("evaluate", *arguments).stdout)
    assert found["attacks"] == 4
    assert found["detectors"]["streamguard"]["scenarios"]["low_and_slow"]["records"] > 100


def test_seeds_are_simulated_and_named_for_what_they_are():
    size = ("--people", "50", "--days", "25", "--seeds", "101")
    result = invoke("evaluate", *size, "--detector", "streamguard", "--detector", "dspot")
    assert "the detector was tuned on these" in result.output
    assert "recall at 5, by scenario" in result.output
    assert "dspot: q 0.001" in result.output


def test_a_company_too_small_for_its_attacks_is_refused():
    result = CliRunner().invoke(app, ["evaluate", "--people", "7", "--seeds", "101", "--detector", "static_rows"])
    assert result.exit_code == 2
    assert "seed 101" in result.output


def test_what_was_found_can_be_read_again_and_drawn(found, tmp_path):
    spread = Estimate(4.0, 1.0)
    known = msgspec.convert(found, Evaluation)
    ours = msgspec.structs.replace(
        known.detectors["streamguard"], false_cases_on_clean_streams={"1": spread, "5": spread, "20": spread}
    )
    point = PoisonPoint(scenario="drip", strength=2.0, attacks=3, found=0.5, own_days_taken=4.0, own_days=9.0)
    known = msgspec.structs.replace(
        known, detectors=known.detectors | {"streamguard": ours}, poisoning={"streamguard": [point]}
    )
    written = {path.name: path.read_bytes() for path in draw(known, tmp_path)}
    assert set(written) == {
        f"{name}.{kind}" for name in ("recall", "scenarios", "budget", "poisoning") for kind in ("png", "svg")
    }
    assert {path.name: path.read_bytes() for path in draw(known, tmp_path)} == written
