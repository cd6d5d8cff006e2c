"""``incident affected`` and ``incident attribute`` over a kept ledger of the scripted incident."""

from __future__ import annotations

import msgspec
import orjson
import pytest
from incident.incident import CATALOGUE, KEY
from incident.script import JON, LEAKED, MARA, MARAS_LISTS
from typer.testing import CliRunner
from unit.incidents.incident_findings import told

from streamguard.cli import app
from streamguard.incidents import Casebook, incident_finding, incident_uid
from streamguard.ledger import Block, LedgerStore, LedgerWriter
from streamguard.scope import scope

LISTED, ELSEWHERE = MARAS_LISTS[0][20], MARAS_LISTS[-1][-1] + 7_919 * 100


@pytest.fixture(scope="module")
def company(tmp_path_factory, recorded_incident):
    """Settings, a ledger, and a dump of the incident."""
    place = tmp_path_factory.mktemp("company")
    personal = [exposure for exposure in recorded_incident.everybody if exposure.is_personal]
    with LedgerWriter(place / "ledger") as writer:
        writer.take(0, 1, Block(personal[-1].activity.time_ms, personal))
        writer.commit()
    (place / "streamguard.yaml").write_text(
        f"catalogue: {CATALOGUE}\nsources: {{subject_key: {KEY.decode()}}}\nledger: {{directory: {place / 'ledger'}}}\n"
    )
    book, span = Casebook(), recorded_incident.span
    for uid, employee in (("a", MARA), ("b", JON)):
        times = {"first_ms": span.from_ms, "last_ms": span.to_ms - 1, "told_ms": span.to_ms - 1}
        book.take_finding(msgspec.structs.replace(told(uid, employee, tools=("dumper",)), **times))
    log = b"".join(orjson.dumps(incident_finding(one)) + b"\n" for one in book.incidents())
    (place / "incidents.ndjson").write_bytes(log)
    return place


def call(company, command, *arguments, code=0, stdin=None):
    options = ["--config", str(company / "streamguard.yaml")]
    if command == "affected":
        options += ["--from-file", str(company / "incidents.ndjson")]
        arguments = (incident_uid("a"), *arguments)
    result = CliRunner().invoke(app, ["incident", command, *arguments, *options], input=stdin)
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else " ".join(result.output.split())


def test_the_ledger_keeps_what_the_scope_needs(company, recorded_incident):
    kept = list(LedgerStore(company / "ledger").exposures(recorded_incident.span))
    asked = recorded_incident.catalogue, recorded_incident.span, recorded_incident.employees
    assert scope(kept, *asked) == scope(recorded_incident.everybody, *asked)


def test_one_person_asks(company):
    shown = call(company, "affected", "--subject", str(LISTED))
    assert shown.startswith("affected: yes\n")
    assert "of the people whose keys it names" in shown
    assert str(LISTED) not in shown


def test_many_ask_in_their_order_and_none_is_named(company):
    asked = f"key,region\n{LISTED}\n{ELSEWHERE},PL\n"
    answers = [
        orjson.loads(line) for line in call(company, "affected", "--file", "-", "--json", stdin=asked).splitlines()
    ]
    assert [answer["answer"] for answer in answers] == ["yes", "cannot_tell"]  # the cursor of the last day
    assert answers[1]["categories"]["email_address"] == "no"
    before = call(company, "affected", "--file", "-", "--to", "2026-09-18", stdin=asked)
    assert [line.split()[:2] for line in before.splitlines()[1:3]] == [["1", "yes"], ["2", "no"]]
    assert before.splitlines()[-1] == "yes: 1, no: 1, cannot tell: 0"


def test_a_resolved_list_decides(company, tmp_path):
    people = tmp_path / "people.csv"
    people.write_text(f"kind,key,region,certain,categories\ncustomer,{ELSEWHERE},PL,yes,email_address (name)\n")
    asked = ["affected", "--resolved", str(people), "--json", "--subject"]
    found = orjson.loads(call(company, *asked, str(ELSEWHERE)))
    assert found["answer"] == "yes"
    assert (found["categories"]["email_address"], found["categories"]["name"]) == ("yes", "cannot_tell")
    assert orjson.loads(call(company, *asked, str(LISTED)))["answer"] == "no"
    people.write_text("a list of something else\n")
    assert "the heading of a list of people" in call(company, *asked, "1", code=2)


def test_a_leaked_list_is_attributed(company, tmp_path):
    leaked = tmp_path / "leaked.txt"
    leaked.write_text("\n".join(map(str, LEAKED)))
    shown = call(company, "attribute", "--file", str(leaked))
    assert f"The list points to {MARA} and {JON}: together they had 750 of 750 people" in shown
    found = orjson.loads(call(company, "attribute", "--file", str(leaked), "--json", "--to", "2026-09-15"))
    assert found["together"] == []


@pytest.mark.parametrize(
    ("arguments", "stdin", "message"),
    [
        (["affected"], "", "say who asks"),
        (["affected", "--file", "-"], "\n", "holds nobody"),
        (["attribute", "--file", "-"], "key\n", "holds nobody"),
        (["attribute", "--file", "-", "--table", "public.nothing"], "1\n", "the catalogue has no table public.nothing"),
    ],
)
def test_what_cannot_be_answered_is_refused(company, arguments, stdin, message):
    assert message in call(company, *arguments, stdin=stdin, code=2)
