"""What a real PostgreSQL's log says of each statement, against what really left: a blind spot is never a 0.

Every statement runs in a session of its own whose application name says which one it is, and the client counts the
rows that come out. The same statements run on three servers: with pgaudit, auto_explain and durations at once, with
pgaudit alone, and without pgaudit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import psycopg
import pytest
from servers.postgres import PostgresServer, missing
from servers.required import unavailable

from streamguard.activity import Activity, Exposure, RawRecord, Rejected, Verdict
from streamguard.exposure import Catalogue, Column, Directory, Exposer, Table
from streamguard.sources import Decoder
from streamguard.sources.assemble import Assembler

if TYPE_CHECKING:
    from psycopg import Connection

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]

USER = "ann"
CUSTOMERS = 5_000
SETUP = """
    grant create on schema public to ann;
    create table secret (email text);
    create view v_contact as select id, email, phone from customers;
    create function f() returns setof text language sql as 'select email from customers';
    create function g() returns setof text language plpgsql as
        $$ begin return query select email from customers; end $$;
    create function one(n bigint) returns text language plpgsql as
        $$ begin return (select email from customers where id = n); end $$;
    revoke pg_read_all_data from ann;
    grant select, update on customers, orders, v_contact to ann;
"""

_PLANS = {
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    # Without pgaudit nothing else tells what a function reads.
    "auto_explain.log_nested_statements": "on",
}
SERVERS = {
    # pgaudit with rows, auto_explain in JSON, every duration
    "all": _PLANS | {"shared_preload_libraries": "pgaudit,auto_explain", "auto_explain.log_format": "json"},
    # pgaudit with rows, nothing else
    "pgaudit": {"log_min_duration_statement": "-1"},
    # auto_explain in text, every duration
    "plans": _PLANS | {"shared_preload_libraries": "pgaudit,auto_explain", "pgaudit.log": "none"},
}

_PERSONAL = {"email": Column("email_address", 2), "phone": Column("phone_number", 2), "name": Column("person_name", 1)}
_HARMLESS = dict.fromkeys(
    ("id", "street", "city", "country", "birth_date", "created_at", "postal_code", "national_id", "segment"),
    Column(None),
)
_ORDERS = dict.fromkeys(("id", "customer_id", "status", "total", "created_at"), Column(None))
CATALOGUE = Catalogue(
    [
        ("crm", Table("public.customers", _PERSONAL | _HARMLESS, subjects=CUSTOMERS)),
        ("crm", Table("public.orders", _ORDERS, harmless=True)),
        ("crm", Table("public.secret", {"email": Column("email_address", 2)}, subjects=10)),
        ("crm", Table("public.v_contact", {k: (_PERSONAL | _HARMLESS)[k] for k in ("id", "email", "phone")})),
    ]
)

SHORT = {"email_address": "email", "phone_number": "phone", "person_name": "name"}

Run: TypeAlias = Callable[["Connection[tuple[object, ...]]"], int]
"""Runs on a connection and returns how many rows of personal data came out."""


class Case(NamedTuple):
    """One line of the table: what runs, how much left, and what the three servers' logs make of it."""

    name: str
    run: Run | str
    left: int
    """Rows that reached the client, or another table."""
    all: str
    """Activities with personal data in reach, in order: ``rows quality [export]``; ``?`` is no count."""
    pgaudit: str | None = None
    """None: as ``all``."""
    plans: str | None = None
    seen: str = "email"
    """Categories that are seen; with ``?`` those that cannot be told; all others are not seen."""
    plans_seen: str | None = None
    """None: as ``seen``. Lines of pgaudit tell of a call too, whose columns nobody knows."""


def rows_of(statement: str) -> Run:
    def run(connection: Connection[tuple[object, ...]]) -> int:
        results = connection.execute(statement.encode())
        count = len(results.fetchall())
        while results.nextset():
            count += len(results.fetchall())
        return count

    return run


def parameters(connection: Connection[tuple[object, ...]]) -> int:
    """Run in the extended protocol: parse, bind, execute."""
    return len(connection.execute("select email from customers where id < %s", (42,)).fetchall())


def often(connection: Connection[tuple[object, ...]]) -> int:
    """Run the same statement three times, as a prepared statement of the protocol."""
    return sum(
        len(connection.execute("select email from customers where id < %s", (n,), prepare=True).fetchall())
        for n in (2, 3, 4)
    )


def copied(statement: str) -> Run:
    def run(connection: Connection[tuple[object, ...]]) -> int:
        with connection.cursor().copy(statement.encode()) as copy:
            return sum(1 for _ in copy.rows())

    return run


def cursor(connection: Connection[tuple[object, ...]]) -> int:
    with connection.transaction():
        connection.execute("declare cur cursor for select * from customers")
        return sum(len(connection.execute(f"fetch {n} from cur".encode()).fetchall()) for n in (50, 4_000))


def named_cursor(connection: Connection[tuple[object, ...]]) -> int:
    with connection.transaction(), connection.cursor(name="srv") as reading:
        reading.itersize = 500
        return sum(1 for _ in reading.execute("select email from customers"))


def prepared(connection: Connection[tuple[object, ...]]) -> int:
    connection.execute("prepare p(int) as select email from customers where id < $1")
    return len(connection.execute("execute p(11)").fetchall())


def silent(statement: str, left: int) -> Run:
    """Run what returns nothing; what it moves inside the server is known."""

    def run(connection: Connection[tuple[object, ...]]) -> int:
        connection.execute(statement.encode())
        return left

    return run


def in_one_row(statement: str) -> Run:
    def run(connection: Connection[tuple[object, ...]]) -> int:
        return str(connection.execute(statement.encode()).fetchall()).count("@example.com")

    return run


def fails(statement: str) -> Run:
    def run(connection: Connection[tuple[object, ...]]) -> int:
        rows: list[object] = []
        with pytest.raises(psycopg.Error):
            rows.extend(connection.cursor().stream(statement.encode()))
        return len(rows)

    return run


def dropped(connection: Connection[tuple[object, ...]]) -> int:
    """Read 500 wide rows and cut the line while the server still sends."""
    reading = connection.cursor().stream("select email, repeat('x', 100000) from customers")
    for _ in range(500):
        next(reading)
    connection.pgconn.finish()
    return 500


def dump(server: PostgresServer) -> int:
    return server.dump(USER, "customers", "pg_dump").count("@example.com")


# What the client reads as one statement of text is run by `rows_of`.
CASES = [
    # Case(name, run, rows that left, all, pgaudit alone, plans and durations alone, categories seen)
    Case("limit", "select email from customers limit 100", 100, "100 exact"),
    Case("all", "select * from customers", 5000, "5000 exact", seen="email name phone"),
    Case("nothing", "select email from customers where id < 0", 0, "0 exact"),
    Case("parameters", parameters, 41, "41 exact"),
    Case("the same again", often, 6, "1 exact, 2 exact, 3 exact"),
    Case("two in one", "select email from customers where id < 3; select phone from customers where id < 5",
         6, "2 exact, 4 exact", seen="email phone"),
    Case("join", "select c.email, o.total from customers c join orders o on o.customer_id = c.id where o.id <= 667",
         667, "667 exact"),
    Case("view", "select * from v_contact", 5000, "5000 exact", seen="email phone"),
    Case("common table", "with x as (select id, email from customers) select email from x limit 6", 6, "6 exact"),
    Case("copy of a query", copied("copy (select email, phone from customers) to stdout"), 5000, "5000 exact copy_to", seen="email phone"),
    Case("copy of a table", copied("copy customers to stdout"), 5000, "? unbounded copy_to", seen="email name phone"),
    Case("cursor", cursor, 4050, "? unbounded cursor, 4050 exact cursor", "? unbounded cursor", seen="email name phone"),
    Case("named cursor", named_cursor, 5000, "? unbounded cursor, 5000 exact cursor", "? unbounded cursor"),
    Case("prepared", prepared, 10, "? unknown, 10 exact"),
    Case("create table as", silent("create table leak as select * from customers", 5000),
         5000, "5000 produced create_table_as", seen="email name phone"),
    Case("temporary table", silent("create temp table t as select email from customers", 5000),
         5000, "5000 produced create_table_as"),
    Case("insert from select", silent("insert into leak select * from customers limit 7", 7), 7, "7 exact",
         plans="? unknown", seen="email name phone"),
    Case("function in SQL", "select * from f()", 5000, "5000 exact", seen="email, name phone?",
         plans_seen="email"),
    Case("function in PL/pgSQL", "select * from g()", 5000, "5000 exact", seen="email, name phone?",
         plans_seen="email"),
    Case("function of a key", "select one(7)", 1, "1 exact", seen="email, name phone?", plans_seen="email"),
    Case("block", silent("do $$ begin perform email from customers; perform phone from customers; end $$", 0),
         0, "5000 exact", plans="5000 exact, 5000 exact", seen="email phone"),
    Case("count", "select count(*) from customers", 1, "1 exact", seen=""),
    Case("string_agg", in_one_row("select string_agg(email, ',') from customers"),
         5000, "5000 estimate aggregate_into_one_row", "? unbounded aggregate_into_one_row"),
    Case("json_agg", in_one_row("select json_agg(c) from customers c"),
         5000, "5000 estimate aggregate_into_one_row", "? unbounded aggregate_into_one_row", seen="email name phone"),
    Case("explain", silent("explain select email from customers", 0), 0, "? unknown", seen=""),
    Case("explain analyze", silent("explain analyze select email from customers", 0), 0, "? unknown",
         seen=""),
    Case("no permission", fails("select email from secret"), 0, "? unbounded", seen=""),
    Case("no such column", fails("select nope from customers"), 0, "? unbounded", seen=""),
    Case("fails at row 4999", fails("select email, 1 / (id - 4999) from customers"), 4998, "? unbounded",
         seen="email?"),
    Case("dropped connection", dropped, 500, "? unbounded", seen="email?"),
    Case("foreign keys", silent("insert into orders select 90000 + n, n, 'open', 1, now() from generate_series(1, 99) n",
         0), 0, ""),
    Case("update returning", "update customers set phone = phone where id < 9 returning email", 8, "8 affected"),
]  # fmt: skip


def answers(server: PostgresServer) -> dict[str, int]:
    """Run every case and return what really left."""
    left = {}
    for case in CASES:
        run = rows_of(case.run) if isinstance(case.run, str) else case.run
        with psycopg.connect(
            host="127.0.0.1", port=server.port, user=USER, dbname="crm", autocommit=True, application_name=case.name
        ) as connection:
            left[case.name] = run(connection)
    left["pg_dump"] = dump(server)
    return left


class Told(NamedTuple):
    """One server's run: what left by the clients' count, and what its log says, by case."""

    left: dict[str, int]
    exposures: dict[str, list[Exposure]]
    rejected: list[Rejected]


def told_by(server: PostgresServer) -> Told:
    server.owner(SETUP)
    left = answers(server)
    decoder, assembler, exposer = Decoder(), Assembler(), Exposer(Directory.empty(), CATALOGUE)
    exposures, rejected = defaultdict(list), []
    activities: list[Activity] = []
    for offset, line in enumerate(server.log_lines()):
        for outcome in decoder.decode(RawRecord("log", 0, 0, offset, None, line)):
            if isinstance(outcome, Activity):
                assembler.feed(outcome)
            elif isinstance(outcome, Rejected):
                rejected.append(outcome)
        assembler.advance(offset)
        activities += assembler.take()
    assembler.announce_cut()
    assembler.cut()
    for activity in activities + assembler.take():
        exposure = exposer.expose(activity)
        if exposure.categories:
            exposures[activity.application or ""].append(exposure)
    return Told(left, dict(exposures), rejected)


@pytest.fixture(scope="module", params=list(SERVERS))
def run(request: pytest.FixtureRequest) -> Iterator[tuple[str, Told]]:
    lacking = missing()
    if lacking is not None:
        unavailable(lacking)
    server = PostgresServer(CUSTOMERS, SERVERS[request.param])
    try:
        yield request.param, told_by(server.start((USER,)))
    finally:
        server.stop()


def words(exposure: Exposure) -> str:
    activity = exposure.activity
    rows = "?" if activity.rows is None else str(activity.rows)
    return " ".join(word for word in (rows, activity.rows_quality.value, activity.export) if word)


def seen_in(exposures: list[Exposure]) -> str:
    verdicts: dict[str, set[Verdict]] = defaultdict(set)
    for exposure in exposures:
        for category, verdict in exposure.categories.items():
            verdicts[SHORT[category]].add(verdict)
    seen = " ".join(sorted(name for name, told in verdicts.items() if Verdict.SEEN in told))
    doubtful = " ".join(sorted(name for name, told in verdicts.items() if Verdict.CANNOT_TELL in told))
    return ", ".join(part for part in (seen, doubtful and f"{doubtful}?") if part)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_log_says_what_left(run: tuple[str, Told], case: Case) -> None:
    server, told = run
    assert told.left[case.name] == case.left
    expected = {"all": case.all, "pgaudit": case.pgaudit, "plans": case.plans}[server]
    exposures = told.exposures.get(case.name, [])
    assert ", ".join(map(words, exposures)) == (case.all if expected is None else expected)
    seen = case.plans_seen if server == "plans" and case.plans_seen is not None else case.seen
    assert seen_in(exposures) == (seen if exposures else "")


def test_a_dump_is_a_copy_of_the_table(run: tuple[str, Told]) -> None:
    _, told = run
    assert told.left["pg_dump"] == CUSTOMERS
    assert "? unbounded copy_to" in [words(exposure) for exposure in told.exposures["pg_dump"]]


def test_no_record_is_rejected_and_no_count_is_a_lie(run: tuple[str, Told]) -> None:
    _, told = run
    assert told.rejected == []
    for name, left in told.left.items():
        activities = [exposure.activity for exposure in told.exposures.get(name, [])]
        is_counted = all(activity.rows is not None for activity in activities)
        assert not is_counted or sum(activity.rows or 0 for activity in activities) >= left, name
