"""The file of employees, and every mistake in it with its line."""

from __future__ import annotations

import pytest

from streamguard.activity import Account
from streamguard.exposure import Directory
from streamguard.located import ConfigurationError


def load(tmp_path, text, name="identities.yaml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return Directory.load(path)


def mistakes(tmp_path, text, name="identities.yaml"):
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text, name)
    assert all(mistake.file.endswith(name) for mistake in caught.value.mistakes)
    return [(mistake.line, mistake.message) for mistake in caught.value.mistakes]


GOOD = """\
defaults: {time_zone: Europe/Berlin}
groups:
  support: {}
  service: {account: service, time_zone: UTC}
employees:
  - id: alice.smith
    group: support
    logins: [alice, {login: asmith, instance: eu, database: crm}]
    start_date: 2024-02-01
  - {id: ben, group: support, time_zone: Europe/London}
  - {id: robot, group: service}
"""


def test_yaml(tmp_path):
    directory = load(tmp_path, GOOD)
    alice = directory.identify("alice")
    assert alice is not None
    assert (alice.id, alice.group, alice.time_zone, alice.account, alice.start_date) == (
        "alice.smith", "support", "Europe/Berlin", Account.HUMAN, "2024-02-01",
    )  # fmt: skip
    assert directory.identify("asmith", "eu", "crm") == alice
    assert directory.identify("asmith") is None
    assert directory.identify("alice.smith") is None
    assert directory.identify("ben").time_zone == "Europe/London"
    assert (directory.identify("robot").account, directory.identify("robot").time_zone) == (Account.SERVICE, "UTC")
    assert [employee.id for employee in directory.employees] == ["alice.smith", "ben", "robot"]


def test_every_mistake_is_reported_at_once_with_its_line(tmp_path):
    text = """\
defaults: {time_zone: Berlin}
groups:
  support: {acount: human}
  empty: {}
  unknown: {}
employees:
  - {id: alice, group: suport}
  - {id: alice, group: support}
  - id: ben
    group: support
    logins: [alice, 4711]
    time_zone: Europe/Berlinn
    account: robot
    start_date: yesterday
  - {group: support}
  - {id: 17, group: support}
  - {id: "login:x", group: support, logins: []}
"""
    found = mistakes(tmp_path, text)
    assert [line for line, _ in found] == [1, 3, 4, 5, 5, 7, 8, 8, 11, 11, 12, 13, 14, 15, 16, 17, 17]
    messages = "\n".join(f"{line} {message}" for line, message in found)
    for expected in (
        "1 there is no time zone Berlin",
        "3 there is no setting acount; did you mean account?",
        "4 the group empty has no employees",
        "5 the group unknown is reserved",
        "7 there is no group suport; did you mean support?",
        "8 the id alice is there twice",
        "11 the login alice belongs to alice already (line 7)",
        "11 a login is a text",
        "12 there is no time zone Europe/Berlinn",
        "13 there is no kind of account robot",
        "14 start_date must be a date",
        "15 id is missing",
        "16 id must be a text",
        "17 ids that begin with login: are reserved",
        "17 logins must be a list with at least one entry",
    ):
        assert expected in messages


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "the file must be a mapping"),
        ("employees:\n", 1, "employees must be a list"),
        ("employees: []\n", 1, "employees must be a list"),
        ("employees:\n  - just a text\n", 2, "must be a mapping"),
        ("employees:\n  - {id: a, group: g\n", 3, "no valid YAML"),
        ("employees:\n  - {id: a, group: a/b}\n", 2, "holds no slash"),
        ("employees:\n  - {id: a, group: g}\nemployes: 1\n", 3, "did you mean employees?"),
    ],
)
def test_broken_files(tmp_path, text, line, message):
    found = mistakes(tmp_path, text)
    assert any(where == line and message in what for where, what in found), found


def test_missing_file(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Directory.load(tmp_path / "nowhere.yaml")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Directory.load(tmp_path / "nowhere.csv")


def test_csv(tmp_path):
    text = """\
id,group,logins,time_zone,account,instance,database,source
alice,support,alice;asmith,Europe/Berlin,human,,,
alice,support,shared,Europe/Berlin,human,eu,crm,
alice,support,flake,Europe/Berlin,human,,,snowflake

robot,service,,,service,,,
"""
    directory = load(tmp_path, text, "people.csv")
    assert directory.identify("asmith").id == "alice"
    assert directory.identify("shared", "eu", "crm").id == "alice"
    assert directory.identify("shared") is None
    assert directory.identify("robot").account is Account.SERVICE
    assert directory.identify("flake", source="snowflake").id == "alice"
    assert directory.identify("flake", source="mysql.slow") is None


def test_yaml_logins_with_a_source_and_by_pattern(tmp_path):
    text = """\
employees:
  - id: alice
    group: g
    logins: [{login: al, source: snowflake}, {pattern: "v-alice-[0-9]+", instance: eu}]
"""
    directory = load(tmp_path, text)
    assert directory.identify("al", source="snowflake").id == "alice"
    assert directory.identify("v-alice-17", "eu").id == "alice"
    assert directory.identify("v-alice-17", "us") is None
    broken = text.replace("[0-9]+", "[0-9").replace("al,", "al, pattern: x,")
    assert [line for line, _ in mistakes(tmp_path, broken)] == [4, 4]


def test_csv_mistakes_have_lines_too(tmp_path):
    text = """\
id,group,logins,time_zone,acount
alice,support,"al
ice",Europe/Berlin,
alice,marketing,x,,
ben,support,x,Mars/Base,
carla,support
,support,y,,
"""
    found = mistakes(tmp_path, text, "people.csv")
    assert [line for line, _ in found] == [1, 4, 5, 5, 6, 7]
    assert "did you mean account?" in found[0][1]
    assert "contradict" in found[1][1]
    assert "has 2 cells" in found[4][1]
    assert "id is missing" in found[5][1]
    assert mistakes(tmp_path, "", "empty.csv") == [
        (1, "the column group is missing"),
        (1, "the column id is missing"),
    ]
