"""Names of columns in bounded space: a record must not become a thousand times larger by what is told of it.

A column is told with its table, so a long name of a table times many columns would be quadratic in the record's size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

MAX_CHARACTERS: Final = 256 * 1024
"""Of all columns of one statement, tables included: some 10,000 columns."""
MAX_QUALIFIER_CHARACTERS: Final = 512
"""Of a database, schema or server before a name that it is put in front of; no product allows half of it."""


def columns_of(table: str, names: Collection[str]) -> tuple[str, ...]:
    """Return ``table.column`` for every name, each once; ``table.*`` where that would be too long.

    Examples
    --------
    >>> columns_of("crm.customers", ["email", "phone"])
    ('crm.customers.email', 'crm.customers.phone')
    """
    if (len(table) + 1) * len(names) + sum(map(len, names)) > MAX_CHARACTERS:
        return (f"{table}.*",)
    return tuple(dict.fromkeys(f"{table}.{name}" for name in names))


def with_text(relation: str, tables: tuple[str, ...]) -> tuple[str, ...]:
    """Return the one relation that a record is about, and the other tables of its text.

    A log that has one record for each audited object says nothing of those that it does not audit. The text may name
    the relation without its schema, or with its database.

    Examples
    --------
    >>> with_text("public.orders", ("customers", "orders", "crm.public.orders"))
    ('public.orders', 'customers')
    """
    qualified = f".{relation}"
    return (
        relation,
        *(t for t in tables if t != relation and not qualified.endswith(f".{t}") and not t.endswith(qualified)),
    )


def bounded(columns: Collection[str]) -> Collection[str]:
    """Return columns as they are, or as ``table.*`` where they would be too long, or as ``*``.

    What is told is never less than what there is.

    Examples
    --------
    >>> bounded([f"crm.customers.{'c' * 1000}{number}" for number in range(1000)])
    ('crm.customers.*',)
    """
    if len(columns) < 64 or sum(map(len, columns)) <= MAX_CHARACTERS:
        return columns
    told = (f"{table}.*" if (table := column.rpartition(".")[0]) else column for column in columns)
    whole = tuple(dict.fromkeys(told))
    return whole if sum(map(len, whole)) <= MAX_CHARACTERS else ("*",)
