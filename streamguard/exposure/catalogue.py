"""The data catalogue: which columns hold which personal data, of whom, and of how many."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.exposure.categories import IDENTIFYING_CATEGORIES
from streamguard.exposure.honey import Honey

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

COLUMN_TYPES: Final = (
    "text",
    "integer",
    "number",
    "boolean",
    "date",
    "timestamp",
    "time",
    "binary",
    "json",
    "uuid",
    "network",
    "geometry",
    "enum",
    "array",
    "other",
)
"""What a catalogue says of a column's type: the kind of values it holds, the same for every database product."""


class Column(msgspec.Struct, frozen=True):
    """A column of the catalogue.

    Parameters
    ----------
    category
        Category of personal data; None: known to be harmless.
    sensitivity
        1 low, 2 medium, 3 high; 0 where there is no category.
    type
        One of `COLUMN_TYPES`; None: the catalogue does not say. Only `catalog check` looks at it.
    """

    category: str | None
    sensitivity: int = 0
    type: str | None = None


class Table(msgspec.Struct, frozen=True, dict=True, eq=False):
    """A table or view of the catalogue.

    Parameters
    ----------
    name
        ``schema.table``, lower case.
    columns
        Columns by name, lower case. One that is not listed is unknown, not harmless.
    subject_type
        Whose data it is: ``customer``, ``patient``, ...
    subject_key
        Column that identifies the data subject.
    region, region_column
        Where the data subjects live, as a constant or in a column.
    subjects
        About how many data subjects the table holds.
    harmless
        Whether the whole table is known to hold no personal data, columns that are not listed included.
    unknown
        Columns that nobody has decided on yet, with their types. They count like columns that are not listed; they
        are listed only so that a column added to the table later can be told from them.
    honey
        What of it is planted, to be touched by nobody; None: nothing.
    """

    name: str
    columns: Mapping[str, Column]
    subject_type: str | None = None
    subject_key: str | None = None
    region: str | None = None
    region_column: str | None = None
    subjects: int | None = None
    harmless: bool = False
    unknown: Mapping[str, str | None] = {}
    honey: Honey | None = None

    @cached_property
    def categories(self) -> Mapping[str, int]:
        """Sensitivity of each category in this table, highest column first; empty: no personal data."""
        found: dict[str, int] = {}
        for column in self.columns.values():
            if column.category is not None:
                found[column.category] = max(column.sensitivity, found.get(column.category, 0))
        return found


class Catalogue:
    """Tables by database. Immutable.

    Parameters
    ----------
    tables
        Pairs of a database name and a table; the names are matched without regard to case.
    """

    def __init__(self, tables: Iterable[tuple[str, Table]] = ()) -> None:
        self._databases: dict[str, dict[str, Table]] = {}
        self._anywhere: dict[str, tuple[Table, ...]] = {}
        for database, table in tables:
            self._databases.setdefault(database.lower(), {})[table.name] = table
            self._anywhere[table.name] = (*self._anywhere.get(table.name, ()), table)

    @classmethod
    def empty(cls) -> Catalogue:
        """Return the catalogue that knows no personal data."""
        return cls()

    @classmethod
    def load(cls, path: Path, subject_key: bytes | None = None, *, form_only: bool = False) -> Catalogue:
        """Read a catalogue from a YAML file.

        Parameters
        ----------
        path
            Of the file.
        subject_key
            Secret under which the keys of planted rows are hashed, the same as in statements.
        form_only
            Whether the file is only looked through: then no secret is needed, and no statement will touch planted rows.

        Raises
        ------
        ConfigurationError
            With every mistake in the file, each with its line.
        """
        # The file format builds on this class.
        from streamguard.exposure.cataloguefile import read_catalogue  # noqa: PLC0415

        return cls(read_catalogue(path, subject_key, form_only=form_only))

    @property
    def databases(self) -> tuple[str, ...]:
        """Names of the databases, sorted."""
        return tuple(sorted(self._databases))

    @property
    def identifying_columns(self) -> frozenset[str]:
        """Columns that tell one data subject from another: subject keys, addresses, numbers; without their table.

        Those of planted keys are among them: what they are compared with must be known.
        """
        found: set[str] = set()
        for table in self._all():
            if table.subject_key is not None:
                found.add(table.subject_key)
            if table.honey is not None:
                found |= table.honey.keys.keys()
            found |= {name for name, column in table.columns.items() if column.category in IDENTIFYING_CATEGORIES}
        return frozenset(found)

    @property
    def has_honey(self) -> bool:
        """Whether anything is planted."""
        return any(table.honey is not None for table in self._all())

    @property
    def region_columns(self) -> frozenset[str]:
        """Columns that tell where data subjects live, without their table."""
        return frozenset(table.region_column for table in self._all() if table.region_column is not None)

    def _all(self) -> Iterable[Table]:
        return (table for tables in self._databases.values() for table in tables.values())

    def tables(self, database: str) -> tuple[Table, ...]:
        """Return the tables of one database, sorted by name."""
        found = self._databases.get(database.lower(), {})
        return tuple(found[name] for name in sorted(found))

    def find(self, database: str | None, table: str, search_path: tuple[str, ...]) -> tuple[Table, ...]:
        """Return the tables that a name can mean: none, one, or several where the database is not known.

        Where its own database does not have it, the first part of a name may be a database: ``crm.customers`` is
        the table ``customers`` of MariaDB's database ``crm``, and others write ``database.schema.table``.

        Parameters
        ----------
        database
            As logged; None: not known, so the table of any database is meant.
        table
            ``schema.table``, or ``table`` to be found in the search path.
        search_path
            Schemas to look in; a catalogue may also name tables without a schema.
        """
        name = table.lower()
        bare = name.rpartition(".")[2]
        names = [name, bare] if name.rpartition(".")[0] in search_path else [name]
        if "." not in name:
            names = [*(f"{schema}.{name}" for schema in search_path), name]
        for candidate in names:
            if database is None:
                found = self._anywhere.get(candidate, ())
            else:
                one = self._databases.get(database.lower(), {}).get(candidate)
                found = () if one is None else (one,)
            if found:
                return found
        first, _, rest = name.partition(".")
        elsewhere = self._databases.get(first, {}).get(rest)
        return () if elsewhere is None else (elsewhere,)
