"""``streamguard identities``: what it says of a file, and of a login, without Kafka."""

from __future__ import annotations

import orjson
import pytest
from typer.testing import CliRunner

from streamguard.cli import app

PEOPLE = """\
employees:
  - {id: e-1, group: dba, logins: [alice, {login: al, source: snowflake}]}
shared_accounts:
  - {login: app, person_from: [{application: "psql-(?P<login>.+)"}, {proxy_user: true}], otherwise: service}
"""


def call(*arguments):
    return CliRunner().invoke(app, ["identities", *map(str, arguments)])


@pytest.fixture
def config(tmp_path):
    (tmp_path / "people.yaml").write_text(PEOPLE)
    path = tmp_path / "streamguard.yaml"
    path.write_text("identities: people.yaml\n")
    return path


def test_a_good_file_is_counted(config):
    found = orjson.loads(call("check", config.parent / "people.yaml", "--json").stdout)
    assert found == {"ok": True, "employees": 1, "groups": 1, "logins": 2, "shared_accounts": 1, "mistakes": []}
    assert "employees 1, groups 1, logins 2, shared accounts 1" in call("check", config.parent / "people.yaml").stdout


def test_every_mistake_of_a_file_is_told(tmp_path):
    path = tmp_path / "people.yaml"
    path.write_text("employees:\n  - {id: a}\n  - {id: b, group: g, logins: [{pattern: '('}]}\n")
    result = call("check", path)
    assert result.exit_code == 1
    assert "people.yaml:2: group is missing" in result.stderr.replace("\n", "")
    assert "people.yaml:3:" in result.stderr
    assert len(orjson.loads(call("check", path, "--json").stdout)["mistakes"]) == 2


@pytest.mark.parametrize(
    ("arguments", "employee", "account", "why"),
    [
        (["alice"], "e-1", "human", "the file of identities gives this login"),
        (["al"], "login:al", "unknown", "no employee has this login"),
        (["al", "--source", "snowflake"], "e-1", "human", "the file"),
        (["app"], "service:app", "service", "nothing that was given names a login"),
        (
            ["app", "--application", "psql-alice"],
            "e-1",
            "human",
            "its application names a login (a claim of the client)",
        ),
        (["app", "--proxy-user", "alice"], "e-1", "human", "its proxy user names a login (the server's word)"),
        (["app", "--proxy-user", "eve"], "login:eve", "unknown", "its proxy user names a login"),
    ],
)
def test_who_is_behind_a_login_and_why(config, arguments, employee, account, why):
    result = call("show", *arguments, "--config", config, "--json")
    found = orjson.loads(result.stdout)
    assert (found["employee"], found["account"]) == (employee, account)
    assert why in found["why"]
    assert employee in call("show", *arguments, "--config", config).stdout


def test_nothing_is_published_to_nowhere(config):
    result = call("publish", config.parent / "people.yaml", "--config", config)
    assert result.exit_code == 2
    assert "set topics.identities" in result.stderr


def test_the_topic_of_identities_is_no_other_topic(config):
    config.write_text("topics:\n  identities: streamguard.findings\n")
    result = call("publish", config.parent / "people.yaml", "--config", config)
    assert result.exit_code == 2
    assert "used twice: streamguard.findings" in result.stderr.replace("\n", " ")
