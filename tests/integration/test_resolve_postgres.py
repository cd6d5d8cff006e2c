"""Incidents resolved on a real PostgreSQL: whatever the kind of statement, the people who left, to the last one.

Every statement runs in a session of its own, whose application name says which it is. The truth is asked of the same
tables by the test's own SQL. What a log without sealed statements cannot tell has to be bounded, and hold the truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import psycopg
import pytest
from resolving import COUNTRIES, catalogue, exposures_of, resolve
from servers.postgres import PostgresServer, missing
from servers.required import unavailable

from streamguard.resolve.plan import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resolving import Run

    from streamguard.activity import Exposure

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]

USER = "ann"
CATALOGUE = catalogue("public.")
SETUP = f"""
    update customers set country = (array['{"','".join(COUNTRIES)}'])[1 + id % 12],
        phone = case when id % 10 = 0 then null else phone end;
    insert into invoices (id, customer_id, name, amount, due_at)
        select n, 1 + n * 8 % 5000, 'Customer ' || n, 9, now() from generate_series(1, 600) n;
    create view v_contact as select id, email from customers;
    create function slow(n bigint) returns boolean language sql as 'select true';
    grant select on v_contact to ann;
"""
IDS = ", ".join(str(n) for n in range(7, 4_000, 9))


class Case(NamedTuple):
    """A statement, and the query for the customers who left by it."""

    name: str
    sql: str
    truth: str
    outcome: Outcome
    """By the log alone."""
    sealed: Outcome = Outcome.EXACT
    """With the sealed statement."""


EXACT, BOUNDED, UNTOLD = Outcome.EXACT, Outcome.BOUNDED, Outcome.NOT_RESOLVABLE
CASES = [
    Case("copy table", "copy customers to stdout", "select id from customers", EXACT),
    Case("copy columns", "copy customers (id, email) to stdout", "select id from customers", EXACT),
    Case("copy query", "copy (select email from customers where country in ('DE', 'FR')) to stdout",
         "select id from customers where country in ('DE', 'FR')", EXACT),
    Case("page", "select email from customers order by id limit 100 offset 200",
         "select id from customers order by id limit 100 offset 200", EXACT),
    Case("page of a country", "select email, id from customers where country = 'IT' order by 2 limit 50",
         "select id from customers where country = 'IT' order by id limit 50", BOUNDED),
    Case("no order", "select email from customers limit 100", "select id from customers limit 100", BOUNDED, BOUNDED),
    Case("more than there are", "select name from customers where country = 'SE' limit 100000",
         "select id from customers where country = 'SE'", EXACT),
    Case("ids", f"select email, phone from customers where id in ({IDS})",
         f"select id from customers where id in ({IDS})", EXACT),
    Case("array of ids", "select email from customers where id = any('{5,6,7}')",
         "select id from customers where id in (5, 6, 7)", EXACT),
    Case("one or the other", "select email from customers where id = 5 or id = 12", "values (5), (12)", EXACT),
    Case("mail", "select name from customers where lower(email) = 'customer77@example.com'", "values (77)", EXACT),
    Case("range", "select email from customers where id between 100 and 250", "select generate_series(100, 250)", EXACT),
    Case("open range", "select email from customers where id >= 4900 and id < 9999",
         "select generate_series(4900, 5000)", EXACT),
    Case("next page", "select email from customers where id > 300 order by id limit 25",
         "select generate_series(301, 325)", EXACT),
    Case("join", "select c.email, o.total from customers c join orders o on o.customer_id = c.id where c.country = 'PL'",
         "select c.id from customers c join orders o on o.customer_id = c.id where c.country = 'PL'", EXACT),
    Case("join by a date", "select c.email from customers c join orders o on o.customer_id = c.id "
         "where o.created_at < '2025-01-02' and o.status = 'open'",
         "select c.id from customers c join orders o on o.customer_id = c.id "
         "where o.created_at < '2025-01-02' and o.status = 'open'", BOUNDED),
    Case("pattern", "select name from customers where email like 'customer12%'",
         "select id from customers where email like 'customer12%'", BOUNDED),
    Case("outer join", "select i.name, c.phone from invoices i left join customers c on c.id = i.customer_id",
         "select customer_id from invoices", EXACT),
    Case("other table", "select name from invoices order by customer_id limit 30",
         "select customer_id from invoices order by customer_id limit 30", EXACT),
    Case("derived table", "select email from (select * from customers where country = 'AT' order by id limit 40) x",
         "select id from customers where country = 'AT' order by id limit 40", BOUNDED),
    Case("common table", "with x as (select id, email from customers) select email from x where id in (3, 4)",
         "values (3), (4)", BOUNDED),
    Case("union", "select email from customers where country = 'DK' union all select name from invoices",
         "select id from customers where country = 'DK' union select customer_id from invoices", EXACT),
    Case("distinct", "select distinct name from customers where country = 'BE'",
         "select id from customers where country = 'BE'", EXACT),
    Case("group", "select email, count(*) from customers where country = 'NL' group by email",
         "select id from customers where country = 'NL'", EXACT),
    Case("in one row", "select string_agg(email, ',') from customers where country = 'PT'",
         "select id from customers where country = 'PT'", EXACT),
    Case("subquery", "select email from customers where id in (select customer_id from orders where id < 50)",
         "select customer_id from orders where id < 50", BOUNDED),
    Case("update", "update customers set city = 'x' where id in (8, 9) returning email", "values (8), (9)", EXACT),
    Case("create table as", "create temp table leak as select * from customers where country = 'GB'",
         "select id from customers where country = 'GB'", EXACT),
    Case("for update", "select email from customers where id = 77 for update", "values (77)", EXACT),
    Case("cursor", "begin; declare c cursor for select email from customers where country = 'ES'; fetch 10 from c; "
         "close c; commit", "select id from customers where country = 'ES' limit 10", BOUNDED, BOUNDED),
    Case("own function", "select email from customers where slow(id) and country = 'ES'",
         "select id from customers where country = 'ES'", EXACT),
    Case("value from a subquery", "select (select email from customers c where c.id = o.customer_id) from orders o where o.id < 9",
         "select customer_id from orders where id < 9", BOUNDED, BOUNDED),
    Case("now", "select email from customers where created_at < now() - interval '1 second' and country = 'ES'",
         "select id from customers where country = 'ES'", EXACT),
    Case("view", "select * from v_contact", "select id from customers", EXACT),
    Case("fails", "select email, 1 / (id - 4999) from customers", "select id from customers where id < 4999", BOUNDED, BOUNDED),
]  # fmt: skip


class Prepared(NamedTuple):
    """A server after everything ran."""

    server: PostgresServer
    lines: list[bytes]


@pytest.fixture(scope="module")
def prepared() -> Iterator[Prepared]:
    if (lacking := missing()) is not None:
        unavailable(lacking)
    server = PostgresServer(5_000)
    try:
        server.start((USER,))
        server.owner(SETUP)
        server.owner("grant create on schema public to ann")
        for case in CASES:
            run(server, case)
        yield Prepared(server, server.log_lines())
    finally:
        server.stop()


def run(server: PostgresServer, case: Case) -> None:
    with psycopg.connect(
        host="127.0.0.1", port=server.port, user=USER, dbname="crm", autocommit=True, application_name=case.name
    ) as connection:
        if case.sql.startswith("copy"):
            with connection.cursor().copy(case.sql.encode()) as copy:
                assert sum(1 for _ in copy.rows())
            return
        try:
            for statement in case.sql.split("; "):
                connection.execute(statement.encode())
        except psycopg.errors.DivisionByZero:
            assert case.name == "fails"


def dsn(server: PostgresServer) -> str:
    return f"postgresql://postgres@127.0.0.1:{server.port}/crm"


@pytest.fixture(scope="module")
def told(prepared: Prepared) -> dict[bool, list[Exposure]]:
    return {seal: exposures_of(prepared.lines, CATALOGUE, seal=seal) for seal in (False, True)}


def asked(prepared: Prepared, exposures: list[Exposure], *, seal: bool) -> Run:
    return resolve(exposures, CATALOGUE, dsn(prepared.server), "postgres", ("public",), seal)


def truth(prepared: Prepared, query: str) -> dict[str, str]:
    found = prepared.server.sql("postgres", f"select id, country from customers where id in ({query})")
    return dict(line.split("|") for line in found.splitlines())


@pytest.mark.parametrize("seal", [False, True], ids=["by the log", "sealed"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_one_statement(prepared: Prepared, told: dict[bool, list[Exposure]], case: Case, seal: bool) -> None:
    exposures = [exposure for exposure in told[seal] if exposure.activity.application == case.name]
    run = asked(prepared, exposures, seal=seal)
    everybody = truth(prepared, case.truth)
    outcomes = {one.outcome for one in run.resolved.settled}
    assert outcomes == {case.sealed if seal else case.outcome}, [one.why for one in run.resolved.settled]
    people = run.resolution.people
    assert people.lower <= len(everybody)
    assert people.upper is None or len(everybody) <= people.upper
    if outcomes == {EXACT}:
        assert people.is_exact
        keys = {key: region for _, key, region, _ in run.resolved.people.keys(run.resolved.tally.certain())}
        assert keys == everybody
