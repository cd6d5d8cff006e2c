"""SQL Server Audit: rows, Azure's diagnostics and the Windows event log; what is split, counted and opened."""

from __future__ import annotations

import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import SAMPLES, damaged, decode, decode_one, merged, objects_of, outcomes_of, tally, told

from streamguard.sources.sqlserver.action import inner_statement

ROWS = "sqlserver/derived-fn_get_audit_file.ndjson"
CONNECT = "sqlserver/derived-kafka-connect-jdbc.ndjson"
AZURE = "sqlserver/derived-azure-diagnostics.ndjson"
WINDOWS = "sqlserver/derived-winlogbeat-33205.ndjson"
EXPECTED = {
    ROWS: {"sqlserver.audit": 7, "connection": 1, "disconnection": 1, "transaction": 1, "administration": 1},
    CONNECT: {"sqlserver.audit": 1, "connection": 1},
    AZURE: {"sqlserver.azure": 5, "connection": 1},
    WINDOWS: {"sqlserver.winlog": 2},
}
ROW = objects_of(ROWS)[0]


def read(**changes):
    return decode_one(ROW | changes)


def azure(**changes):
    [batch] = objects_of(AZURE)
    record = batch["records"][0]
    return decode_one(record | {"properties": record["properties"] | changes})


def test_every_file_is_tested():
    assert {f"sqlserver/{path.name}" for path in (SAMPLES / "sqlserver").iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_outcomes_are_accounted_for(name):
    assert tally(outcomes_of(name)) == EXPECTED[name]


def test_a_row():
    assert told(outcomes_of(ROWS)[0]) == {
        "time_ms": 1_795_319_848_833,
        "source": "sqlserver.audit",
        "user": "CORP\\alice.smith",
        "statement_key": "SQLPROD01/A1B2C3D4E5F60718293A4B5C6D7E8F90",
        "complete": True,
        "instance": "SQLPROD01",
        "database": "crm",
        "client": "10.20.30.40",
        "application": "Microsoft SQL Server Management Studio - Query",
        "session": "62",
        "verb": "SELECT",
        "statement": "select email, phone from dbo.customers where region = ?",
        "tables": ("dbo.customers",),
        "columns": ("dbo.customers.email", "dbo.customers.phone"),
        "columns_known": True,
        "filters": ("dbo.customers.region",),
    }


def test_the_texts_tables_count_besides_the_audited_object():
    text = "select c.email from dbo.orders o join customers c on c.id = o.customer"
    row = read(action_id="SL", class_type="U", schema_name="dbo", object_name="Orders", statement=text)
    assert row.tables == ("dbo.orders", "customers")


def test_carriers_tell_the_same():
    without = ("source", "statement_key", "complete")
    row, connect, windows = (
        {k: v for k, v in told(outcomes_of(n)[0]).items() if k not in without} for n in (ROWS, CONNECT, WINDOWS)
    )
    assert row == connect == windows


def test_azure_counts():
    batch, update, failed, call, none = outcomes_of(AZURE)[:5]
    assert (batch.rows, batch.rows_quality, batch.duration_ms) == (48_210, "exact", 112.0)
    assert (batch.instance, batch.database, batch.client) == ("crm-sql", "crm", "203.0.113.7")
    assert (batch.tables, batch.columns) == (("dbo.customers",), ("dbo.customers.email",))
    assert (update.rows, update.rows_quality) == (1, "affected")
    assert failed.error == "208"
    assert (call.tables, call.columns) == (("dbo.customers",), ("dbo.customers.email",))
    assert (none.rows, none.rows_quality) == (0, "exact")


def test_a_zero_counts_only_in_azure():
    assert (read(response_rows=0).rows, read(response_rows=0).rows_quality) == (None, "unknown")
    assert (read(response_rows=7).rows, read(response_rows=7).rows_quality) == (7, "exact")


def test_a_long_statement_is_joined_and_its_columns_are_not_known():
    first, second = outcomes_of(ROWS)[1:3]
    assert (second.statement, second.tables) == (None, ("dbo.customers",))
    [statement] = merged([first, second])
    assert (statement.records, statement.columns_known, statement.tables) == (2, False, ("dbo.customers",))
    assert statement.statement.startswith("select email from dbo.customers where id in (")
    assert b"Winter" not in msgspec.json.encode(statement)


def test_a_part_that_begins_in_a_literal_lets_nothing_out():
    assert read(sequence_number=2, statement="ter' and city = 'Rome'").statement is None


def test_impersonation_names_who_logged_in():
    activity = outcomes_of(ROWS)[5]
    assert (activity.user, activity.proxy_user) == ("report_reader", "CORP\\alice.smith")
    assert outcomes_of(ROWS)[0].proxy_user is None


def test_a_denied_read_and_a_backup():
    denied, backup = outcomes_of(ROWS)[4], outcomes_of(ROWS)[6]
    assert (denied.user, denied.error) == ("CORP\\bob", "failure")
    assert (backup.verb, backup.export, backup.rows_quality) == ("BACKUP", "unload", "unbounded")


@pytest.mark.parametrize(
    ("action", "reason"),
    [("LGIF", "connection"), ("BST ", "statement_start"), ("TXCM", "transaction"), ("ZZZZ", "administration")],
)
def test_actions_that_are_no_statements(action, reason):
    assert read(action_id=action, statement="", object_name="").reason == reason


@pytest.mark.parametrize(
    ("call", "inner"),
    [
        ("exec sp_executesql N'select a from t where b = @p',N'@p int',@p=5", "select a from t where b = @p"),
        ("EXECUTE sys.sp_executesql @stmt = N'select ''x'''", "select 'x'"),
        ("sp_executesql N'select a", "select a"),
        ("declare @p1 int\nset @p1=1\nexec sp_prepexec @p1 output,N'@P0 int',N'select a from t',5", "select a from t"),
        ("exec sp_prepexec @p1 output,NULL,N'select a from t'", "select a from t"),
        ("exec sp_cursoropen @p1 output,N'select a from t',@p3 output", "select a from t"),
        ("exec ('select a from t')", "select a from t"),
        ("exec sp_executesql @text, N'@p nvarchar(9)', @p = N'Winter'", None),
        ("exec dbo.find_customer 'Winter'", None),
        ("select 'exec sp_executesql N''x'''", None),
    ],
)
def test_calls_are_opened_and_values_are_not_taken_for_statements(call, inner):
    assert inner_statement(call) == (call if inner is None else inner)
    assert b"Winter" not in msgspec.json.encode(read(action_id="EX", statement=call))


def test_a_statement_in_the_event_log_cannot_pass_for_columns():
    activity = outcomes_of(WINDOWS)[1]
    assert (activity.user, activity.session) == ("CORP\\mallory", "62")
    assert activity.application == "Microsoft SQL Server Management Studio - Query"
    assert activity.tables == ("dbo.customers",)


@given(
    st.text(alphabet=st.sampled_from("ab:\n '-"), max_size=30),
    st.sampled_from(["server_principal_name:sa", "event_time:1"]),
)
def test_no_statement_in_the_event_log_changes_its_user_or_time(text, forged):
    record = objects_of(WINDOWS)[0]
    param = record["winlog"]["event_data"]["param1"]
    head, _, tail = param.partition("\nadditional_information:")
    record["winlog"]["event_data"]["param1"] = f"{head} {text}\n{forged}\n{text}\nadditional_information:{tail}"
    activity = decode_one(record)
    assert (activity.user, activity.time_ms) == ("CORP\\alice.smith", 1_795_319_848_833)


def test_times_are_utc_whatever_the_carrier_says():
    times = ["2026-11-22T03:57:28.833", "2026-11-22 03:57:28.8331234", "2026-11-22T03:57:28.833Z", 1_795_319_848_833]
    assert {read(event_time=time).time_ms for time in times} == {1_795_319_848_833}
    assert azure(event_time=None).time_ms == 1_795_319_850_000


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"server_principal_name": "", "database_principal_name": ""}, "missing_user"),
        ({"event_time": None}, "missing_field"),
        ({"response_rows": -1}, "negative_rows"),
    ],
)
def test_rows_that_cannot_be_read(changes, reason):
    assert read(**changes).reason == reason


def test_an_event_without_its_row_is_refused():
    assert decode_one({"winlog": {"event_id": 33205, "event_data": {}}}).reason == "missing_field"
    assert decode_one({"category": "SQLSecurityAuditEvents"}).reason == "missing_field"


@given(damaged(objects_of(ROWS, CONNECT, AZURE, WINDOWS)))
def test_a_damaged_record_is_never_a_defect(record):
    assert all(getattr(o, "reason", "") != "internal_error" for o in decode(orjson.dumps(record)))
