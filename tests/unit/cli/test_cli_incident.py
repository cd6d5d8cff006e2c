"""``streamguard incident`` as far as it needs no Kafka: a dump is listed, shown and reached; nonsense is refused."""

from __future__ import annotations

import orjson
import pytest
from typer.testing import CliRunner
from unit.incidents.incident_findings import DAY_MS, START_MS, told

from streamguard.activity import VerdictId
from streamguard.cli import app
from streamguard.cli.incident.change import parts
from streamguard.feedback import MAX_FINDINGS, GivenFinding, GivenIncident
from streamguard.incidents import Casebook, IncidentStatus, Said, incident_finding, incident_uid

A, Z = incident_uid("a"), incident_uid("z")


def call(*arguments, code=0):
    result = CliRunner().invoke(app, ["incident", *arguments])
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def dump(tmp_path):
    """Three findings: two are one incident, which somebody works on; the third is closed."""
    book, log = Casebook(), []
    book.take_finding(told("b", "bob", DAY_MS, severity="critical", tools=("dumper",)))
    book.take_finding(told("z", "zoe", severity="low"))
    for wave in list(book.drain()):
        for record in wave:
            book.take_record(record.holds)
    book.take_finding(told("a", "alice", tools=("dumper",)))
    words = {"status": IncidentStatus.IN_PROGRESS, "assignee": "ann", "comment": "called him"}
    book.take_said(A, Said(time_ms=START_MS, id="1", author="ann", findings=("a", "b"), **words))
    book.take_said(
        Z, Said(time_ms=1, id="2", author="eve", findings=("z",), status=IncidentStatus.CLOSED, verdict=VerdictId.TEST)
    )
    log += [record.holds for wave in book.drain() for record in wave]
    path = tmp_path / "incidents.ndjson"
    path.write_bytes(b"".join(orjson.dumps(incident_finding(one)) + b"\n" for one in log))
    return str(path)


def ids(output):
    return [orjson.loads(line)["metadata"]["uid"] for line in output.splitlines()]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], [A]),
        (["--all"], [A, Z]),
        (["--status", "closed"], [Z]),
        (["--status", "in-progress"], [A]),
        (["--severity", "high", "--all"], [A]),
        (["--employee", "bob"], [A]),
        (["--employee", "nobody"], []),
    ],
)
def test_incidents_are_listed_the_worst_first(dump, options, found):
    assert ids(call("list", "--from-file", dump, "--json", *options)) == found


def test_what_was_listed_can_be_read_again(dump, tmp_path):
    again = tmp_path / "again.ndjson"
    again.write_text(call("list", "--all", "--from-file", dump, "--json"))
    assert call("list", "--all", "--from-file", str(again)) == call("list", "--all", "--from-file", dump)


def test_people_see_who_is_in_it_and_what_was_done(dump):
    listed = " ".join(call("list", "--from-file", dump).split())
    assert f"{A} critical in progress ann alice, bob 2" in listed
    shown = call("show", A, "--from-file", dump)
    assert "CRITICAL  in progress" in shown
    assert "here because: the same program, new to both and rare among their peers" in shown
    assert "called him" in shown


def test_an_incident_is_found_by_its_beginning_or_by_what_it_was_before(dump):
    assert ids(call("show", A[4:9], "--from-file", dump, "--json")) == [A]
    assert ids(call("show", incident_uid("b"), "--from-file", dump, "--json")) == [A]
    assert "turned out to be part of" in call("show", incident_uid("b"), "--from-file", dump)


@pytest.mark.parametrize(
    ("arguments", "told_", "code"),
    [
        (["show", "inc-"], "there is no incident inc-", 1),
        (["show", "xyz"], "there is no incident xyz", 1),
        (["list", "--status", "done"], "there are: new, in_progress", 2),
        (["list", "--severity", "bad"], "there are: unknown, informational", 2),
    ],
)
def test_what_does_not_exist_is_refused_in_plain_words(dump, arguments, told_, code):
    assert told_ in " ".join(call(*arguments, "--from-file", dump, code=code).split())


def test_a_file_that_is_no_dump_is_refused_with_its_line(tmp_path):
    path = tmp_path / "x"
    path.write_text("{}\n")
    assert "x:1: this is no incident" in " ".join(call("list", "--from-file", str(path), code=2).split())
    assert "cannot read" in call("list", "--from-file", str(tmp_path / "none"), code=2)


@pytest.mark.parametrize(
    ("options", "told_"),
    [
        ([], "nothing is said"),
        (["--status", "x"], "there is no status x"),
        (["--verdict", "tru_positive"], "did you mean"),
    ],
)
def test_words_that_say_nothing_are_refused(options, told_):
    assert told_ in " ".join(call("set", A, *options, code=2).split())


def test_words_about_many_findings_are_said_in_parts_that_all_name_the_first():
    findings = tuple(GivenFinding(uid=f"f-{n}", employee="e", shard="s/0") for n in range(2 * MAX_FINDINGS + 1))
    said = GivenIncident(id="w", incident="i", author="a", status=5, comment="!", findings=findings)
    found = list(parts(said))
    assert {finding for part in found for finding in part.findings} == set(findings)
    assert {part.findings[0].uid for part in found} == {"f-0"}
    assert [len(part.findings) <= MAX_FINDINGS for part in found] == [True] * 3
    assert len({part.id for part in found}) == 3
    assert [(part.status, part.comment) for part in found] == [(5, "!"), (5, None), (5, None)]
    assert list(parts(GivenIncident(id="w", incident="i", author="a", comment="!", findings=findings)))[1:] == []
