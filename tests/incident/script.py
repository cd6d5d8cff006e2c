"""What everybody did in the week of the incident, and whose data that exposed: the truth, in SQL.

Mara exports: everybody of a country by COPY, pages, lists of ids, a join that repeats customers, and once a cursor. Jon
helps on one day. The others look up a customer now and then, and a backup reads everything every night.
"""

from __future__ import annotations

from typing import NamedTuple

MARA, JON, BACKUP = "mara.lind", "jon.berg", "backup_svc"
BYSTANDERS = ("ines.roth", "olaf.kern", "tess.wolf")
EVERYBODY = (MARA, JON, *BYSTANDERS, BACKUP)
CUSTOMERS = 200_000
COUNTRIES = ("DE", "FR", "GB", "IT", "ES", "PL", "NL", "BE", "AT", "SE", "DK", "PT")
DAYS = 6
CURSOR_DAY = 4
PAGE_ROWS = 4_000
FETCHED_ROWS = 500


class Step(NamedTuple):
    """Statements of one person in one session."""

    day: int
    minute: int
    who: str
    sql: str
    exposes: tuple[tuple[str, str], ...] = ()
    """(category, query whose first column is the ids of the customers whose data of it left)."""
    application: str = "psql"


def _spread(first: int, count: int, stride: int) -> tuple[int, ...]:
    """Return customers all over the table; different lists with the same stride share nobody unless they overlap."""
    return tuple(1 + (first + n) * stride % CUSTOMERS for n in range(count))


# 7,919 shares no factor with 200,000, so all of them are different. The fourth list repeats half of the third.
MARAS_LISTS = tuple(_spread(first, 400, 7_919) for first in (0, 400, 800, 1_000, 1_400))
JONS_LISTS = tuple(_spread(first, 300, 7_919) for first in (20_000, 20_300))


def _ids(ids: tuple[int, ...]) -> str:
    return ", ".join(map(str, ids))


def _listed(day: int, minute: int, who: str, ids: tuple[int, ...], columns: str, *categories: str) -> Step:
    sql = f"select {columns} from customers where id in ({_ids(ids)});"
    whose = f"select id from customers where id in ({_ids(ids)})"
    return Step(day, minute, who, sql, tuple((category, whose) for category in categories))


def _contact(whose: str) -> tuple[tuple[str, str], ...]:
    return tuple((category, whose) for category in ("customer_number", "email_address", "name"))


def _export() -> list[Step]:
    german = "select id from customers where country = 'DE'"
    french = f"select id from customers where country = 'FR' order by id limit {4 * PAGE_ROWS}"
    pages = [
        f"select id, email, name from customers where country = 'FR' order by id limit {PAGE_ROWS} offset {offset};"
        # The second page is loaded again, after a cut in the line.
        for offset in (0, PAGE_ROWS, PAGE_ROWS, 2 * PAGE_ROWS, 3 * PAGE_ROWS)
    ]
    joined = "from customers c join orders o on o.customer_id = c.id where c.country = 'IT' and o.total > 200"
    cursor = (
        "begin; declare leaving no scroll cursor for select customer_id, street, city from addresses order by customer_id;"
        f" fetch {FETCHED_ROWS // 2} from leaving; fetch {FETCHED_ROWS // 2} from leaving; close leaving; commit;"
    )
    fetched = f"select customer_id from addresses order by customer_id limit {FETCHED_ROWS}"
    contact = ("customer_number", "email_address", "name")
    lists = [_listed(2, 5 * n, MARA, ids, "id, name, email", *contact) for n, ids in enumerate(MARAS_LISTS[:-1])]
    return [
        Step(
            0, 0, MARA, "copy (select id, email, name from customers where country = 'DE') to stdout;", _contact(german)
        ),
        Step(1, 0, MARA, "\n".join(pages), _contact(french)),
        *lists,
        _listed(2, 40, MARA, MARAS_LISTS[-1], "id, name, birth_date", "customer_number", "name", "date_of_birth"),
        Step(3, 0, MARA, f"select c.id, c.email, c.name, o.total {joined};", _contact(f"select c.id {joined}")),
        Step(3, 20, MARA, "select id, email from customers where country = 'ZZ';"),
        *(_listed(3, 30 + n, JON, ids, "id, name, email", *contact) for n, ids in enumerate(JONS_LISTS)),
        Step(CURSOR_DAY, 0, MARA, cursor, (("customer_number", fetched), ("postal_address", fetched))),
    ]


def _work() -> list[Step]:
    steps: list[Step] = []
    for day in range(DAYS):
        steps.append(Step(day, -400, BACKUP, "copy (select * from customers) to stdout;", application="pg_dump"))
        for number, who in enumerate(BYSTANDERS):
            ids = _spread(50_000 + 1_000 * number + 40 * day, 40, 7_919)
            asked = "\n".join(f"select name, email, phone from customers where id = {n};" for n in ids)
            steps.append(Step(day, 60 + number, who, asked, application="crm-ui"))
    return steps


STEPS: tuple[Step, ...] = tuple(sorted((*_export(), *_work()), key=lambda step: (step.day, step.minute)))
"""In the order of time."""

INCIDENT = (MARA, JON)
"""Whose statements are the incident."""

LEAKED: tuple[int, ...] = (*MARAS_LISTS[0][:300], *MARAS_LISTS[2][:200], *MARAS_LISTS[3][250:350], *JONS_LISTS[0][:150])
"""Customers whose data turned up: most of them Mara's, some of them Jon's."""

ANYBODY: tuple[int, ...] = tuple(1 + (n * 65_537 + 12_345) % CUSTOMERS for n in range(len(LEAKED)))
"""As many customers as leaked, picked at random."""
