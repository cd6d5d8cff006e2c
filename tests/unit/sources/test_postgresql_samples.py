"""Every PostgreSQL sample: what becomes of its records, and the activities that all records of a statement make."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import msgspec
import pytest

from streamguard.activity import Activity, Origin, RawRecord, RowsQuality
from streamguard.sources import Decoder, read_records
from streamguard.sources.assemble import Assembler

SAMPLES = Path(__file__).parents[2] / "samples"
FOLDERS = ("postgresql", "cnpg", "aws-rds-postgresql", "azure-postgresql", "gcp-postgresql")
GENERATED = "postgresql/generated-pg15-pgaudit1.7-logrows"
SERVER_LOG = {"duration": 45, "plan": 7, "connection": 38, "disconnection": 19, "server_log": 10}
STATEMENTS = 117
"""Activities in the generated log, whatever carried it: one for each statement, and one for each closed cursor."""


def outcomes_of(name):
    decoder = Decoder()
    return [
        outcome
        for offset, value in enumerate(read_records(SAMPLES / name))
        for outcome in decoder.decode(RawRecord("audit", 0, 0, offset, None, value))
    ]


@cache
def assembled(name):
    assembler, out = Assembler(), []
    for outcome in outcomes_of(name):
        if isinstance(outcome, Activity):
            assembler.feed(outcome)
        assembler.advance(outcome.origin.offset)
        out += assembler.take()
    assembler.announce_cut()
    assembler.cut()
    return out + assembler.take()


EXPECTED = {
    # outcomes of the records; activities after joining
    f"{GENERATED}.jsonlog": ({"postgresql.jsonlog": 268, **SERVER_LOG}, STATEMENTS),
    f"{GENERATED}.csvlog": ({"postgresql.csvlog": 268, **SERVER_LOG}, STATEMENTS),
    f"{GENERATED}.stderr.log": (
        {"postgresql.stderr": 268, **SERVER_LOG, "detail_line": 31, "error_line": 3}, STATEMENTS,
    ),
    "postgresql/generated-pg15-pgaudit1.7-norows.jsonlog": (
        {"postgresql.jsonlog": 12, "duration": 9, "connection": 8, "disconnection": 4, "checkpoint": 1}, 6,
    ),
    "postgresql/derived-from-source-pgauditlogtofile.ndjson": (
        {"postgresql.pgauditlogtofile": 4, "connection": 1, "disconnection": 1}, 4,
    ),
    "cnpg/derived-from-generated-csvlog.ndjson": ({"postgresql.cnpg": 268, **SERVER_LOG}, STATEMENTS),
    "cnpg/cnpg-testdata-pgaudit.csv": ({"postgresql.csvlog": 2}, 2),
    "cnpg/cnpg-testdata-one_line.csv": ({"server_log": 1}, 0),
    "cnpg/cnpg-testdata-two_lines.csv": ({"checkpoint": 2}, 0),
    "cnpg/cnpg-testdata-two_lines_14.csv": ({"replication": 2}, 0),
    "aws-rds-postgresql/derived-rds-prefix-pgaudit-logrows.log": (
        {"postgresql.stderr": 268, "duration": 45, "plan": 7, "connection": 19, "disconnection": 19,
         "detail_line": 21, "error_line": 3}, STATEMENTS,
    ),
    # The third record is not what pgaudit writes: a statement with commas and no quotes around it.
    "azure-postgresql/ibm-guardium-eventhub-records.ndjson": (
        {"postgresql.azure": 1, "malformed_audit": 1, "no_user": 2}, 1,
    ),
    "gcp-postgresql/ibm-guardium-alloydb-cloudsql.ndjson": ({"postgresql.stderr": 2, "error_line": 2}, 2),
    "gcp-postgresql/derived-from-docs-pgauditentry.ndjson": ({"postgresql.cloudsql": 7}, 5),
}  # fmt: skip


def test_every_sample_is_expected():
    files = {str(path.relative_to(SAMPLES)) for folder in FOLDERS for path in (SAMPLES / folder).iterdir()}
    assert files == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_every_record_is_accounted_for(name):
    outcomes = outcomes_of(name)
    counts, statements = EXPECTED[name]
    assert Counter(o.source if isinstance(o, Activity) else o.reason for o in outcomes) == counts
    assert len(assembled(name)) == statements
    assert sum(a.records for a in assembled(name)) == sum(isinstance(o, Activity) for o in outcomes)


def comparable(activity, *without):
    """Return what a carrier must not change; the key of what has none is its place in the file."""
    fields = msgspec.structs.asdict(activity)
    for name in ("origin", "source", *without):
        del fields[name]
    if activity.statement_key == str(activity.origin):
        fields["statement_key"] = None
    return fields


@pytest.mark.parametrize(
    ("name", "without"),
    [
        (f"{GENERATED}.csvlog", ()),
        # The prefix of the plain log has no SQLSTATE.
        (f"{GENERATED}.stderr.log", ("error",)),
        ("cnpg/derived-from-generated-csvlog.ndjson", ("instance", "statement_key")),
    ],
)
def test_all_carriers_of_one_log_give_the_same_activities(name, without):
    expected = [comparable(a, *without) for a in assembled(f"{GENERATED}.jsonlog")]
    assert [comparable(a, *without) for a in assembled(name)] == expected


def test_a_statement_has_what_all_its_records_tell():
    join = next(a for a in assembled(f"{GENERATED}.jsonlog") if a.rows == 667)
    assert join == Activity(
        origin=Origin("audit", 0, 0, 17, 0),
        time_ms=1_795_319_848_837,
        source="postgresql.jsonlog",
        user="alice.smith",
        statement_key="/6b026828.49c7/4",
        database="crm",
        client="127.0.0.1",
        application="crm-ui",
        session="6b026828.49c7",
        verb="SELECT",
        statement=join.statement,
        fingerprint=join.fingerprint,
        complete=join.complete,
        tables=("public.customers", "public.orders"),
        columns=("customers.email", "orders.total"),
        columns_known=True,
        filters=join.filters,
        scope=join.scope,
        rows=667,
        rows_quality=RowsQuality.EXACT,
        bytes=667 * 27,
        duration_ms=2.509,
        records=4,
    )
    assert join.statement.startswith("select c.email, o.total from customers c join orders o")


CURSORS = [(50 + 4000, 59), (5000, 20), (1, 4), (5000, 20), (5000, 20), (5000, 59)]


def test_a_cursor_is_counted_once_by_its_plan_and_is_without_a_bound_before():
    cursors = [a for a in assembled(f"{GENERATED}.jsonlog") if a.verb == "DECLARE CURSOR"]
    assert [(a.rows, a.bytes) for a in cursors if a.rows is not None] == [(n, n * width) for n, width in CURSORS]
    uncounted = [a for a in cursors if a.rows is None]
    assert len(uncounted) == len(CURSORS)
    assert {(a.rows_quality, a.export) for a in uncounted} == {(RowsQuality.UNBOUNDED, "cursor")}


def test_no_way_out_is_counted_as_zero():
    for name in EXPECTED:
        assert not [a for a in assembled(name) if a.export is not None and a.rows == 0]


def test_what_fails_is_told_with_what_had_left_unknown():
    failed = [a for a in assembled(f"{GENERATED}.jsonlog") if a.error is not None]
    assert [(a.error, a.verb, a.rows, a.rows_quality.value) for a in failed] == [
        ("42P01", "SELECT", None, "unbounded"),
        ("42501", "UPDATE", None, "unknown"),
        ("22012", "SELECT", None, "unbounded"),
    ]
    # Without log_rows pgaudit writes its line first, and the failure joins it.
    [failed] = [a for a in assembled("postgresql/generated-pg15-pgaudit1.7-norows.jsonlog") if a.error is not None]
    assert (failed.error, failed.records, failed.tables) == ("22012", 2, ("public.customers",))


def test_what_the_fields_cover():
    activities = assembled(f"{GENERATED}.jsonlog")
    fields = ("user", "client", "application", "statement", "tables", "columns", "rows", "bytes")
    covered = {field: sum(getattr(a, field) not in {None, ()} for a in activities) for field in fields}
    assert all(covered[field] == STATEMENTS for field in ("user", "client", "application", "statement"))
    # The other statements touch no table: FETCH (28), which names its cursor only, and session control. No rows are
    # known of them, and of what left without a count.
    assert covered["tables"] >= 58
    assert covered["columns"] >= 50
    assert covered["rows"] >= 54
    assert covered["bytes"] >= 50
