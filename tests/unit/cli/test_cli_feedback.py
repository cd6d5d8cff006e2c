"""``streamguard feedback`` as far as it needs no Kafka: what it refuses, and how it lists."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from streamguard.activity import VerdictId
from streamguard.cli import app
from streamguard.cli.feedbacklist import described, listed
from streamguard.feedback import GivenApproval, GivenVerdict
from streamguard.stream import Feedback, Said

NOWHERE = ("--bootstrap", "127.0.0.1:1")


def call(*arguments):
    result = CliRunner().invoke(app, ["feedback", *arguments])
    return result.exit_code, " ".join(result.stderr.split())


@pytest.fixture
def config(tmp_path):
    (tmp_path / "people.yaml").write_text("employees:\n  - {id: e-1, group: dba}\n")
    path = tmp_path / "streamguard.yaml"
    path.write_text("identities: people.yaml\n")
    return str(path)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["verdict", "f", "--verdict", "false_positiv"], "did you mean false_positive?"),
        (["verdict", "f", "--verdict", "x"], "there are: unknown, false_positive"),
        (["verdict", "f", "--verdict", "benign", "--until", "soon"], "--until must be a date or a time"),
        (["approve", "--until", "2030-01-01"], "for an employee or for a group"),
        (["approve", "--until", "2030-01-01", "--employee", "e-1", "--group", "dba"], "for an employee or for a group"),
        (["approve", "--until", "2030-01-01", "--from", "2030-01-02", "--employee", "e-1"], "ends (expires_ms) after"),
        (["approve", "--until", "2030-01-01", "--employee", "e-1", "--fingerprint", "F"], "missing: fingerprint"),
        (["approve", "--until", "2030-01-01", "--employee", "e-2"], "nobody in the directory has the id e-2"),
        (["approve", "--until", "2030-01-01", "--group", "sales"], "nobody in the directory is in the group sales"),
    ],
)
def test_what_cannot_be_said_is_refused_in_plain_words(config, arguments, told):
    code, error = call(*arguments, "--config", config, *NOWHERE)
    assert (code, told in error) == (2, True), error


def approval(name, **changes):
    return GivenApproval(**({"id": name, "author": "ann", "group": "dba", "from_ms": 100, "expires_ms": 200} | changes))


def test_what_is_listed_and_in_which_state():
    given = [
        approval("d-ended", expires_ms=150),
        approval("c-later", from_ms=151, employee="e-1", group=None, rows_at_most=50_000),
        approval("b-back", revoked=True),
        approval("a-now", from_ms=150, fingerprint="0123456789abcdef"),
        GivenVerdict(
            finding_uid="f-1", verdict_id=VerdictId.BENIGN, employee="e-1", shard="dba/0", author="bob", expires_ms=None
        ),
    ]
    found = Feedback({one.key: Said(one, 90) for one in given}, unusable=2)
    told = listed(found, 150, everything=False)
    assert [(one["id"], one["state"]) for one in told["approvals"]] == [("a-now", "in force"), ("c-later", "to come")]
    everything = listed(found, 150, everything=True)
    assert [one["state"] for one in everything["approvals"]] == ["in force", "taken back", "to come", "ended"]
    assert [(one["verdict"], one["verdict_id"], one["given_ms"]) for one in told["verdicts"]] == [("benign", 5, 90)]


def test_an_approval_in_words():
    assert described(approval("a", expires_ms=86_400_000)) == (
        "statements of the group dba of any shape, any number of rows, "
        "from 1970-01-01 00:00 UTC until 1970-01-02 00:00 UTC"
    )
    told = described(approval("a", employee="e-1", group=None, rows_at_most=5_000, fingerprint="f" * 16))
    assert told.startswith("statements of e-1 of the shape ffffffffffffffff, up to 5,000 rows a day, from")
