"""The pgaudit message: what a line becomes, and what its row count is worth."""

from __future__ import annotations

import csv
import io

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.activity import Activity, Ignored, RawRecord, Rejected, RowsQuality
from streamguard.sources import Decoder, RejectedReason
from streamguard.sources.csvrow import split_row
from streamguard.sources.postgresql import auditrow
from streamguard.sources.postgresql.auditrow import AUDIT

DECODER = Decoder()


def audit_message(*fields):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(fields)
    return "AUDIT: " + out.getvalue()[:-1]


def jsonlog(message, **changes):
    record = {
        "timestamp": "2026-11-22 03:57:28.833 UTC",
        "user": "ann",
        "dbname": "crm",
        "pid": 7,
        "remote_host": "10.0.0.9",
        "session_id": "6b026828.49c7",
        "error_severity": "LOG",
        "message": message,
        "application_name": "psql",
    } | changes
    return orjson.dumps({key: value for key, value in record.items() if value is not None})


def decode(value, decoder=DECODER):
    [outcome] = decoder.decode(RawRecord("t", 0, 0, 0, None, value))
    return outcome


def line(audit_class, command, text, rows=None, *, kind="", name="", statement_id=1, substatement=1, **changes):
    fields = ["SESSION", statement_id, substatement, audit_class, command, kind, name, text, "<none>"]
    if rows is not None:
        fields.append(rows)
    return decode(jsonlog(audit_message(*fields), **changes))


COUNTS = [
    # What pgaudit 1.7 wrote on a server with 5,000 customers; a zero stands for "not zero" wherever rows is None here.
    ("READ", "SELECT", "select email from customers limit 100", 100, 100, "exact", None),
    ("READ", "SELECT", "select email from customers where false", 0, 0, "exact", None),
    ("READ", "SELECT", "select email from customers", None, None, "unknown", None),
    ("READ", "SELECT", "copy (select email from customers) to stdout", 5000, 5000, "exact", "copy_to"),
    ("READ", "COPY", "copy (select email from customers) to stdout", 0, None, "unbounded", "copy_to"),
    ("READ", "COPY", "copy customers to stdout", 0, None, "unbounded", "copy_to"),
    ("READ", "COPY", "copy customers to stdout", None, None, "unbounded", "copy_to"),
    ("READ", "COPY", "copy customers to stdout", 5000, 5000, "exact", "copy_to"),
    ("WRITE", "COPY", "copy customers from stdin", 0, None, "unknown", None),
    ("WRITE", "COPY", "copy customers from stdin", 12, 12, "affected", None),
    ("READ", "DECLARE CURSOR", "declare c cursor for select * from customers", 0, None, "unbounded", "cursor"),
    ("MISC", "FETCH", "fetch 4000 from c", 0, None, "unbounded", "cursor"),
    ("MISC", "MOVE", "move 10 in c", 0, None, "unknown", None),
    ("READ", "PREPARE", "prepare p as select email from customers", 0, None, "unknown", None),
    ("WRITE", "INSERT", "insert into leak select * from customers limit 7", 7, 7, "affected", None),
    ("WRITE", "UPDATE", "update customers set region='x' returning email", 8, 8, "affected", None),
    ("WRITE", "DELETE", "delete from customers where false", 0, 0, "affected", None),
    ("WRITE", "UPDATE", "update customers set region='x'", None, None, "unknown", None),
    # A locking read needs the permission to update; its rows reach the client whatever it is called.
    ("WRITE", "UPDATE", "select email from customers for update", 5000, 5000, "exact", None),
    ("DDL", "CREATE TABLE AS", "create table leak as select * from customers", 0, None, "unbounded", "create_table_as"),
    ("DDL", "ALTER TABLE", "alter table customers add x int", 0, None, "unknown", None),
    ("MISC", "BEGIN", "begin", 0, None, "unknown", None),
    ("FUNCTION", "DO", "do $$ begin perform 1; end $$", 0, None, "unknown", None),
    ("MISC", "???", "refresh materialized view mv", 5000, None, "unknown", None),
    ("MISC", "EXPLAIN", "explain analyze select * from customers", 0, None, "unknown", None),
]


@pytest.mark.parametrize(("audit_class", "command", "text", "logged", "rows", "quality", "export"), COUNTS)
def test_what_a_row_count_is_worth(audit_class, command, text, logged, rows, quality, export):
    activity = line(audit_class, command, text, logged)
    assert (activity.rows, activity.rows_quality, activity.export) == (rows, RowsQuality(quality), export)


def test_no_zero_is_reported_that_is_not_known_to_be_zero():
    zeros = [case for case in COUNTS if case[4] == 0]
    assert {case[1] for case in zeros} == {"SELECT", "DELETE"}


def test_the_fields_of_an_activity():
    text = "select id, email from customers where id = 42"
    activity = line("READ", "SELECT", text, 1, kind="TABLE", name="public.customers", statement_id=9)
    assert isinstance(activity, Activity)
    assert activity.time_ms == 1_795_319_848_833
    assert (activity.user, activity.database, activity.client, activity.application) == (
        "ann",
        "crm",
        "10.0.0.9",
        "psql",
    )
    assert (activity.session, activity.statement_key) == ("6b026828.49c7", "/6b026828.49c7/9")
    assert (activity.verb, activity.tables) == ("SELECT", ("public.customers",))
    assert activity.columns == ("customers.email", "customers.id")
    assert activity.columns_known
    assert not activity.complete
    assert activity.records == 1
    assert "42" not in activity.statement


@pytest.mark.parametrize("text", ["<not logged>", "<previously logged>", ""])
def test_a_text_that_was_not_logged_is_no_statement(text):
    activity = line("READ", "SELECT", text, 5, kind="TABLE", name="public.customers")
    assert (activity.statement, activity.fingerprint, activity.columns, activity.columns_known) == (
        None,
        None,
        (),
        False,
    )
    assert (activity.verb, activity.tables, activity.rows) == ("SELECT", ("public.customers",), 5)


@pytest.mark.parametrize(
    ("kind", "name", "tables"),
    [
        ("TABLE", "public.customers", ("public.customers",)),
        ("VIEW", "Sales.V_Contact", ("sales.v_contact",)),
        ("MATERIALIZED VIEW", "public.mv", ("public.mv",)),
        ("FOREIGN TABLE", 'public."Far Away"', ("public.far away",)),
        ("TABLE", 'public."say ""hi"""', ('public.say "hi"',)),
        ("UNKNOWN", "public.parted", ("public.parted",)),
        ("FUNCTION", "public.f", ("orders",)),
        ("INDEX", "public.customers_pkey", ("orders",)),
        ("", "", ("orders",)),
    ],
)
def test_tables_come_from_the_object_if_it_is_a_relation_and_else_from_the_text(kind, name, tables):
    assert line("READ", "SELECT", "select total from orders", 1, kind=kind, name=name).tables == tables


def test_all_lines_of_one_statement_share_their_key_and_other_statements_do_not():
    text = "select 1 from a join b on true"
    keys = [
        line("READ", "SELECT", text, 1, statement_id=4).statement_key,
        line("READ", "COPY", text, 1, statement_id=4, substatement=2).statement_key,
        line("READ", "SELECT", text, 1, statement_id=5).statement_key,
        line("READ", "SELECT", text, 1, statement_id=4, session_id="6b026828.49d0").statement_key,
        line("READ", "SELECT", text, 1, statement_id=4, session_id=None).statement_key,
    ]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 4
    assert keys[4] == "/pid:7/4"


def test_without_session_and_process_every_line_is_its_own_statement():
    activity = line("READ", "SELECT", "select 1", 1, session_id=None, pid=None)
    assert (activity.session, activity.statement_key) == (None, str(activity.origin))


def test_an_executed_prepared_statement_is_the_statement_inside():
    direct = line("READ", "SELECT", "select email from customers where id < $1", 10)
    executed = line("READ", "SELECT", "prepare p(int, varchar(3)[]) as select email from customers where id < $1", 10)
    nested = line("READ", "SELECT", "PREPARE p(int) AS select email from customers where id < $1", 10)
    assert nested.fingerprint == direct.fingerprint
    assert (nested.verb, nested.columns, nested.rows) == ("SELECT", ("customers.email",), 10)
    assert executed.columns == ("customers.email",)


KEY_CHECK = 'SELECT 1 FROM ONLY "public"."customers" x WHERE "id" OPERATOR(pg_catalog.=) $1 FOR KEY SHARE OF x'


@pytest.mark.parametrize("substatement", [1, 2])
@pytest.mark.parametrize(
    "text",
    [
        # As PostgreSQL 15.18 wrote them: plain, partitioned, of another type, of two columns, of an extension's type.
        KEY_CHECK,
        'SELECT 1 FROM "fk"."pp" x WHERE "id" OPERATOR(pg_catalog.=) $1 FOR KEY SHARE OF x',
        (
            'SELECT 1 FROM ONLY "fk"."p" x WHERE "id"::pg_catalog.text OPERATOR(pg_catalog.=) $1::pg_catalog.text'
            " FOR KEY SHARE OF x"
        ),
        (
            'SELECT 1 FROM ONLY "fk"."p2" x WHERE "a" OPERATOR(pg_catalog.=) $1 AND "b" OPERATOR(pg_catalog.=)'
            " $2::pg_catalog.text FOR KEY SHARE OF x"
        ),
        (
            'SELECT 1 FROM ONLY "fk"."pd" x WHERE "id"::pg_catalog."numeric" OPERATOR(pg_catalog.=)'
            ' $1::pg_catalog."numeric" FOR KEY SHARE OF x'
        ),
        'SELECT 1 FROM ONLY "fk"."We;ird ""T""" x WHERE "Co l" OPERATOR(public.=) $1 FOR KEY SHARE OF x',
    ],
)
def test_foreign_key_checks_are_ignored(text, substatement):
    outcome = line("READ", "SELECT", text, 1, kind="TABLE", name="public.customers", substatement=substatement)
    assert outcome == Ignored(outcome.origin, "foreign_key_check")


@pytest.mark.parametrize(
    "text",
    [
        KEY_CHECK.replace("SELECT 1", "SELECT email"),
        KEY_CHECK.replace(" FOR KEY", "; select email from customers; SELECT 1 FROM x FOR KEY"),
        KEY_CHECK.replace("$1", "$1::text;insert/**/into/**/leak/**/table/**/customers;"),
        KEY_CHECK.replace("$1", "(select email from customers limit 1)"),
        KEY_CHECK + "; table customers",
        "-- FOR KEY SHARE OF x\nselect email from customers /* FOR KEY SHARE OF x */",
    ],
)
def test_what_only_looks_like_a_foreign_key_check_is_an_activity(text):
    assert isinstance(line("READ", "SELECT", text, 1, substatement=2), Activity)


def test_object_audit_is_read_like_session_audit():
    message = audit_message("OBJECT", 3, 1, "READ", "SELECT", "TABLE", "public.customers", "select 1", "<none>", 5)
    assert decode(jsonlog(message)).tables == ("public.customers",)


@pytest.mark.parametrize(
    ("audit_type", "tables"),
    [("OBJECT", ("public.orders", "customers")), ("SESSION", ("public.orders",))],
)
def test_object_audit_names_some_tables_and_the_text_the_others(audit_type, tables):
    text = '"select email from orders o, customers c"'
    message = audit_message(audit_type, 3, 1, "READ", "SELECT", "TABLE", "public.orders", text[1:-1], "<none>", 5)
    assert decode(jsonlog(message)).tables == tables


PLAIN = ("SESSION", 1, 1, "READ", "SELECT", "", "", "select 1", "<none>")


@pytest.mark.parametrize("severity", ["INFO", "NOTICE", "WARNING", "DEBUG1"])
def test_pgaudit_may_log_at_any_level(severity):
    assert isinstance(decode(jsonlog(audit_message(*PLAIN), error_severity=severity)), Activity)


def test_an_error_whose_text_imitates_pgaudit_is_an_error():
    forged = jsonlog(audit_message(*PLAIN), error_severity="ERROR")
    assert decode(forged).reason == "error_line"


@pytest.mark.parametrize("user", [None, "", "[unknown]"])
def test_lines_of_nobody_are_ignored(user):
    assert line("READ", "SELECT", "SELECT 1", 1, user=user).reason == "no_user"


@pytest.mark.parametrize(
    "fields",
    [
        ["SESSION", "1", "1", "READ", "SELECT", "", "", "select 1"],
        ["SESSION", "1", "1", "READ", "SELECT", "", "", "select 1", "<none>", "1", "2"],
        ["SESSION", "x", "1", "READ", "SELECT", "", "", "select 1", "<none>"],
        ["SESSION", "1", "-1", "READ", "SELECT", "", "", "select 1", "<none>"],
        ["SESSION"],
    ],
)
def test_a_row_of_another_shape_is_malformed(fields):
    outcome = decode(jsonlog(audit_message(*fields)))
    assert isinstance(outcome, Rejected)
    assert outcome.reason == "malformed_audit"


def test_a_row_cut_off_inside_its_statement_is_malformed():
    whole = audit_message("SESSION", 1, 1, "READ", "SELECT", "", "", 'select "a", b from c', "<none>", 3)
    cut = whole[: whole.index(" from")]
    assert decode(jsonlog(cut)).reason == "malformed_audit"


def test_a_statement_beyond_the_csv_modules_own_limit_is_read():
    text = "select email from customers where note <> '" + 'x",\n' * 60_000 + "'"
    activity = line("READ", "SELECT", text, 3, kind="TABLE", name="public.customers")
    assert (activity.rows, activity.tables) == (3, ("public.customers",))
    assert not activity.columns_known
    assert "xx" not in activity.statement


@given(
    st.lists(st.text('a,"\n\r<>{}\x00', max_size=6), min_size=6, max_size=6),
    st.text('a,"\n\r<none>,7\x00', max_size=20),
    st.sampled_from(["<none>", "<not logged>", "", "1", '"<none>"', '"a,<none>,5"', "a"]),
    st.sampled_from(["", "5", "667", "x", "-1", "٣"]),
    st.booleans(),
)
def test_the_short_cut_splits_a_row_as_a_reader_of_csv_does(head, statement, parameter, rows, quoted):
    if quoted:
        statement = '"' + statement.replace('"', '""') + '"'
    message = AUDIT + ",".join(["SESSION", *head, statement, parameter, rows])
    short = auditrow._split_plain(message)
    if short is not None:
        assert short == split_row(message[len(AUDIT) :], RejectedReason.MALFORMED_AUDIT)


def test_the_short_cut_takes_the_usual_rows():
    for text in ("select 1", '"select a, b from t"', '"select ""A"" from t where x = \'y,z\'"'):
        message = f"AUDIT: SESSION,4,1,READ,SELECT,TABLE,public.t,{text},<none>,667"
        assert auditrow._split_plain(message) == next(csv.reader([message[len(AUDIT) :]]))
