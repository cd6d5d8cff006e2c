"""The database that is asked: one read-only connection, one statement at a time, each with a time limit."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from streamguard.discovery import DiscoveryError
from streamguard.discovery.server import connect, parse, shown
from streamguard.resolve.errors import QuestionError, ResolveError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from streamguard.discovery.server import Server

_PAGE_ROWS: Final = 10_000
_HARMLESS_CLASSES: Final = frozenset({"08", "25", "40", "42", "53", "55", "57"})
"""Of PostgreSQL's codes: connections, transactions, names and rights, resources, time limits. They name no value."""
_HARMLESS_CODES: Final = frozenset({"1044", "1045", "1049", "1054", "1142", "1143", "1146", "1205", "1969", "3024"})
"""Of MariaDB's and MySQL's: the same."""


class Database:
    """An open database.

    Parameters
    ----------
    server
        Held back to reading.
    name
        What it is called, without its password.
    """

    def __init__(self, server: Server, name: str) -> None:
        self._server = server
        self.name = name
        self.dialect = server.product.dialect
        """sqlglot's name of its SQL."""

    def rows(self, sql: str, values: Mapping[str, Sequence[object]]) -> Iterator[Sequence[Any]]:
        """Yield the rows of a query, read page by page in a transaction of its own.

        Parameters
        ----------
        sql
            With ``:name`` and ``IN :name``.
        values
            By name; one for ``:name``, any number for ``IN :name``.

        Raises
        ------
        QuestionError
            When the database does not answer it.
        """
        lists = {name for name in values if f"IN :{name}" in sql}
        query = text(sql).bindparams(*(bindparam(name, expanding=True) for name in lists))
        told = {name: list(some) if name in lists else some[0] for name, some in values.items()}
        connection = self._server.connection
        options = {"stream_results": True, "yield_per": _PAGE_ROWS}
        try:
            with connection.begin():
                # Nothing but a read can run in it, whatever the session was told.
                if self.dialect == "postgres":
                    connection.exec_driver_sql("set transaction read only")
                    connection.exec_driver_sql("set local search_path = pg_catalog")
                for page in connection.execute(query, told, execution_options=options).partitions():
                    yield from page
        except SQLAlchemyError as error:
            raise QuestionError(said_by(error)) from None

    def one(self, sql: str, values: Mapping[str, Sequence[object]] | None = None) -> Sequence[Any]:
        """Return the only row of a query.

        Raises
        ------
        QuestionError
            When the database does not answer it.
        """
        [row] = self.rows(sql, values or {})
        return row

    def is_replica(self) -> bool:
        """Whether it takes no writes: PostgreSQL in recovery, MariaDB and MySQL read-only."""
        sql = "select pg_is_in_recovery()" if self.dialect == "postgres" else "select @@global.read_only"
        return bool(self.one(sql)[0])

    def now(self) -> str:
        """Return the time by the server's clock, in UTC."""
        is_postgres = self.dialect == "postgres"
        sql = (
            "select cast(now() at time zone 'UTC' as varchar)"
            if is_postgres
            else "select cast(utc_timestamp() as char)"
        )
        return f"{str(self.one(sql)[0])[:19]} UTC"

    def is_table(self, schema: str | None, name: str) -> bool:
        """Whether a relation is an ordinary table: views run the functions of whoever wrote them."""
        if self.dialect == "postgres":
            sql = """
                select count(*) from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
                where c.relname in :name and n.nspname in :schema and c.relkind in ('r', 'p', 'm')
            """
        else:
            sql = """
                select count(*) from information_schema.tables where table_name in :name
                and table_schema in (select coalesce(:schema, database())) and table_type = 'BASE TABLE'
            """
        values: dict[str, Sequence[object]] = {"name": [name], "schema": [schema]}
        return bool(self.one(sql, values)[0])


@contextmanager
def open_database(dsn: str, seconds: int) -> Iterator[Database]:
    """Open a database and close it again.

    Parameters
    ----------
    dsn
        As `streamguard.discovery.server.connect` takes it.
    seconds
        That one statement may take.

    Raises
    ------
    ResolveError
        When it cannot be reached or read.
    """
    try:
        with connect(dsn, seconds) as server:
            yield Database(server, kind_of(dsn)[2])
    except DiscoveryError as error:
        raise ResolveError(str(error)) from None


def kind_of(dsn: str) -> tuple[str, str | None, str]:
    """Return sqlglot's name of a data source's SQL, its database, and what it is called without its password.

    Raises
    ------
    ResolveError
        When the name is none.
    """
    try:
        url, product = parse(dsn)
    except DiscoveryError as error:
        raise ResolveError(str(error)) from None
    return product.dialect, url.database, shown(url)


def said_by(error: SQLAlchemyError) -> str:
    """Return what the database said of a question that it did not answer, if that can quote no value."""
    told = error.orig if isinstance(error, DBAPIError) else None
    if told is None or not told.args:
        return type(error).__name__
    code = str(getattr(told, "sqlstate", None) or told.args[0])
    if code[:2] in _HARMLESS_CLASSES or code in _HARMLESS_CODES:
        return str(told.args[-1]).partition("\n")[0]
    # "invalid input for type bigint: ..." would show somebody's value.
    return f"error {code} ({type(told).__name__})" if len(code) <= 5 else type(told).__name__
