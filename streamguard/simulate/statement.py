"""One statement as a client sends it, and how many rows came back."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from random import Random


class Statement(NamedTuple):
    """One statement of the simulation."""

    sql: str
    rows: int | None
    """Rows given or changed; None where no server counts them (COPY)."""
    tables: tuple[str, ...]
    """Tables of the schema ``public``, in the order of the text."""
    columns: tuple[str, ...] = ()
    """Bare names of the columns whose values left; ``*``: all of them."""
    tag: str = "SELECT"
    """PostgreSQL's command tag."""
    parameters: tuple[str, ...] = ()
    """Bind values; a statement that has any goes by the extended protocol."""


def select(columns: str, rest: str, rows: int, *tables: str, parameters: tuple[str, ...] = ()) -> Statement:
    """Make ``select <columns> from <rest>``.

    Examples
    --------
    >>> select("c.id, c.email", "customers c where c.id = 7", 1, "customers").columns
    ('id', 'email')
    """
    # This SQL is written into a log and never sent to a database.
    return Statement(f"select {columns} from {rest}", rows, tables, bare(columns), parameters=parameters)  # noqa: S608


@lru_cache(maxsize=4_096)
def bare(columns: str) -> tuple[str, ...]:
    """Return the bare names of a list of columns, without what is aggregated."""
    named = (column.strip() for column in columns.removeprefix("distinct ").split(","))
    return tuple(column.rpartition(".")[2] for column in named if "(" not in column)


def heavy(random: Random, median: float, spread: float, most: int) -> int:
    """Draw a row count with a long tail: log-normal around ``median``, between 0 and ``most``."""
    return min(most, int(random.lognormvariate(0.0, spread) * median))
