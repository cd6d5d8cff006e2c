"""The same statement in the words of other products, whose logs count what PostgreSQL's do not."""

# ruff: noqa: S608 - this SQL is written into a log and never sent to a database

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.simulate.schema import rows_of

if TYPE_CHECKING:
    from streamguard.simulate.statement import Statement


def mysql(statement: Statement) -> Statement:
    """Return the statement as a client of MySQL sends it; whole tables leave by a SELECT, as mysqldump does it."""
    sql, rows = _with_values(statement), statement.rows
    if statement.tag == "COPY":
        table = statement.tables[0]
        sql, rows = f"select /*!40001 sql_no_cache */ {', '.join(statement.columns)} from {table}", rows_of(table)
    elif statement.tag == "VACUUM":
        sql = sql.replace("vacuum analyze", "analyze table")
    elif statement.tag == "CREATE TABLE AS":
        sql = sql.replace("create temp table", "create temporary table")
    return statement._replace(sql=sql.replace(" ilike ", " like "), rows=rows, parameters=())


def snowflake(statement: Statement) -> Statement | None:
    """Return the statement as a client of Snowflake sends it; None for what Snowflake does not need.

    Whole tables leave to a stage.
    """
    if statement.tag == "VACUUM":
        return None
    sql, rows = _with_values(statement), statement.rows
    if statement.tag == "COPY":
        table = statement.tables[0]
        sql, rows = (
            f"copy into @exports/{table} from (select {', '.join(statement.columns)} from {table})",
            rows_of(table),
        )
    return statement._replace(sql=sql, rows=rows, parameters=())


def _with_values(statement: Statement) -> str:
    """Return the text with its bind values in their places."""
    sql = statement.sql
    for number, value in enumerate(statement.parameters, start=1):
        sql = sql.replace(f"${number}", f"'{value}'")
    return sql
