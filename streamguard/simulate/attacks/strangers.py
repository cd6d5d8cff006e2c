"""What is new or at a strange hour rather than large."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.simulate.attacks.exports import export
from streamguard.simulate.schema import CUSTOMERS
from streamguard.simulate.statement import select
from streamguard.simulate.tasks.task import COUNTRIES, day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from streamguard.simulate.attacks.actor import Actor
    from streamguard.simulate.workday import Session

_TOOLS: Final = ("dbeaver", "python3", "tableplus", "sqlmap", "datagrip")
"""Programs that nobody in the company uses."""
FOREIGN_COLUMNS: Final = {
    "payments": "id, iban, card_last4, amount",
    "newsletter": "email, locale",
    "identity_checks": "customer_id, document_number, birth_date",
    "login_events": "customer_id, ip_address, device_id",
    "loyalty_members": "customer_id, name, email, phone",
    "invoices": "id, name, street, city, amount",
    "fraud_cases": "customer_id, reason, score",
    "addresses": "customer_id, street, city, postal_code",
}


def off_hours(random: Random, actors: Sequence[Actor], days: Sequence[int], _strength: float | None) -> list[Session]:
    """Take five exports of an ordinary size, some ten hours away from the middle of the shift."""
    (actor,) = actors
    moment, work = actor.at(days[0], actor.habit.shift_hours + 14.0 + random.uniform(0.0, 4.0)), []
    for _ in range(5):
        rows = max(20, int(actor.usual_rows * random.uniform(0.3, 1.0)))
        work.append((moment, export(random, rows)))
        moment += random.randint(60_000, 900_000)
    return [actor.session(work)]


def new_table(random: Random, actors: Sequence[Actor], days: Sequence[int], _strength: float | None) -> list[Session]:
    """Take 300 to 5,000 rows of a table that is none of the role's."""
    (actor,) = actors
    table, rows = random.choice(actor.role.foreign_tables), random.randint(300, 5_000)
    statement = select(FOREIGN_COLUMNS[table], f"{table} limit {rows}", rows, table)
    return [actor.session([(actor.in_shift(days[0], random), statement)])]


def new_category(
    random: Random, actors: Sequence[Actor], days: Sequence[int], _strength: float | None
) -> list[Session]:
    """Take 100 to 2,000 rows with national ids and dates of birth from a table that the role works with."""
    (actor,) = actors
    rows = random.randint(100, 2_000)
    columns = random.choice(("name, national_id", "name, birth_date, national_id", "name, email, birth_date"))
    rest = f"customers where country = '{random.choice(COUNTRIES)}' limit {rows}"
    return [actor.session([(actor.in_shift(days[0], random), select(columns, rest, rows, "customers"))])]


def stolen_credential(
    random: Random, actors: Sequence[Actor], days: Sequence[int], _strength: float | None
) -> list[Session]:
    """Look around with somebody's password, from an address and with a program of the thief's."""
    (actor,) = actors
    moment, work = actor.in_shift(days[0], random), []
    low = random.randrange(CUSTOMERS // 2)
    for _ in range(random.randint(10, 30)):
        rows = random.randint(20, 500)
        rest = f"customers where id > {low} and created_at >= '{day(random)}' limit {rows}"
        work.append((moment, select("name, email, phone", rest, rows, "customers")))
        low += 3 * rows
        moment += random.randint(10_000, 300_000)
    client = f"10.{random.randint(112, 127)}.{random.randrange(256)}.{random.randint(1, 254)}"
    return [actor.session(work, program=random.choice(_TOOLS), client=client)]
