"""``streamguard incident dossier`` and ``replay``, from a dump of incidents and a store of the ledger."""

from __future__ import annotations

import stat

import msgspec
import orjson
import pytest
from incident.incident import CATALOGUE
from typer.testing import CliRunner
from unit.detect.small_company import ROLES, at, exposure, merged, ordinary
from unit.dossier.shop import incident_of, store_of

from streamguard.activity import Verdict
from streamguard.cli import app
from streamguard.detect import DetectConfig
from streamguard.findings import ShardDetector
from streamguard.incidents import Casebook, incident_finding, read_finding
from streamguard.resolve.plan import Outcome
from streamguard.resolve.report import Resolution, ResolvedCategory, ResolvedStatement
from streamguard.scope import Bounds


def call(*arguments, code=0):
    result = CliRunner().invoke(app, ["incident", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result.output


def set_up(directory, exposures, incidents):
    """Write settings, a ledger and a dump of incidents; return what to call commands with."""
    store_of(directory / "ledger", exposures)
    settings = directory / "streamguard.yaml"
    settings.write_text(
        f"catalogue: {CATALOGUE}\nledger:\n  directory: {directory / 'ledger'}\n"
        "controller:\n  name: Example Ltd\n  time_zone: Europe/Berlin\n"
    )
    dump = directory / "incidents.ndjson"
    dump.write_bytes(b"".join(orjson.dumps(incident_finding(one)) + b"\n" for one in incidents))
    return "--config", settings, "--from-file", dump


@pytest.fixture
def shop(recorded_incident, tmp_path):
    incident = incident_of(recorded_incident.everybody)
    return incident, set_up(tmp_path, recorded_incident.everybody, [incident])


def test_a_dossier_is_written_in_every_format_for_the_owner_alone(shop, tmp_path):
    incident, how = shop
    out = tmp_path / "files"
    told = call(
        "dossier", incident.uid, *how, "--out", out, "--now", "2026-09-16T09:00", "--format", "md,html,pdf,json"
    )
    names = {path.name for path in out.iterdir()}
    stem = f"incident-{incident.uid}"
    assert names == {f"{stem}{end}" for end in (".md", ".html", ".pdf", ".json", "-usual.png", "-people.png")}
    assert all(str(out / name) in told for name in names)
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}
    text = (out / f"{stem}.md").read_text()
    assert "| Controller | Example Ltd |" in text
    assert "| Made for | 2026-09-16 11:00 CEST |" in text
    assert f"({stem}-people.png)" in text
    assert "under today's settings" in text


def test_the_time_of_the_incident_can_be_told_otherwise(shop, tmp_path):
    incident, how = shop
    options = ("--out", tmp_path, "--format", "json", "--no-early", "--to", "2026-09-15T00:00")
    call("dossier", incident.uid, *how, *options)
    [path] = tmp_path.glob("*.json")
    figures = [piece for piece in _pieces(orjson.loads(path.read_bytes())) if piece.get("key") == "records"]
    assert {(figure["lower"], figure["upper"]) for figure in figures} == {(40_000, 40_000)}


def test_what_was_counted_in_the_database_is_told(shop, tmp_path):
    incident, how = shop
    people, german = Bounds(62_978, 62_978), {"DE": Bounds(40_000, 40_000)}
    statement = ResolvedStatement(
        fingerprint="f",
        statement="s",
        outcome=Outcome.EXACT,
        why="",
        statements=15,
        employees=(),
        rows_then=1,
        rows_now=1,
    )
    resolution = Resolution(
        as_of="2026-09-19 08:00:00+00",
        database="crm",
        is_replica=False,
        people=people,
        regions=german,
        categories=(
            ResolvedCategory(category="name", verdict=Verdict.SEEN, people=people, without_value=0, regions=german),
        ),
        statements=(statement, msgspec.structs.replace(statement, outcome=Outcome.NOT_RESOLVABLE, statements=2)),
        elsewhere={"other": 3},
    )
    (tmp_path / "resolved.json").write_bytes(msgspec.json.encode(resolution))
    options = ("--out", tmp_path, "--format", "json", "--no-early", "--resolved", tmp_path / "resolved.json")
    call("dossier", incident.uid, *how, *options)
    [path] = tmp_path.glob("incident-*.json")
    found = {
        piece["key"]: piece.get("upper")
        for piece in _pieces(orjson.loads(path.read_bytes()))
        if {"key", "lower"} <= piece.keys()
    }
    assert found["exact/people/name/DE"] == 40_000
    assert (found["exact/people"], found["exact/statements"], found["exact/unresolved"]) == (62_978, 15, 5)
    assert "missing required field `as_of`" in call("dossier", incident.uid, *how, "--resolved", path, code=2)


def _pieces(value):
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _pieces(one)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--format", "docx"], "--format takes words of these"),
        (["--now", "soon"], "--now must be a date or a time"),
        (["--from", "2026-10-01", "--to", "2026-09-01"], "would end before it begins"),
    ],
)
def test_nonsense_is_refused(shop, options, said):
    incident, how = shop
    assert said in call("dossier", incident.uid, *how, *options, code=2)


def test_without_a_ledger_it_says_what_to_do(shop, tmp_path):
    incident, how = shop
    how[1].write_text(f"ledger:\n  directory: {tmp_path / 'nowhere'}\n")
    assert "there is no ledger" in call("replay", incident.uid, *how, code=1)


@pytest.fixture
def team(tmp_path):
    """A marketing team in which one person reads more and more, until a finding is told."""
    attack = [
        exposure("marketing.03", at(17, 9 + 0.1 * n), 3_000 + 600 * n, group="marketing", offset=10**6 + n)
        for n in range(30)
    ]
    stream = merged(ordinary(ROLES[1], 3, 20), attack)
    detector = ShardDetector("marketing/0", DetectConfig(budget_per_1000=1.0), lambda _: None)
    told = [found for one in stream if (found := detector.observe(one)) is not None]
    first = next(one for one in told if one.employee == "marketing.03" and one.time_ms >= at(17, 4))
    book = Casebook()
    book.take_finding(read_finding(orjson.dumps(first.ocsf)))
    [incident] = book.incidents()
    return incident, set_up(tmp_path, stream, [incident])


def test_an_incident_is_judged_again_under_other_settings(team, tmp_path):
    incident, how = team
    other = tmp_path / "other.yaml"
    other.write_text("detect:\n  budget_per_1000: 1\n")
    lines = call("replay", incident.uid, *how, "--json", "--budget", 20, "--under", other).splitlines()
    today, strict = map(orjson.loads, lines)
    assert [today["name"], strict["name"]] == ["today's settings", str(other)]
    [report] = today["reports"]
    times = {(one["kind"], one["name"]): one["time_ms"] for one in report["marks"]}
    assert times["budget", "20"] <= times["budget", "5"] <= incident.aware_ms
    [report] = strict["reports"]
    times = {(one["kind"], one["name"]): one["time_ms"] for one in report["marks"]}
    assert times["budget", "1"] == incident.aware_ms, "under the settings of that time it comes when it came"
    assert ("budget", "5") not in times


def test_people_see_what_left_since_it_could_have_been_known(team):
    incident, how = team
    told = call("replay", incident.uid, *how)
    assert "Under today's settings:" in told
    assert f"How early could we have known? marketing.03, finding {incident.members[0].finding_uid}" in told
    assert "budget 10" in told
