"""docs/evaluation.md: its examples do what they say."""

from __future__ import annotations

import json
import re
from pathlib import Path

from unit.evaluate.streams import statement

from streamguard.evaluate import (
    DETECTORS,
    REPORT_CLEAN_SEEDS,
    REPORT_SEEDS,
    TUNING_CLEAN_SEEDS,
    TUNING_SEEDS,
    read_truth,
)

TEXT = (Path(__file__).parents[3] / "docs" / "evaluation.md").read_text(encoding="utf-8")


def block(language):
    [found] = re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    return found


def test_its_detector_counts_new_tables():
    made = {}
    exec(block("python"), made)
    scorer = made["NewTables"]()
    stream = [
        statement("a", 1, 9, tables=("t1",)),
        statement("a", 1, 10, tables=("t1", "t2", "t3")),
        statement("a", 2, 9, tables=("t2",)),
        statement("a", 2, 10, tables=("t4",)),
        statement("b", 2, 11, tables=("t4",)),
    ]
    assert [scorer.observe(one) for one in stream] == [1.0, 3.0, 0.0, 1.0, 1.0]


def test_its_truth_can_be_read(tmp_path):
    (tmp_path / "truth.json").write_text(block("json"))
    assert read_truth(tmp_path / "truth.json").attacks[0].rows == json.loads(block("json"))["attacks"][0]["rows"]


def test_it_names_every_detector_and_the_seeds():
    assert re.findall(r"^\| `(\w+)` \| .* \| .* \|$", TEXT, re.MULTILINE)[: len(DETECTORS)] == list(DETECTORS)
    for seeds in (REPORT_SEEDS, REPORT_CLEAN_SEEDS, TUNING_SEEDS, TUNING_CLEAN_SEEDS):
        assert f"| {seeds[0]}-{seeds[-1]} |" in TEXT
