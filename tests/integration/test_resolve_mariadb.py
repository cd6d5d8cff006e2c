"""Incidents resolved on a real MariaDB, by server_audit (no rows) and by the slow log (rows): who left, or who may have."""

from __future__ import annotations

import io
import re
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

import pytest
from pymysql.cursors import SSCursor
from resolving import COUNTRIES, catalogue, exposures_of, resolve

from streamguard.resolve.plan import Outcome
from streamguard.sources import split_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers.mariadb import MariaDBServer

    from streamguard.activity import Exposure

pytestmark = [pytest.mark.mariadb, pytest.mark.timeout(300)]

USER = "resolve.ann"
CATALOGUE = catalogue()
EXACT, BOUNDED = Outcome.EXACT, Outcome.BOUNDED
SETUP = f"""
    create table invoices (id int primary key, customer_id bigint, name varchar(200), amount int);
    insert into invoices select id, 1 + id * 8 % 5000, name, 9 from customers where id <= 600;
    create view v_contact as select id, email from customers;
    create table was_in as select id, country from customers;
    update customers set country = elt(1 + id % 12, '{"', '".join(COUNTRIES)}');
"""
TEARDOWN = f"""
    update customers c join was_in w on w.id = c.id set c.country = w.country;
    drop table was_in, invoices; drop view v_contact; drop user `{USER}`@`%`
"""


class Case(NamedTuple):
    name: str
    sql: str
    truth: str
    audit: Outcome
    """By server_audit."""
    slow: Outcome | None = None
    """By the slow log; None: the same."""
    sealed: Outcome = EXACT


CASES = [
    Case("everybody", "select * from customers", "select id from customers", EXACT),
    Case("dump", "select /*!40001 SQL_NO_CACHE */ `id`, `email` from `customers`", "select id from customers", EXACT),
    Case("country", "select email from crm.customers where country in ('DE', 'FR')",
         "select id from customers where country in ('DE', 'FR')", EXACT),
    Case("page", "select email from customers order by id limit 200, 100", "select id from customers where id between 201 and 300", EXACT),
    Case("no order", "select email from customers limit 100", "select id from customers where id <= 100", BOUNDED, sealed=BOUNDED),
    Case("ids", "select email from customers where id in (5, '6', 7)", "values (5), (6), (7)", EXACT),
    Case("mail", "select name from customers where email = 'Customer77@EXAMPLE.com'", "values (77)", EXACT),
    Case("range", "select email from customers where id between 100 and 250", "select id from customers where id between 100 and 250", EXACT),
    Case("join", "select c.email from customers c join orders o on o.customer_id = c.id where o.status = 'open'",
         "select c.id from customers c join orders o on o.customer_id = c.id where o.status = 'open'", BOUNDED),
    Case("outer join", "select i.name, c.phone from invoices i left join customers c on c.id = i.customer_id",
         "select customer_id from invoices", EXACT),
    Case("gathered", "select group_concat(email) from customers where country = 'PT'",
         "select id from customers where country = 'PT'", EXACT),
    Case("outfile", "select email from customers where country = 'AT' into outfile '{exports}/resolve.txt'",
         "select id from customers where country = 'AT'", EXACT),
    Case("create table as", "create temporary table leak as select email from customers where id in (8, 9)", "values (8), (9)", EXACT),
    Case("quoted", "select email from customers where name = 'O\\'Neill' or country = 'SE'",
         "select id from customers where country = 'SE'", BOUNDED),
    Case("waits", "select email from customers where country = 'NL' and sleep(0) = 0", "select id from customers where country = 'NL'", BOUNDED,
         EXACT, BOUNDED),
    Case("view", "select * from v_contact", "select id from customers", EXACT),
]  # fmt: skip


@pytest.fixture(scope="module")
def told(mariadb: MariaDBServer) -> Iterator[dict[tuple[str, bool], dict[str, list[Exposure]]]]:
    """Run everything once; give the exposures of each case, by log and whether statements are sealed."""
    mariadb.create_users([USER])
    mariadb.execute(SETUP)
    try:
        mariadb.settle()
        audit_start, slow_start = (log.stat().st_size for log in (mariadb.audit_log, mariadb.slow_log))
        sessions = {run(mariadb, case): case.name for case in CASES}
        mariadb.settle()
        audit = mariadb.audit_log.read_bytes()[audit_start:].splitlines()
        slow = list(split_records(io.BufferedReader(io.BytesIO(mariadb.slow_log.read_bytes()[slow_start:]))))
        ids = re.compile(rb"^# Thread_id: (\d+)", re.MULTILINE)
        logs = {
            "audit": {
                name: [line for line in audit if line.split(b",")[4] == thread] for thread, name in sessions.items()
            },
            "slow": {name: [one for one in slow if ids.search(one)[1] == thread] for thread, name in sessions.items()},
        }
        yield {
            (log, seal): {name: exposures_of(lines, CATALOGUE, seal=seal) for name, lines in cases.items()}
            for log, cases in logs.items()
            for seal in (False, True)
        }
    finally:
        mariadb.execute(TEARDOWN)


def run(server: MariaDBServer, case: Case) -> bytes:
    with closing(server.connect(USER)) as connection, connection.cursor(SSCursor) as cursor:
        cursor.execute(case.sql.format(exports=server.exports))
        while cursor.description is not None and cursor.fetchone():
            pass
        return str(connection.thread_id()).encode()


@pytest.mark.parametrize("seal", [False, True], ids=["by the log", "sealed"])
@pytest.mark.parametrize("log", ["audit", "slow"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_one_statement(
    mariadb: MariaDBServer,
    told: dict[tuple[str, bool], dict[str, list[Exposure]]],
    case: Case,
    log: str,
    seal: bool,
) -> None:
    exposures = told[log, seal][case.name]
    assert exposures
    found = resolve(exposures, CATALOGUE, mariadb.dsn, "mysql", ("crm",), seal)
    everybody = {
        str(key): region
        for key, region in mariadb.sql("root", f"select id, country from customers where id in ({case.truth})")
    }
    expected = case.audit if log == "audit" or case.slow is None else case.slow
    expected = case.sealed if seal and expected is BOUNDED else expected
    assert {one.outcome for one in found.resolved.settled} == {expected}, [one.why for one in found.resolved.settled]
    people = found.resolution.people
    assert people.holds(len(everybody))
    if expected is EXACT:
        keys = {key: region for _, key, region, _ in found.resolved.people.keys(found.resolved.tally.certain())}
        assert keys == everybody
        assert people.is_exact
