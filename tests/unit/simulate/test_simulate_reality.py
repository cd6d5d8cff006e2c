"""The simulated log against a real one: keys of real lines, and a real server asked the same questions."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from random import Random

import pytest

from streamguard.simulate import World, small_company
from streamguard.simulate.render.pgaudit import audits_of
from streamguard.simulate.roles import ROLES
from streamguard.simulate.tasks.analysis import month_end
from streamguard.simulate.tasks.services import nightly_dump

SAMPLES = Path(__file__).parents[2] / "samples" / "postgresql"
JSONLOG = SAMPLES / "generated-pg15-pgaudit1.7-logrows.jsonlog"
CSVLOG = SAMPLES / "generated-pg15-pgaudit1.7-logrows.csvlog"
KINDS = ("connection received", "connection authorized", "AUDIT", "duration", "disconnection")
ONE_DAY = World(small_company(days=1, attacks=False))


def _keys_by_kind(lines):
    """Return, for every kind of line, the sequences of keys that occur, without session specifics."""
    found = {kind: set() for kind in KINDS}
    for line in lines:
        record = json.loads(line)
        for kind in KINDS:
            if record["message"].startswith(kind):
                found[kind].add(tuple(record))
    return found


def _forms_by_kind(rows):
    """Return, for every kind of row, which of its columns are filled."""
    found = {kind: set() for kind in KINDS}
    for row in rows:
        for kind in KINDS:
            if row[13].startswith(kind):
                found[kind].add(tuple(bool(column) for column in row))
    return found


def _shape(message, tag):
    """Return what pgaudit says apart from literals, counts and the place in the session."""
    fields = next(csv.reader([message.removeprefix("AUDIT: ")]))
    return (tag, *fields[2:7])


def test_lines_have_the_keys_of_real_lines_in_their_order():
    real = _keys_by_kind(JSONLOG.read_bytes().splitlines())
    ours = _keys_by_kind(ONE_DAY.lines("postgresql.jsonlog"))
    for kind in KINDS:
        assert ours[kind]
        assert ours[kind] <= real[kind]


def test_rows_fill_the_columns_of_real_rows():
    with CSVLOG.open(newline="") as file:
        real = _forms_by_kind(csv.reader(file))
    ours = _forms_by_kind(csv.reader(line.decode() for line in ONE_DAY.lines("postgresql.csvlog")))
    for kind in KINDS:
        assert ours[kind]
        assert ours[kind] <= real[kind]


@pytest.mark.postgres
def test_real_server_logs_the_same_shapes_for_the_same_statements(postgres):
    random = Random(5)
    made = [task(random, 1.0)[0] for role in ROLES.values() for _, task in role.menu for _ in range(6)]
    made += [month_end(random, 1.0)[0], *nightly_dump()]
    # psql 15 cannot send bind values, and a session cannot make one temporary table twice.
    statements, names = {}, set()
    for statement in made:
        name = statement.sql.split(" as ")[0]
        if not statement.parameters and not (statement.tag == "CREATE TABLE AS" and name in names):
            statements[statement.sql] = statement
            names.add(name)
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
            for audit in audits_of(statement)
        ]
        for statement in statements.values()
    ]
    assert list(logged.values()) == expected
