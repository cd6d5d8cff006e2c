"""Looks at a database: names, types, keys, comments and estimates of its tables and views. Reads no row of them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import inspect, text
from sqlalchemy.engine.reflection import ObjectKind
from sqlalchemy.exc import NoSuchTableError, SAWarning
from sqlalchemy.types import NullType

from streamguard.discovery.columntypes import column_type
from streamguard.discovery.errors import DiscoveryError
from streamguard.discovery.facts import ColumnFacts, DatabaseFacts, ForeignKey, TableFacts
from streamguard.discovery.server import Server, connect
from streamguard.discovery.views import by_name, trace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.engine import Inspector

_ANY: Final = ObjectKind.ANY


def survey(dsn: str, schemas: Sequence[str] = ()) -> tuple[DatabaseFacts, ...]:
    """Return what a database says of itself, without reading a row of its tables.

    Parameters
    ----------
    dsn
        ``postgresql://user:password@host:port/database``, or ``mysql://`` and ``mariadb://``; the latter without a
        database: all of them.
    schemas
        Only these schemas (MySQL: databases); none: all but the server's own.

    Raises
    ------
    DiscoveryError
        If it cannot be reached or read; the message holds no password.
    """
    with connect(dsn) as server, warnings.catch_warnings():
        # SQLAlchemy warns of types that it does not know; we ask for their names.
        warnings.simplefilter("ignore", SAWarning)
        found = _Survey(server)
        if server.product.has_schemas:
            return (found.database_with_schemas(schemas),)
        return found.databases(schemas)


class _Schema(NamedTuple):
    """What SQLAlchemy's inspector says of one schema; the keys are names of tables."""

    name: str
    columns: Mapping[str, Sequence[Any]]
    keys: Mapping[str, tuple[str, ...]]
    foreign_keys: Mapping[str, Sequence[Any]]
    comments: Mapping[str, str | None]
    views: frozenset[str]


class _Survey:
    """One look at one server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._product = server.product
        self._inspector: Inspector = inspect(server.connection)

    def database_with_schemas(self, wanted: Sequence[str]) -> DatabaseFacts:
        """Return PostgreSQL's one database; its tables are named with their schemas."""
        database = str(self._server.connection.scalar(text("select current_database()")))
        schemas = self._schemas(wanted)
        read = [self._read(schema) for schema in schemas]
        tables = [table for schema in read for table in self._tables(schema, read)]
        return DatabaseFacts(database, self._title(), _sorted(tables), tuple(wanted) or None)

    def databases(self, wanted: Sequence[str]) -> tuple[DatabaseFacts, ...]:
        """Return MySQL's databases: the one of the data source name, else all."""
        current = self._inspector.default_schema_name
        names = self._schemas(wanted or ([current] if current else ()))
        found = []
        for name in names:
            schema = self._read(name)
            found.append(DatabaseFacts(name, self._title(), _sorted(self._tables(schema, [schema]))))
        return tuple(found)

    def _title(self) -> str:
        dialect = self._server.connection.dialect
        title = "MariaDB" if getattr(dialect, "is_mariadb", False) else self._product.title
        version = dialect.server_version_info or ()
        return f"{title} {'.'.join(map(str, version))}"

    def _schemas(self, wanted: Sequence[str]) -> list[str]:
        there = self._inspector.get_schema_names()
        missing = [name for name in wanted if name not in there]
        if missing:
            raise DiscoveryError(f"there is no schema {missing[0]}; there are: {', '.join(sorted(there))}")
        return sorted(wanted or (name for name in there if name not in self._product.system))

    def _read(self, schema: str) -> _Schema:
        inspector = self._inspector
        keys = inspector.get_multi_pk_constraint(schema)
        foreign_keys = inspector.get_multi_foreign_keys(schema)
        comments = inspector.get_multi_table_comment(schema, kind=_ANY)
        return _Schema(
            name=schema,
            columns={name: columns for (_, name), columns in inspector.get_multi_columns(schema, kind=_ANY).items()},
            keys={name: tuple(key["constrained_columns"]) for (_, name), key in keys.items() if key},
            foreign_keys={name: found for (_, name), found in foreign_keys.items()},
            comments={name: comment["text"] for (_, name), comment in comments.items()},
            views=frozenset((*inspector.get_view_names(schema), *self._materialised(schema))),
        )

    def _materialised(self, schema: str) -> Iterable[str]:
        return self._inspector.get_materialized_view_names(schema) if self._product.has_schemas else ()

    def _tables(self, schema: _Schema, read: Sequence[_Schema]) -> list[TableFacts]:
        rows = {name: int(rows) for name, rows in self._ask(self._product.estimates, schema) if rows is not None}
        types: dict[tuple[str, str], str] = {}
        if any(isinstance(column["type"], NullType) for found in schema.columns.values() for column in found):
            types = {(table, column): name for table, column, name in self._ask(self._product.type_names, schema)}
        origins = self._origins(schema, read)
        return [
            TableFacts(
                name=self._name(schema.name, name),
                columns=tuple(
                    ColumnFacts(
                        column["name"],
                        column_type(column["type"], types.get((name, column["name"]))),
                        column.get("comment") or None,
                    )
                    for column in columns
                ),
                comment=schema.comments.get(name) or None,
                primary_key=schema.keys.get(name, ()),
                foreign_keys=self._foreign_keys(schema, name),
                rows=rows[name] if name not in schema.views and rows.get(name, -1) >= 0 else None,
                is_view=name in schema.views,
                bases=origins.get(name, {}),
            )
            for name, columns in schema.columns.items()
        ]

    def _foreign_keys(self, schema: _Schema, name: str) -> tuple[ForeignKey, ...]:
        return tuple(
            ForeignKey(
                key["constrained_columns"][0],
                self._name(key["referred_schema"] or schema.name, key["referred_table"]),
            )
            for key in schema.foreign_keys.get(name, ())
            if len(key["constrained_columns"]) == 1
        )

    def _origins(
        self, schema: _Schema, read: Sequence[_Schema]
    ) -> dict[str, Mapping[str, tuple[tuple[str, str], ...]]]:
        """Return where the columns of each view come from, with names of tables like `TableFacts.name`."""
        known = {
            one.name: {name: [column["name"] for column in columns] for name, columns in one.columns.items()}
            for one in read
        }
        used: dict[str, list[tuple[str, str]]] = {}
        if schema.views and self._product.view_columns is not None:
            for view, base_schema, table, column in self._ask(self._product.view_columns, schema):
                used.setdefault(view, []).append((f"{base_schema}.{table}", column))
        found: dict[str, Mapping[str, tuple[tuple[str, str], ...]]] = {}
        for view in schema.views & schema.columns.keys():
            columns = [column["name"] for column in schema.columns[view]]
            definition = self._definition(schema.name, view)
            traced = trace(definition, columns, schema.name, known, self._product.dialect) if definition else {}
            found[view] = {
                column: tuple((self._renamed(table), base) for table, base in bases)
                for column, bases in (traced or by_name(columns, used.get(view, ()))).items()
            }
        return found

    def _definition(self, schema: str, view: str) -> str | None:
        try:
            return self._inspector.get_view_definition(view, schema)
        except NoSuchTableError:
            return None

    def _ask(self, query: str, schema: _Schema) -> Iterable[Any]:
        return self._server.connection.execute(text(query), {"schema": schema.name})

    def _name(self, schema: str, table: str) -> str:
        return f"{schema}.{table}" if self._product.has_schemas else table

    def _renamed(self, table: str) -> str:
        return table if self._product.has_schemas else table.partition(".")[2]


def _sorted(tables: Iterable[TableFacts]) -> tuple[TableFacts, ...]:
    return tuple(sorted(tables, key=lambda table: table.name))
