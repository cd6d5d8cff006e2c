"""Durations, plans, beginnings and failures of PostgreSQL's log: what each becomes, alike from every carrier."""

from __future__ import annotations

import csv
import io

import msgspec
import orjson
import pytest

from streamguard.activity import Activity, Ignored, RawRecord, RowsQuality
from streamguard.sources import Decoder, DecoderConfig

DECODER = Decoder()
TIME, SESSION = "2026-11-22 03:57:28.833 UTC", "6b026828.49c7"
PLAN = {
    "Query Text": "select email from customers where id < 51",
    "Plan": {"Node Type": "Seq Scan", "Plan Rows": 60, "Plan Width": 20, "Actual Rows": 50, "Actual Loops": 1},
}


def decode(value, decoder=DECODER):
    [outcome] = decoder.decode(RawRecord("t", 0, 0, 0, None, value))
    return outcome


def jsonlog(message, severity="LOG", **more):
    record = {
        "timestamp": TIME, "user": "ann", "dbname": "crm", "pid": 7, "remote_host": "10.0.0.9", "session_id": SESSION,
        "error_severity": severity, "message": message, "application_name": "psql",
    }  # fmt: skip
    return orjson.dumps({key: value for key, value in (record | more).items() if value is not None})


def csvlog(message, severity="LOG", *, statement="", state_code="00000", detail=""):
    row = [TIME, "ann", "crm", "7", "10.0.0.9:40000", SESSION, "1", "SELECT", TIME, "3/1", "0", severity, state_code]
    row += [message, detail, "", "", "", "", statement, "", "", "psql", "client backend", "", "0"]
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(row)
    return out.getvalue().encode()


def plain(message, severity="LOG"):
    message = message.replace("\n", "\n\t")
    return f"{TIME} [7] ann@crm/psql 10.0.0.9 {SESSION} {severity}:  {message}".encode()


def cnpg(message, severity="LOG", *, statement="", state_code="00000", detail=""):
    record = {
        "log_time": TIME, "user_name": "ann", "database_name": "crm", "process_id": "7", "session_id": SESSION,
        "connection_from": "10.0.0.9:40000", "error_severity": severity, "sql_state_code": state_code,
        "message": message, "query": statement, "detail": detail, "application_name": "psql",
    }  # fmt: skip
    # Older operators left what they could not read under this name.
    return orjson.dumps({"logger": "postgres", "record": record})


MESSAGES = {
    # message: (part, complete, duration, verb, columns, rows)
    "duration: 0.692 ms  statement: select email from customers where id = 42;": (
        "duration", True, 0.692, "SELECT", ("customers.email",), None,
    ),
    "duration: 12 ms  execute <unnamed>: select email from customers where id = $1": (
        "duration", False, 12.0, "SELECT", ("customers.email",), None,
    ),
    "duration: 0.121 ms  execute fetch from s_1/C_2: select email from customers": (
        "fetch", False, 0.121, "SELECT", ("customers.email",), None,
    ),
    "statement: select email from customers": ("statement", False, None, "SELECT", ("customers.email",), None),
    "execute S_1: select email from customers": ("statement", False, None, "SELECT", ("customers.email",), None),
    "execute fetch from S_1/C_2: select email from customers": (
        "fetch", False, None, "SELECT", ("customers.email",), None,
    ),
    "duration: 0.5 ms  plan:\n" + orjson.dumps(PLAN, option=orjson.OPT_INDENT_2).decode(): (
        "plan", False, 0.5, "SELECT", ("customers.email",), 50,
    ),
    "duration: 0.5 ms  statement: FETCH FORWARD 1000 FROM _psql_cursor": ("duration", True, 0.5, "FETCH", (), None),
}  # fmt: skip


@pytest.mark.parametrize("carrier", [jsonlog, csvlog, plain, cnpg])
@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message[:40])
def test_an_entry_that_tells_of_a_statement_is_an_activity(message, carrier):
    activity = decode(carrier(message))
    assert isinstance(activity, Activity)
    part, complete, duration_ms, verb, columns, rows = MESSAGES[message]
    assert (activity.part, activity.complete, activity.duration_ms) == (part, complete, duration_ms)
    assert (activity.verb, activity.columns, activity.rows) == (verb, columns, rows)
    assert (activity.user, activity.database, activity.client) == ("ann", "crm", "10.0.0.9")
    assert (activity.application, activity.session, activity.time_ms) == ("psql", SESSION, 1_795_319_848_833)
    assert activity.statement_key == str(activity.origin)


IGNORED = {
    "duration: 0.258 ms": "duration",
    "duration: 0.324 ms  parse __asyncpg_stmt_1__: select email from customers": "duration",
    "duration: 0.37 ms  bind <unnamed>: select email from customers": "duration",
    "duration: 0.1 ms  statement: BEGIN": "duration",
    "duration: 0.1 ms  statement: set search_path = crm": "duration",
    'duration: 0.1 ms  fastpath function call: "f" (OID 1)': "duration",
    "statement: commit;": "statement_line",
    "duration: 0.1 ms  plan:\n<explain>": "plan",
    'duration: 0.1 ms  plan:\nQuery Text: "select 1"\nPlan: \n  Node Type: "Result"': "plan",
    'duration: 0.1 ms  plan:\nQuery Text: SELECT 1 FROM ONLY "public"."customers" x WHERE "id" '
    'OPERATOR(pg_catalog.=) $1 FOR KEY SHARE OF x\nLockRows  (cost=0.28..8.31 rows=1 width=10)': "foreign_key_check",
    "duration: 0.1 ms  plan:\nQuery Text: SELECT pg_catalog.upper(object_type),\n       object_identity,\n"
    "       pg_catalog.upper(command_tag)\n  FROM pg_catalog.pg_event_trigger_ddl_commands()\n"
    "Function Scan on pg_event_trigger_ddl_commands  (cost=0.00..15.00 rows=1000 width=96)": "plan",
    'temporary file: path "base/pgsql_tmp/pgsql_tmp1.0", size 14000000': "server_log",
}  # fmt: skip


@pytest.mark.parametrize("message", IGNORED, ids=lambda message: message[:40])
def test_what_tells_nothing_is_ignored(message):
    assert decode(jsonlog(message)) == Ignored(decode(jsonlog(message)).origin, IGNORED[message])


@pytest.mark.parametrize("carrier", [jsonlog, csvlog, cnpg])
@pytest.mark.parametrize("severity", ["ERROR", "FATAL", "PANIC"])
def test_a_failed_read_may_have_sent_any_number_of_rows(carrier, severity):
    statement = "select email, 1/(id-4999) from customers"
    activity = decode(carrier("division by zero", severity, statement=statement, state_code="22012"))
    assert (activity.part, activity.complete, activity.error) == ("error", True, "22012")
    assert (activity.rows, activity.rows_quality) == (None, RowsQuality.UNBOUNDED)
    assert activity.tables == ("customers",)


def test_a_failed_write_has_no_bound_to_worry_about():
    activity = decode(
        jsonlog("deadlock detected", "ERROR", statement="update customers set phone = ''", state_code="40P01")
    )
    assert (activity.rows, activity.rows_quality, activity.error) == (None, RowsQuality.UNKNOWN, "40P01")


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (jsonlog("division by zero", "ERROR", state_code="22012"), "error_line"),
        (jsonlog("current transaction is aborted", "ERROR", statement="commit", state_code="25P02"), "error_line"),
        (jsonlog("canceling autovacuum task", "ERROR", statement="vacuum customers", user=None), "no_user"),
        # A notice of the server carries the running statement too.
        (jsonlog("temporary file: size 14", "LOG", statement="select email from customers"), "server_log"),
        (
            jsonlog("there is no transaction in progress", "WARNING", statement="select email from customers"),
            "server_log",
        ),
    ],
)
def test_failures_of_no_statement_are_ignored(record, reason):
    assert decode(record).reason == reason


def test_plain_lines_tell_a_failure_by_its_statement():
    assert decode(plain("division by zero", "ERROR")).reason == "error_line"
    activity = decode(plain("select email\nfrom customers", "STATEMENT"))
    assert (activity.part, activity.error, activity.tables) == ("error", "failure", ("customers",))


@pytest.mark.parametrize(("code", "error"), [("22012", "22012"), ("00000", None)])
def test_the_code_in_the_prefix_tells_failures_from_notices(code, error):
    decoder = Decoder(DecoderConfig(log_line_prefixes=("%m [%p] %u@%d %e ",)))
    line = f"{TIME} [7] ann@crm {code} STATEMENT:  select email from customers"
    outcome = decode(line.encode(), decoder)
    assert getattr(outcome, "error", None) == error


def test_execute_is_what_was_prepared_where_the_log_tells():
    detail = "prepare: prepare p(int) as select email from customers where id < $1"
    told = decode(jsonlog("duration: 0.161 ms  statement: execute p(11);", detail=detail))
    plan = PLAN | {"Query Text": "prepare p(int) as select email from customers where id < $1"}
    planned = decode(jsonlog("duration: 0.1 ms  plan:\n" + orjson.dumps(plan).decode()))
    assert (told.verb, told.columns) == ("SELECT", ("customers.email",))
    assert told.fingerprint == planned.fingerprint
    assert decode(jsonlog("duration: 0.161 ms  statement: execute p(11);")).verb == "EXECUTE"


def test_bind_values_stay_in_the_log():
    detail = "parameters: $1 = 'apac', $2 = 'ann@example.com'"
    activity = decode(jsonlog("duration: 1 ms  execute q: select email from customers where id = $1", detail=detail))
    encoded = msgspec.json.encode(activity)
    assert b"apac" not in encoded
    assert b"ann@example.com" not in encoded


@pytest.mark.parametrize(
    "line",
    [
        plain("duration: 1.0 ms  statement: select email from customers"),
        plain("statement: select email from customers"),
        plain("select email from customers", "STATEMENT"),
        plain("duration: 1.0 ms  plan:\nQuery Text: select 1\nResult  (cost=0.00..0.01 rows=1 width=4)"),
    ],
)
@pytest.mark.parametrize(
    "name", ["x 1.1.1.1 6b.1 LOG:  duration: 1.0 ms ", "x 1.1.1.1 6b.1 LOG:  checkpoint starting: "]
)
def test_an_application_name_cannot_hide_an_entry(line, name):
    assert decode(line.replace(b"/psql ", f"/{name} ".encode())).reason == "ambiguous_line"


@pytest.mark.parametrize(
    "message", ["duration: 1 ms  statement: select 1", "statement: select email from customers", "AUDIT: SESSION,1"]
)
def test_a_prefix_without_a_user_is_refused_with_advice(message):
    if message.startswith("AUDIT"):
        message += ",1,READ,SELECT,,,select 1,<none>"
    outcome = decode(f"{TIME} [7] LOG:  {message}".encode())
    assert outcome.reason == "missing_user"
    assert "log_line_prefix" in outcome.detail


def test_a_plan_that_is_cut_off_is_rejected():
    outcome = decode(jsonlog('duration: 0.5 ms  plan:\n{"Query Text": "select email fr'))
    assert outcome.reason == "invalid_json"
    assert "email" not in outcome.detail
