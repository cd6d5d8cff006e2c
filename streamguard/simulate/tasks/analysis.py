"""Marketing and finance: segments, lists, reports, and the end of a month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.simulate.schema import PRODUCTS
from streamguard.simulate.statement import Statement, heavy, select
from streamguard.simulate.tasks.task import COUNTRIES, day, number

if TYPE_CHECKING:
    from random import Random

    from streamguard.simulate.tasks.task import Menu

_SEGMENT_COLUMNS: Final = ("email", "name", "country", "city", "phone", "postal_code", "segment", "created_at")
_LISTS: Final = ("weekly", "offers", "returns", "summer", "members")


# --- marketing


def segment(random: Random, level: float) -> list[Statement]:
    """Make a list of customers who have something in common; which columns, depends on the campaign."""
    columns = "email, name, country"
    if random.random() < 0.25:
        picked = random.sample(_SEGMENT_COLUMNS, number(random, 4) + 1)
        columns = ", ".join(column for column in _SEGMENT_COLUMNS if column in picked)
    rest = f"customers where country = '{random.choice(COUNTRIES)}' and created_at >= '{day(random)}'"
    return [select(columns, rest, heavy(random, 1_900 * level, 1.25, 700_000), "customers")]


def _buyers(random: Random, level: float) -> list[Statement]:
    rest = (
        "customers c join orders o on o.customer_id = c.id join order_items i on i.order_id = o.id "
        f"where i.product_id = {number(random, PRODUCTS)} and o.created_at >= '{day(random)}'"
    )
    rows = heavy(random, 900 * level, 1.2, 400_000)
    return [select("distinct c.email, c.name", rest, rows, "customers", "orders", "order_items")]


def _subscribers(random: Random, level: float) -> list[Statement]:
    rest = f"newsletter where list = '{random.choice(_LISTS)}' and confirmed_at >= '{day(random)}'"
    return [select("email, locale", rest, heavy(random, 4_200 * level, 1.4, 900_000), "newsletter")]


def _count_customers(random: Random, _level: float) -> list[Statement]:
    rest = f"customers where created_at >= '{day(random)}' group by segment"
    return [select("segment, count(*)", rest, 6, "customers")]


def _top_products(random: Random, _level: float) -> list[Statement]:
    rest = f"order_items where order_id > {number(random, 9_000_000)} group by product_id order by 2 desc limit 50"
    return [select("product_id, sum(quantity)", rest, 50, "order_items")]


# --- finance


def _payment(random: Random, _level: float) -> list[Statement]:
    rest = f"payments where order_id = {number(random, 11_000_000)}"
    return [select("id, amount, iban, card_last4, paid_at", rest, number(random, 3), "payments")]


def _payments_above(random: Random, level: float) -> list[Statement]:
    rest = f"payments where paid_at >= '{day(random)}' and amount > {number(random, 90)}00"
    return [select("id, amount, iban, paid_at", rest, heavy(random, 30 * level, 1.0, 5_000), "payments")]


def _unpaid(random: Random, level: float) -> list[Statement]:
    rest = f"invoices where due_at < '{day(random)}' order by due_at limit 200"
    return [select("id, name, amount, due_at", rest, heavy(random, 24 * level, 0.9, 200), "invoices")]


def _invoice(random: Random, _level: float) -> list[Statement]:
    rest = f"invoices where id = {number(random, 8_000_000)}"
    return [select("id, name, street, city, amount", rest, 1, "invoices")]


def _order_totals(random: Random, _level: float) -> list[Statement]:
    rest = f"orders where created_at >= '{day(random)}' group by status"
    return [select("status, sum(total)", rest, 3, "orders")]


def month_end(random: Random, level: float) -> list[Statement]:
    """Run one of the big lists of a month's last days."""
    rest = (
        "payments p join orders o on o.id = p.order_id join customers c on c.id = o.customer_id "
        f"where p.paid_at >= '{day(random)}' and p.amount > {number(random, 40)}"
    )
    rows = heavy(random, 50_000 * level, 0.75, 450_000)
    return [select("p.id, p.amount, p.iban, p.paid_at, c.name", rest, rows, "payments", "orders", "customers")]


MARKETING: Final[Menu] = ((5, segment), (3, _buyers), (1.5, _subscribers), (3, _count_customers), (2, _top_products))

FINANCE: Final[Menu] = ((6, _payment), (5, _payments_above), (3, _unpaid), (5, _invoice), (3, _order_totals))
