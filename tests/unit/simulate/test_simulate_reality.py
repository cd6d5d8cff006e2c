"""The simulated log against a real one: keys of real lines, and a real server asked the same questions."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from random import Random

import pytest

from streamguard.activity import Activity, RawRecord, Rejected
from streamguard.simulate import SimulateConfig, simulate
from streamguard.simulate import statements as made
from streamguard.sources import Decoder

SAMPLE = Path(__file__).parents[2] / "samples" / "postgresql" / "generated-pg15-pgaudit1.7-logrows.jsonlog"
KINDS = ("connection received", "connection authorized", "AUDIT", "duration", "disconnection")


def _keys_by_kind(lines):
    """Return, for every kind of line, the sequences of keys that occur, without session specifics."""
    found = {kind: set() for kind in KINDS}
    for line in lines:
        record = json.loads(line)
        for kind in KINDS:
            if record["message"].startswith(kind):
                found[kind].add(tuple(record))
    return found


def _shape(message, tag):
    """Return what pgaudit says apart from literals, counts and the place in the session."""
    fields = next(csv.reader([message.removeprefix("AUDIT: ")]))
    return (tag, *fields[2:7])


def test_lines_have_the_keys_of_real_lines_in_their_order():
    real = _keys_by_kind(SAMPLE.read_bytes().splitlines())
    ours = _keys_by_kind(simulate(SimulateConfig(days=1, leaks=())))
    for kind in KINDS:
        assert ours[kind]
        assert ours[kind] <= real[kind]


@pytest.mark.postgres
def test_real_server_logs_the_same_shapes_for_the_same_statements(postgres):
    random = Random(5)
    shapes = [make(random) for group in made.SHAPES.values() for _, make in group]
    shapes += [made.month_end(random), made.page(0), made.copy_table("customers", "id, email")]
    # psql 15 cannot send bind values.
    statements = {statement.sql: statement for statement in shapes if not statement.parameters}
    postgres.start(["alice"])
    # One session, so that pgaudit's statement numbers tell which lines belong together.
    postgres.script("alice", ";\n".join(statement.rstrip(";") for statement in statements) + ";")
    logged: dict[str, list[tuple[str, ...]]] = {}
    for line in postgres.log_lines():
        record = json.loads(line)
        if record.get("user") == "alice" and record["message"].startswith("AUDIT: "):
            logged.setdefault(record["message"].split(",")[1], []).append(_shape(record["message"], record["ps"]))
    expected = [
        [
            (statement.tag, str(audit.substatement), audit.kind, audit.command, audit.object_type, audit.object_name)
            for audit in statement.audits
        ]
        for statement in statements.values()
    ]
    assert list(logged.values()) == expected


def test_decoder_understands_every_line():
    decoder = Decoder()
    for offset, line in enumerate(simulate(SimulateConfig(days=8))):
        for outcome in decoder.decode(RawRecord("crm", 0, 0, offset, None, line)):
            assert not isinstance(outcome, Rejected), outcome.reason
            if isinstance(outcome, Activity):
                assert outcome.source == "postgresql.jsonlog"
                assert outcome.verb != "UNKNOWN"
