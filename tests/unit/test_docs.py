"""The documents tell the truth: what they name exists, and their examples do what they say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import sqlglot
from prometheus_client import CollectorRegistry
from pydantic import BaseModel
from typer.main import get_command
from typer.testing import CliRunner

from streamguard.activity import Activity, RawRecord, VerdictId
from streamguard.cli import app
from streamguard.exposure import Catalogue, Directory
from streamguard.exposure.identityrecord import read_change
from streamguard.feedback import FeedbackReason, GivenApproval, GivenIncident, GivenVerdict, read_given
from streamguard.metrics.container import Container
from streamguard.settings import Settings
from streamguard.sources import DEFAULT_LOG_LINE_PREFIXES, Decoder, DecoderConfig
from streamguard.sources.registry import ALL_FORMATS, ON_REQUEST

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SECTIONS = {
    name: field.annotation.model_fields
    for name, field in Settings.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
}


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str, language: str = "") -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [content for name, content in found if name == language]


def spans(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))


def anchors(text: str) -> set[str]:
    """Return what a link may have behind its #, as GitHub makes it of headings."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.fixture(params=DOCUMENTS, ids=lambda path: path.name)
def document(request) -> Path:
    return request.param


def test_every_command_and_option_it_names_exists(document):
    text = document.read_text(encoding="utf-8")
    code = [*spans(text), *(line for block in blocks(text) for line in block.splitlines())]
    known = get_command(app).commands
    for line in code:
        for called in re.findall(r"streamguard ((?:[a-z-]+)(?: [^#&|]*)?)", line):
            name, *words = called.split()
            assert name in known, line
            command = known[name]
            if words and hasattr(command, "commands"):
                assert words[0] in command.commands, line
                command = command.commands[words[0]]
            options = {option for parameter in command.params for option in parameter.opts}
            assert {word for word in words if re.fullmatch(r"--?[a-z-]+", word)} <= options, line


def test_every_target_of_make_it_names_exists(document):
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", document.read_text(encoding="utf-8"), re.MULTILINE)) <= targets


def test_every_place_it_links_exists(document):
    text = document.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", text):
        path = document.parent / target if target else document
        assert path.exists(), target
        assert not anchor or anchor in anchors(path.read_text(encoding="utf-8")), (target, anchor)


def test_every_file_of_the_tree_it_names_exists(document):
    for span in spans(document.read_text(encoding="utf-8")):
        if re.fullmatch(r"(?:tests|streamguard|docs|deploy|examples)/[\w./-]+", span):
            assert (ROOT / span).exists(), span


def test_every_setting_it_names_exists(document):
    for span in spans(document.read_text(encoding="utf-8")):
        section, _, name = span.partition(".")
        if section in SECTIONS and re.fullmatch(r"[a-z_]+\*?", name) and name not in {"md", "py"}:
            known = [setting for setting in SECTIONS[section] if re.fullmatch(name.replace("*", ".*"), setting)]
            assert known, span


def test_every_metric_it_names_exists(document):
    families = Container(CollectorRegistry()).registry.collect()
    known = {family.name + ("_total" if family.type == "counter" else "") for family in families}
    assert set(re.findall(r"\bstreamguard_[a-z_]+\b", document.read_text(encoding="utf-8"))) <= known


def test_every_format_has_its_row_once():
    section = text_of("docs/sources.md").split("## Formats")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)
    formats = [*ALL_FORMATS.objects, *ALL_FORMATS.texts, *ON_REQUEST.objects, *ON_REQUEST.texts]
    assert sorted(rows) == sorted(["format:", "mapping.<name>", *(one.name for one in formats)])


def test_the_mapping_does_what_is_said(tmp_path):
    text = text_of("docs/sources.md")
    mapping = next(block for block in blocks(text, "yaml") if block.startswith("mappings:"))
    (tmp_path / "mappings.yaml").write_text(mapping)
    (tmp_path / "portal.ndjson").write_text(blocks(text, "json")[0])
    arguments = ["normalize", "--json", "--mappings", str(tmp_path / "mappings.yaml"), str(tmp_path / "portal.ndjson")]
    told = [json.loads(line) for line in CliRunner().invoke(app, arguments).stdout.splitlines()]
    activity = told[0]["activity"]
    assert (activity["user"], activity["rows"], activity["columns"]) == ("ann", 500, ["customers.email"])
    totals = told[-1]["totals"]
    assert (totals["activities"], totals["ignored"], totals["rejected"]) == (1, {"by_mapping": 1}, {})


def test_the_settings_in_it_are_settings(tmp_path):
    block = next(block for block in blocks(text_of("docs/sources.md"), "yaml") if block.startswith("detect:"))
    path = tmp_path / "streamguard.yaml"
    path.write_text(block)
    assert Settings.load(path).detect.lateness_hours_by_source == {"snowflake": 8, "mapping.portal": 2}


def test_the_prefix_in_it_is_read():
    (prefix,) = re.findall(r"^log_line_prefix = '(.*)'$", text_of("docs/sources.md"), re.MULTILINE)
    line = b"2026-11-22 04:00:45.123 UTC [77] ann@crm/psql 10.0.0.9 6921.4d 42501 STATEMENT:  select email from secret"
    decoder = Decoder(DecoderConfig(log_line_prefixes=(prefix, *DEFAULT_LOG_LINE_PREFIXES)))
    (activity,) = decoder.decode(RawRecord("log", 0, 0, 0, None, line))
    assert isinstance(activity, Activity)
    assert (activity.database, activity.session, activity.error) == ("crm", "6921.4d", "42501")


@pytest.mark.parametrize(("number", "dialect"), [(0, "snowflake"), (1, "redshift"), (2, "databricks")])
def test_the_statements_for_connectors_are_sql(number, dialect):
    statement = blocks(text_of("docs/sources.md"), "sql")[number]
    assert isinstance(sqlglot.parse_one(statement, dialect=dialect), sqlglot.exp.Select)


def test_the_statement_for_snowflake_gives_what_the_sample_holds():
    statement = sqlglot.parse_one(blocks(text_of("docs/sources.md"), "sql")[0], dialect="snowflake")
    sample = text_of("tests/samples/snowflake/derived-from-docs-joined.ndjson").splitlines()
    held = {key.lower() for line in sample for key in json.loads(line) if "QUERY_TEXT" in line.upper()}
    assert held <= {name.lower() for name in statement.named_selects}


def test_the_settings_for_mariadb_are_those_that_the_tests_run_with():
    from servers.mariadb import _AUDIT_SETTINGS

    block = next(block for block in blocks(text_of("docs/sources.md")) if "server_audit_events" in block)
    told = {name: value.strip("'") for name, value in re.findall(r"^(\w+) = (.*)$", block, re.MULTILINE)}
    assert told == {name.replace("-", "_"): value for name, value in _AUDIT_SETTINGS.items()}


def test_the_catalogue_is_good(tmp_path):
    block = blocks(text_of("docs/catalogue.md"), "yaml")[0]
    path = tmp_path / "catalogue.yaml"
    path.write_text(block)
    tables = {table.name: table for table in Catalogue.load(path).tables("crm")}
    assert tables["public.products"].harmless
    assert list(tables["public.customers"].unknown) == ["notes"]


def test_the_planted_records_are_marked_rightly(tmp_path):
    path = tmp_path / "catalogue.yaml"
    path.write_text(blocks(text_of("docs/catalogue.md"), "yaml")[1])
    archive, customers = (table.honey for table in reversed(Catalogue.load(path, b"a secret").tables("crm")))
    assert archive.whole_table
    assert [len(hashes) for hashes in customers.keys.values()] == [2, 1]


@pytest.mark.parametrize(("number", "kind"), [(0, GivenVerdict), (1, GivenApproval), (2, GivenIncident)])
def test_the_feedback_is_understood(number, kind):
    value = blocks(text_of("docs/feedback.md"), "json")[number].encode()
    said = json.loads(value)
    key = said.get("finding_uid", said.get("id")).encode()
    assert isinstance(read_given(key, value), kind)
    assert said.keys() <= {"type", *kind.__struct_fields__}


def test_the_verdicts_and_reasons_of_feedback_are_all_there():
    text = text_of("docs/feedback.md")
    told = {int(number): name for number, name in re.findall(r"\| (\d+) \| `([a-z_]+)`", text)}
    assert told == {verdict.value: verdict.name.lower() for verdict in VerdictId}
    rows = re.findall(r"^\| (`feedback_.*?) \|", text, re.MULTILINE)
    assert sorted(re.findall(r"`(.*?)`", " ".join(rows))) == sorted(FeedbackReason)
    members = re.findall(r"^\| (`\w+`.*?) \| (?:all|verdict|approval|incident|, )+ \|", text, re.MULTILINE)
    kinds = (GivenVerdict, GivenApproval, GivenIncident)
    known = {name for kind in kinds for name in kind.__struct_fields__}
    assert set(re.findall(r"`(.*?)`", " ".join(members))) == known


def test_the_directories_are_good_and_alike(tmp_path):
    text = text_of("docs/identities.md")
    directories = {}
    for kind in ("yaml", "csv"):
        path = tmp_path / f"identities.{kind}"
        path.write_text(blocks(text, kind)[0])
        directories[kind] = Directory.load(path)
    assert directories["yaml"].employees == directories["csv"].employees
    assert len(directories["yaml"].shared) == 2


def test_the_change_is_one():
    (block,) = blocks(text_of("docs/identities.md"), "json")
    change = read_change(b"e-0815", block.encode())
    assert change.person.employee.group == "marketing"
