"""What a database says of its tables: names, types, keys, comments and estimates; never a row."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class ColumnFacts(msgspec.Struct, frozen=True):
    """A column.

    Parameters
    ----------
    name
        As the database writes it.
    type
        One of `streamguard.exposure.catalogue.COLUMN_TYPES`.
    comment
        The database's comment on it.
    """

    name: str
    type: str
    comment: str | None = None


class ForeignKey(msgspec.Struct, frozen=True):
    """A column that holds keys of another table.

    Parameters
    ----------
    column
        Its name.
    table
        Name of the other table, written like `TableFacts.name`.
    """

    column: str
    table: str


class TableFacts(msgspec.Struct, frozen=True):
    """A table or view.

    Parameters
    ----------
    name
        ``schema.table``, or ``table`` where a database has no schemas (MySQL, MariaDB).
    columns
        In the table's order.
    comment
        The database's comment on it.
    primary_key
        Names of its columns.
    foreign_keys
        Those of one column.
    rows
        Estimate; None: not known.
    is_view
        Whether it is a view.
    bases
        For a view: for each column the columns (table, column) that its values come from; a column whose origin the
        database does not tell is not in it.
    """

    name: str
    columns: tuple[ColumnFacts, ...]
    comment: str | None = None
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    rows: int | None = None
    is_view: bool = False
    bases: Mapping[str, tuple[tuple[str, str], ...]] = {}


class DatabaseFacts(msgspec.Struct, frozen=True):
    """A database.

    Parameters
    ----------
    name
        As audit logs name it.
    product
        ``PostgreSQL 15.4``, ...
    tables
        Sorted by name.
    schemas
        The schemas that were looked at; None: all of them.
    """

    name: str
    product: str
    tables: tuple[TableFacts, ...]
    schemas: tuple[str, ...] | None = None
