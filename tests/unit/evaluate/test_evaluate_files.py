"""World directories: read as documented, and every mistake told."""

from __future__ import annotations

import gzip
import json

import pytest
from typer.testing import CliRunner

from streamguard.cli import app
from streamguard.evaluate import open_recording, parse_seeds, purpose, read_truth
from streamguard.evaluate.exposures import Exposures
from streamguard.located import ConfigurationError

TRUTH = {
    "version": 1,
    "start": "2025-09-01",
    "days": 30,
    "attacks": [
        {
            "scenario": "bulk_dump",
            "employees": ["ann"],
            "start_ms": 1_758_500_000_000,
            "end_ms": 1_758_500_000_000,
            "activity_ids": ["a-2"],
            "rows": 500,
        }
    ],
}
CATALOGUE = """
databases:
  crm:
    tables:
      customers:
        columns: {email: email_address}
"""
IDENTITIES = "employees:\n  - {id: ann, group: support}\n  - {id: bob, group: support}\n"


def record(number, user, rows, text="select email from customers limit 10"):
    return json.dumps(
        {
            "class_uid": 6005,
            "activity_id": 1,
            "time": 1_758_500_000_000 + 1000 * (number - 2),
            "metadata": {"version": "1.8.0", "uid": f"a-{number}"},
            "actor": {"user": {"name": user}},
            "database": {"name": "crm"},
            "query_info": {"query_string": text},
            "unmapped": {"rows_returned": rows},
        }
    )


RECORDS = [record(1, "bob", 1), record(2, "ann", 500), "not a record", record(3, "ann", 2, "select 1")]


@pytest.fixture
def directory(tmp_path):
    (tmp_path / "activities.ndjson").write_text("\n".join(RECORDS))
    (tmp_path / "catalogue.yaml").write_text(CATALOGUE)
    (tmp_path / "identities.yaml").write_text(IDENTITIES)
    (tmp_path / "truth.json").write_text(json.dumps(TRUTH))
    return tmp_path


def read(recording):
    exposures = Exposures(recording)
    chunks = list(exposures)
    return exposures, [(e.employee, e.shard, a) for chunk in chunks for e, a in zip(*chunk, strict=True)]


def test_a_world_goes_through_the_public_path(directory):
    exposures, found = read(open_recording(directory))
    assert found == [("bob", "support/0", -1), ("ann", "support/0", 0)]
    assert (exposures.records, exposures.rejected, exposures.impersonal) == (4, 1, 1)


def test_a_world_may_be_gzipped_and_its_directory_left_out(directory):
    plain = directory / "activities.ndjson"
    (directory / "activities.ndjson.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    (directory / "identities.yaml").unlink()
    _, found = read(open_recording(directory, directory=False))
    assert [who for who, *_ in found] == ["login:bob", "login:ann"]


def test_the_directory_changes_as_the_world_says(directory):
    change = {"time_ms": 1_758_500_000_000, "key": "ann", "value": {"id": "ann", "group": "finance"}}
    gone = {"time_ms": 1_758_500_000_001, "key": "bob", "value": None}
    (directory / "identities_changes.ndjson").write_text(f"{json.dumps(change)}\n{json.dumps(gone)}\n")
    assert [shard for _, shard, _ in read(open_recording(directory))[1]] == ["support/0", "finance/0"]


def test_every_mistake_in_a_world_is_told(directory):
    (directory / "activities.ndjson").unlink()
    (directory / "catalogue.yaml").write_text("databases: {crm: {tables: {t: {columns: {c: e-mail}}}}}")
    (directory / "truth.json").write_text(json.dumps(TRUTH | {"evaluate_from_day": 30, "version": 2}))
    with pytest.raises(ConfigurationError) as caught:
        open_recording(directory)
    files = [mistake.file.rsplit("/", 1)[-1] for mistake in caught.value.mistakes]
    assert sorted(files) == sorted([directory.name, "catalogue.yaml", "truth.json", "truth.json"])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"start": "soon"}, "start must be a date"),
        ({"days": "x"}, "Expected `int`"),
        ({"attacks": [TRUTH["attacks"][0] | {"activity_ids": []}]}, "has no activity_ids"),
        ({"attacks": [TRUTH["attacks"][0] | {"employees": []}]}, "has no employees"),
        ({"attacks": [TRUTH["attacks"][0] | {"end_ms": 5}]}, "must be in order"),
        ({"attacks": [TRUTH["attacks"][0] | {"rows": -1}]}, "must not be negative"),
    ],
)
def test_a_truth_that_cannot_be_is_refused(tmp_path, change, told):
    path = tmp_path / "truth.json"
    path.write_text(json.dumps(TRUTH | change))
    with pytest.raises(ConfigurationError, match=told):
        read_truth(path)


def test_a_change_that_is_none_is_told_with_its_line(directory):
    (directory / "identities_changes.ndjson").write_text(
        '{"time_ms":1,"key":"ann","value":{"id":"bob","group":"x"}}\n[]'
    )
    with pytest.raises(ConfigurationError) as caught:
        open_recording(directory)
    assert [mistake.line for mistake in caught.value.mistakes] == [1, 2]


def test_seeds_are_for_reporting_or_for_tuning():
    assert parse_seeds("1-3,7,2") == (1, 2, 3, 7)
    assert [purpose(seeds) for seeds in ((1, 12, 203), (1, 101), (50,), ())] == ["report", "tuning", "other", "other"]
    for text in ("", "a", "3-", "5-2"):
        with pytest.raises(ValueError, match="are no seeds"):
            parse_seeds(text)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--seeds", "x"], "are no seeds"),
        (["--detector", "streamgard"], "there is no detector streamgard"),
        (["--world", "/no/such/place"], "there is no activities.ndjson"),
    ],
)
def test_a_command_that_cannot_run_says_why(arguments, told):
    result = CliRunner().invoke(app, ["evaluate", *arguments])
    assert result.exit_code == 2
    assert told in result.output
