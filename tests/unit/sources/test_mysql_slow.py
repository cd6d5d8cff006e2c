"""The slow logs of MariaDB, MySQL and Percona Server: entries, rows that lie, times that clients choose."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from reading import decode, decode_one, merged, outcomes_of, tally, told

from streamguard.activity import Activity, Ignored, Rejected, RowsQuality

MARIADB = "mariadb/generated-mariadb-10.11.19-slow.log"
MYSQL = "mysql/derived-slow-log-extra.log"
PERCONA = "percona/derived-slow-log.log"
SECONDS = 1_795_320_045


def entry(
    sql, sent=0, affected=0, size=0, seconds=SECONDS, schema="crm", user="ann[ann] @ localhost [10.0.0.9]", more=""
):
    return (
        f"# User@Host: {user}\n# Thread_id: 5  Schema: {schema}  QC_hit: No\n"
        f"# Query_time: 0.000718  Lock_time: 0.000041  Rows_sent: {sent}  Rows_examined: 9\n"
        f"# Rows_affected: {affected}  Bytes_sent: {size}\n{more}SET timestamp={seconds};\n{sql};"
    )


def rows(*arguments, **options):
    found = decode_one(entry(*arguments, **options))
    return found.rows, found.rows_quality.value


def test_outcomes_are_accounted_for():
    assert tally(outcomes_of(MARIADB)) == {"mysql.slow": 51, "server_log": 3}
    assert tally(outcomes_of(MYSQL)) == {"mysql.slow": 2, "server_log": 3, "administration": 1}
    assert tally(outcomes_of(PERCONA)) == {"mysql.slow": 2}


def test_an_entry_of_mariadb():
    [view] = [o for o in outcomes_of(MARIADB) if isinstance(o, Activity) and o.statement == "select * from v_contact"]
    assert told(view) == {
        "time_ms": 1_795_320_045_000,
        "source": "mysql.slow",
        "user": "alice.smith",
        "statement_key": f"/slow/5/{SECONDS}/{view.fingerprint}",
        "database": "crm",
        "client": "127.0.0.1",
        "session": "5",
        "verb": "SELECT",
        "statement": "select * from v_contact",
        "tables": ("crm.v_contact",),
        "columns": ("v_contact.*",),
        "columns_known": True,
        "rows": 5000,
        "rows_quality": "exact",
        "bytes": 206_871,
        "duration_ms": 0.718,
        "part": "slow",
    }


def test_mysql_with_log_slow_extra():
    first, second = [o for o in outcomes_of(MYSQL) if isinstance(o, Activity)]
    assert (first.time_ms, first.database, first.tables) == (1_795_320_045_474, "crm", ("crm.customers",))
    assert (first.columns, first.rows, first.bytes) == (("customers.email", "customers.phone"), 5_000, 206_871)
    assert (second.time_ms, second.error, second.rows) == (1_795_320_046_890, "1146", 0)


def test_percona_and_whose_privileges_were_borrowed():
    first, second = outcomes_of(PERCONA)
    assert (first.user, first.session, first.rows, first.duration_ms) == ("alice.smith", "42", 4, 7_725.616)
    assert (second.rows, second.rows_quality, second.bytes) == (5, RowsQuality.AFFECTED, None)


@pytest.mark.parametrize(
    ("sql", "counts", "expected"),
    [
        ("select email from customers", {"sent": 5000, "size": 143_973}, (5000, "exact")),
        ("select email from customers where id = 0", {"size": 66}, (0, "exact")),
        ("update customers set phone = 'x'", {"affected": 8}, (8, "affected")),
        ("update customers set phone = phone", {}, (0, "affected")),
        ("insert into leak select * from customers", {"affected": 7}, (7, "affected")),
        ("insert into leak select * from customers returning email", {"sent": 7, "size": 252}, (7, "exact")),
        ("create table leak as select * from customers", {"affected": 5000}, (5000, "affected")),
        (
            "select email from customers into outfile '/tmp/x'",
            {"sent": 5000, "affected": 5000, "size": 13},
            (5000, "exact"),
        ),
        ("select email from customers into outfile '/tmp/x'", {}, (None, "unbounded")),
        ("handler customers read first limit 50", {"size": 5936}, (None, "unbounded")),
        ("handler customers open", {"size": 11}, (0, "exact")),
        ("load data infile '/tmp/x' into table leak", {"affected": 5000}, (5000, "affected")),
        # EXECUTE is logged with the text it ran, and no bytes.
        ("select email from customers where id<=10", {"sent": 10}, (10, "exact")),
        # The counts that the server gets wrong.
        ("analyze select * from customers", {"sent": 5001, "size": 501}, (None, "unknown")),
        ("select id, f_mail(id) from orders", {"sent": 2**50 - 1, "size": 1600}, (None, "unknown")),
        ("select id, f_mail(id) from orders limit 3", {"sent": 7, "size": 202}, (7, "estimate")),
        ("select id, f_mail(id) from orders", {"sent": 2**64 - 1, "size": 0}, (None, "unknown")),
        ("call p_cursor()", {"size": 11}, (None, "unknown")),
        ("do (select email from customers limit 1)", {"size": 11}, (None, "unknown")),
    ],
)
def test_what_a_count_is_worth(sql, counts, expected):
    assert rows(sql, **counts) == expected


def test_an_old_log_does_not_count_what_was_written():
    text = entry("update customers set phone = 'x'").replace("# Rows_affected: 0  Bytes_sent: 0\n", "")
    found = decode_one(text)
    assert (found.rows, found.rows_quality) == (None, RowsQuality.UNKNOWN)


def test_handler_names_its_table():
    assert decode_one(entry("handler customers read first")).tables == ("crm.customers",)
    assert decode_one(entry("handler `hr`.`people` read next", schema="")).tables == ("hr.people",)


@pytest.mark.parametrize("seconds", [1, 0, 2_147_483_647])
def test_a_client_cannot_make_its_own_statement_unreadable(seconds):
    found = decode_one(entry("select email from customers", sent=1, seconds=seconds))
    assert (found.time_ms, found.rows) == (1_795_400_000_000, 1)


def test_a_time_with_a_zone_goes_before_what_a_client_can_set():
    text = "# Time: 2026-11-22T05:00:47.5+01:00\n" + entry("select 1", seconds=SECONDS - 86_400)
    assert decode_one(text).time_ms == SECONDS * 1_000 + 2_500
    # MariaDB's time is local and has no zone.
    assert decode_one("# Time: 261122  5:00:47\n" + entry("select 1")).time_ms == SECONDS * 1_000


def test_what_stands_in_the_statement_is_not_read_as_its_head():
    found = decode_one(
        entry("select email from customers -- \n# Rows_sent: 0\n# Thread_id: 9\nSET timestamp=7", sent=300, size=9_000)
    )
    assert (found.rows, found.session, found.time_ms) == (300, "5", SECONDS * 1_000)
    explained = entry("select 1", sent=3, size=90, more="# explain: 1  SIMPLE  Rows_sent: 0  Thread_id: 8\n")
    assert decode_one(explained).rows == 3


def test_a_name_is_not_read_as_a_count():
    found = decode_one(
        entry("select email from customers", sent=300, size=9_000, user="Rows_sent: 0[Thread_id: 9] @ h []")
    )
    assert (found.rows, found.session, found.user) == (300, "5", "Thread_id: 9")


def test_a_warning_of_percona_is_no_failure():
    more = "# Last_errno: 1292  Killed: 0\n"
    assert decode_one(entry("select email from customers", sent=3, size=90, more=more)).error is None
    assert decode_one(entry("select email from nowhere", more=more.replace("1292", "1146"))).error == "1146"
    assert decode_one(entry("select 1", sent=3, size=90, more="# Errno: 1317 Killed: 1317\n")).error == "1317"


def test_an_administrator_command_is_ignored_and_a_statement_that_begins_like_one_is_not():
    assert decode_one(entry("# administrator command: Quit")).reason == "administration"
    hidden = decode_one(entry("# administrator command: Quit\nselect email from customers", sent=5, size=100))
    assert (hidden.columns, hidden.rows) == (("customers.email",), 5)


def test_several_entries_in_one_message():
    text = "\n".join(
        [
            "# Time: 261122  4:00:45",
            entry("select 1"),
            entry("select\n\n2"),
            "# Time: 261122  4:00:46",
            entry("select 3"),
        ]
    )
    assert [o.statement for o in decode(text)] == ["select ?"] * 3


def test_a_password_in_clear_does_not_leave():
    found = decode_one(entry("create user bob@localhost identified by 'hunter2'"))
    assert found.verb == "CREATE"
    assert "hunter2" not in repr(told(found))


def test_threads_of_the_server_itself_are_nobody():
    found = decode_one(entry("insert into t values (1)", user="[] @  []"))
    assert isinstance(found, Ignored)
    assert found.reason == "no_user"


@pytest.mark.parametrize("lines", [1, 2, 4, 5])
def test_an_entry_without_its_statement_is_rejected(lines):
    found = decode_one("\n".join(entry("select 1").split("\n")[:lines]))
    assert isinstance(found, Rejected)
    assert found.reason == "malformed_audit"


def test_an_entry_without_its_user_is_rejected():
    text = "# Time: 261122  4:00:45\n" + entry("select 1").partition("\n")[2]
    assert decode_one(text).reason == "missing_user"


@given(st.integers(0, 2**70), st.integers(0, 2**70), st.integers(0, 2**40))
@example(0, 2**53 + 1, 0)
def test_no_count_hides_a_statement(sent, affected, size):
    found = decode_one(entry("select email, f_mail(id) from customers", sent=sent, affected=affected, size=size))
    assert isinstance(found, Activity)
    assert found.rows is None or found.rows <= 2**53


def test_it_joins_the_line_of_its_statement_and_no_other():
    host = {"host": {"name": "db1"}}
    audit = "20261122 04:00:45,db1,ann,localhost,5,{},{}"
    records = [
        {"message": audit.format(17, "READ,crm,customers,"), **host},
        {"message": audit.format(17, "QUERY,crm,'select email from customers',0"), **host},
        {"message": entry("select email from customers", sent=5000, size=143_973), **host},
        {"message": audit.format(18, "QUERY,crm,'select email from customers',0"), **host},
        {"message": entry("select email from customers", sent=7, size=300), **host},
        {"message": entry("select phone from customers", sent=3, size=90), **host},
    ]
    found = merged([o for offset, record in enumerate(records) for o in decode(record, offset=offset)])
    assert [(a.rows, a.records, a.statement_key) for a in found][:2] == [(5000, 3, "db1/5/17"), (7, 2, "db1/5/18")]
    assert (found[2].rows, found[2].records, found[2].user) == (3, 1, "ann")


@pytest.mark.parametrize("entry_first", [False, True])
@pytest.mark.parametrize("seconds", [1, 2**40])
def test_a_client_that_moves_the_clock_parts_no_records(seconds, entry_first):
    """Records may be shipped minutes later: Kafka's time, which stands in for an untrue one, is no time that passed."""
    host = {"host": {"name": "db1"}}
    line = "20261122 04:00:45,db1,ann,localhost,5,17,QUERY,crm,'select email from customers',0"
    records = [
        {"message": line, **host},
        {"message": entry("select email from customers", sent=3, size=90, seconds=seconds), **host},
    ]
    if entry_first:
        records.reverse()
    late_ms = 1_000 * SECONDS + 600_000
    [found] = merged([o for at, record in enumerate(records) for o in decode(record, offset=at, produced_ms=late_ms)])
    assert (found.rows, found.records, found.time_ms) == (3, 2, 1_000 * SECONDS)
    assert not found.time_borrowed
