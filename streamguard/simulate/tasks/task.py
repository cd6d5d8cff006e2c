"""What a task is, and the values that its texts are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from streamguard.simulate.schema import CUSTOMERS
from streamguard.simulate.statement import select

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from streamguard.simulate.statement import Statement

    Task: TypeAlias = Callable[[Random, float], list[Statement]]
    """From a random generator and the day's level (1: an ordinary day) to statements, in their order."""

    Menu: TypeAlias = tuple[tuple[float, Task], ...]
    """How often, relative to the others, and what."""

COUNTRIES: Final = ("DE", "FR", "GB", "US", "NL", "ES", "IT", "PL")
FIRST: Final = ("anna", "jonas", "marie", "luca", "sofia", "emil", "nora", "paul", "lena", "hugo")
LAST: Final = ("weber", "martin", "rossi", "jansen", "garcia", "nowak", "dubois", "clark")
WORDS: Final = ("refund", "delivery", "invoice", "return", "password", "voucher", "damaged", "late")


def number(random: Random, most: int) -> int:
    """Draw a whole number from 1 to ``most``."""
    return int(random.random() * most) + 1


def customer(random: Random) -> int:
    """Draw a customer's id."""
    return int(random.random() * CUSTOMERS) + 1


def day(random: Random) -> str:
    """Draw a day before the simulation."""
    return f"2025-{number(random, 8):02}-{number(random, 28):02}"


def pages(random: Random, most: int, size: int, columns: str, rest: str, *tables: str) -> Iterator[Statement]:
    """Scroll through a list on a screen: some pages of it, the last one perhaps not full."""
    wanted = number(random, most)
    for page in range(wanted):
        rows = size if page + 1 < wanted else number(random, size)
        yield select(columns, f"{rest} limit {size} offset {page * size}", rows, *tables)
