"""What differs between the database products: how a session is held back, and where the estimates are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

STATEMENT_SECONDS: Final = 30
LOCK_SECONDS: Final = 5
CONNECT_SECONDS: Final = 10


class Product(NamedTuple):
    """A database product that can be looked at.

    Attributes
    ----------
    title
        Its name.
    driver
        SQLAlchemy's name of the dialect with the driver that is used.
    package
        The driver's package.
    dialect
        sqlglot's name of its SQL.
    has_schemas
        Whether tables are in schemas inside a database; else schema and database are the same.
    limits
        Statements that make a session read-only and bound what it may take: ``{seconds}`` and ``{milliseconds}`` each.
    optional_limits
        More of them, which not every server of this kind knows.
    connect
        Arguments of the driver.
    system
        Schemas of the server's own.
    estimates
        Query for (table, estimated rows) of a schema; a number below 0 says that nothing is known.
    type_names
        Query for (table, column, name of the type) of a schema.
    view_columns
        Query for (view, schema of a table, table, column) of a schema's views, if there is one.
    """

    title: str
    driver: str
    package: str
    dialect: str
    has_schemas: bool
    limits: tuple[str, ...]
    optional_limits: tuple[str, ...]
    connect: Mapping[str, object]
    system: frozenset[str]
    estimates: str
    type_names: str
    view_columns: str | None = None


POSTGRESQL: Final = Product(
    title="PostgreSQL",
    driver="postgresql+psycopg",
    package="psycopg",
    dialect="postgres",
    has_schemas=True,
    limits=(
        "set session characteristics as transaction read only",
        "set statement_timeout = '{seconds}s'",
        f"set lock_timeout = '{LOCK_SECONDS}s'",
    ),
    optional_limits=(),
    connect={"connect_timeout": CONNECT_SECONDS, "application_name": "streamguard"},
    system=frozenset({"information_schema"}),
    # A partitioned table holds no rows itself.
    estimates="""
        select c.relname, case c.relkind when 'p' then (
            select sum(greatest(leaf.reltuples, 0)) from pg_partition_tree(c.oid) as tree
            join pg_class as leaf on leaf.oid = tree.relid where tree.isleaf
        ) else c.reltuples end
        from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname = :schema and c.relkind in ('r', 'p', 'm', 'f')
    """,
    type_names="""
        select c.relname, a.attname, t.typname
        from pg_attribute as a join pg_type as t on t.oid = a.atttypid
        join pg_class as c on c.oid = a.attrelid join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname = :schema and a.attnum > 0 and not a.attisdropped
    """,
    # Not information_schema.view_column_usage: that tells only the owner of the tables.
    view_columns="""
        select distinct v.relname, m.nspname, c.relname, a.attname
        from pg_rewrite as r join pg_class as v on v.oid = r.ev_class join pg_namespace as n on n.oid = v.relnamespace
        join pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
            and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0
        join pg_class as c on c.oid = d.refobjid join pg_namespace as m on m.oid = c.relnamespace
        join pg_attribute as a on a.attrelid = c.oid and a.attnum = d.refobjsubid
        where n.nspname = :schema and c.oid <> v.oid
    """,
)

MYSQL: Final = Product(
    title="MySQL",
    driver="mysql+pymysql",
    package="pymysql",
    dialect="mysql",
    has_schemas=False,
    limits=("set session transaction read only", f"set session lock_wait_timeout = {LOCK_SECONDS}"),
    # MariaDB's, in seconds; MySQL's, in milliseconds. Each knows its own only.
    optional_limits=(
        "set session max_statement_time = {seconds}",
        "set session max_execution_time = {milliseconds}",
    ),
    connect={"connect_timeout": CONNECT_SECONDS},
    system=frozenset({"information_schema", "mysql", "performance_schema", "sys"}),
    estimates="select table_name, table_rows from information_schema.tables where table_schema = :schema",
    type_names="""
        select table_name, column_name, data_type from information_schema.columns where table_schema = :schema
    """,
)

PRODUCTS: Final[Mapping[str, Product]] = {
    "postgres": POSTGRESQL,
    "postgresql": POSTGRESQL,
    "mysql": MYSQL,
    "mariadb": MYSQL,
}
"""By the first word of a data source name."""
