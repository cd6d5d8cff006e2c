"""Support and fraud: screens that show one customer, one ticket, one case, and lists to scroll through."""

# ruff: noqa: S608 - this SQL is written into a log and never sent to a database

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.simulate.schema import CASES, TICKETS
from streamguard.simulate.statement import Statement, heavy, select
from streamguard.simulate.tasks.task import COUNTRIES, FIRST, LAST, WORDS, customer, day, number, pages

if TYPE_CHECKING:
    from random import Random

    from streamguard.simulate.tasks.task import Menu


# --- support


def look_up(random: Random, _level: float) -> list[Statement]:
    """See one customer."""
    return [select("id, name, email, phone, street, city", f"customers where id = {customer(random)}", 1, "customers")]


def _by_email(random: Random, _level: float) -> list[Statement]:
    address = f"{random.choice(FIRST)}.{random.choice(LAST)}{number(random, 99)}@example.com"
    return [select("id, name, email", f"customers where email = '{address}'", number(random, 2) - 1, "customers")]


def _by_name(random: Random, _level: float) -> list[Statement]:
    name = f"{random.choice(FIRST)} {random.choice(LAST)}".title()
    rest = f"customers where name ilike '{name}%' limit 20"
    return [select("id, name, email, city", rest, number(random, 12), "customers")]


def open_tickets(random: Random, _level: float) -> list[Statement]:
    """Scroll through the open tickets."""
    columns = "t.id, t.subject, t.status, c.name, c.email"
    rest = "tickets t join customers c on c.id = t.customer_id where t.status = 'open' order by t.created_at"
    return list(pages(random, 3, 10, columns, rest, "tickets", "customers"))


def _ticket(random: Random, _level: float) -> list[Statement]:
    return [select("id, subject, body, status", f"tickets where id = {number(random, TICKETS)}", 1, "tickets")]


def _orders_of(random: Random, _level: float) -> list[Statement]:
    rest = f"orders where customer_id = {customer(random)} limit 20"
    return [select("id, status, total, created_at", rest, number(random, 10) - 1, "orders")]


def _close_ticket(random: Random, _level: float) -> list[Statement]:
    subject = f"{random.choice(WORDS)}, {random.choice(WORDS)}"
    sql = f"update tickets set status = 'closed', subject = '{subject}' where id = {number(random, TICKETS)}"
    return [Statement(sql, 1, ("tickets",), tag="UPDATE")]


# --- fraud


def _case(random: Random, _level: float) -> list[Statement]:
    columns = "f.id, f.score, f.reason, c.name, c.email, c.phone"
    rest = f"fraud_cases f join customers c on c.id = f.customer_id where f.id = {number(random, CASES)}"
    return [select(columns, rest, 1, "fraud_cases", "customers")]


def _logins(random: Random, level: float) -> list[Statement]:
    rest = f"login_events where customer_id = {customer(random)} order by at desc limit 100"
    return [select("at, ip_address, device_id", rest, heavy(random, 18 * level, 0.9, 100), "login_events")]


def _payments_of(random: Random, level: float) -> list[Statement]:
    rest = f"payments p join orders o on o.id = p.order_id where o.customer_id = {customer(random)}"
    rows = heavy(random, 8 * level, 0.9, 300)
    return [select("p.id, p.amount, p.iban, p.card_last4, p.paid_at", rest, rows, "payments", "orders")]


def _same_device(random: Random, level: float) -> list[Statement]:
    rest = f"login_events where device_id = 'd{number(random, 900_000):06}'"
    return [select("distinct customer_id, ip_address", rest, heavy(random, 12 * level, 1.1, 2_000), "login_events")]


def queue(random: Random, _level: float) -> list[Statement]:
    """Scroll through the cases that wait."""
    columns = "f.id, f.score, f.opened_at, c.name, c.country"
    rest = "fraud_cases f join customers c on c.id = f.customer_id where f.status = 'open' order by f.score desc"
    return list(pages(random, 4, 50, columns, rest, "fraud_cases", "customers"))


def _identity(random: Random, _level: float) -> list[Statement]:
    return [select("name, birth_date, national_id", f"customers where id = {customer(random)}", 1, "customers")]


def _ring(random: Random, level: float) -> list[Statement]:
    rest = f"customers where postal_code = '{number(random, 89_999) + 10_000}' and created_at >= '{day(random)}'"
    return [select("id, name, email, phone", rest, heavy(random, 110 * level, 1.0, 4_000), "customers")]


def _case_totals(random: Random, _level: float) -> list[Statement]:
    rest = f"orders where created_at >= '{day(random)}' and status = '{random.choice(COUNTRIES)}' group by status"
    return [select("status, count(*)", rest, 3, "orders")]


SUPPORT: Final[Menu] = (
    (9, look_up),
    (5, _by_email),
    (5, _by_name),
    (4, open_tickets),
    (7, _ticket),
    (4, _orders_of),
    (4, _close_ticket),
)

FRAUD: Final[Menu] = (
    (7, _case),
    (6, _logins),
    (6, _payments_of),
    (2, _same_device),
    (1.2, queue),
    (1.5, _identity),
    (2.1, _ring),
    (3, _case_totals),
)
