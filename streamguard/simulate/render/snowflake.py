"""Snowflake's QUERY_HISTORY joined with ACCESS_HISTORY and SESSIONS, one JSON text a statement."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from streamguard.simulate.moment import activity_id
from streamguard.simulate.render.dialects import snowflake
from streamguard.simulate.schema import DATABASE, columns_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.simulate.moment import Moment
    from streamguard.simulate.statement import Statement

_QUERY_TYPES: Final = {"COPY": "UNLOAD", "CREATE TABLE AS": "CREATE_TABLE_AS_SELECT"}
_BYTES_A_ROW: Final = 38
_SCHEMA: Final = "PUBLIC"


class SnowflakeRows:
    """Writes statements as rows of the account's history.

    Parameters
    ----------
    seed
        Of the simulation: query ids follow from it.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def lines(self, moment: Moment) -> Iterator[bytes]:
        """Write one moment; sessions that open or close leave nothing."""
        statement = None if moment.statement is None else snowflake(moment.statement)
        if statement is None:
            return
        session, rows = moment.session, statement.rows or 0
        kind = _QUERY_TYPES.get(statement.tag, statement.tag)
        elapsed_ms = 60 + rows // 2_000
        objects = _objects(statement)
        row: dict[str, Any] = {
            "QUERY_ID": f"01ac-{activity_id(self._seed, moment.number, moment.order)}",
            "QUERY_TEXT": statement.sql,
            "DATABASE_NAME": DATABASE.upper(),
            "SCHEMA_NAME": _SCHEMA,
            "QUERY_TYPE": kind,
            "SESSION_ID": session.number,
            "USER_NAME": session.person.employee,
            "ROLE_NAME": session.person.role.upper(),
            "EXECUTION_STATUS": "SUCCESS",
            "ERROR_CODE": None,
            "START_TIME": _time(moment.time_ms),
            "END_TIME": _time(moment.time_ms + elapsed_ms),
            "TOTAL_ELAPSED_TIME": elapsed_ms,
            "CLIENT_IP": session.client,
            "CLIENT_ENVIRONMENT": orjson.dumps({"APPLICATION": session.program}).decode(),
            **_counts(kind, rows),
            "BASE_OBJECTS_ACCESSED": objects,
            "DIRECT_OBJECTS_ACCESSED": objects,
            "OBJECTS_MODIFIED": [],
        }
        yield orjson.dumps(row)


def _counts(kind: str, rows: int) -> dict[str, int]:
    """Return the counts that say how many rows left: which ones they are depends on the statement."""
    if kind == "UNLOAD":
        return {"ROWS_PRODUCED": rows, "ROWS_UNLOADED": rows, "BYTES_WRITTEN": rows * _BYTES_A_ROW}
    if kind == "UPDATE":
        return {"ROWS_PRODUCED": rows, "ROWS_UPDATED": rows, "ROWS_WRITTEN_TO_RESULT": 1}
    if kind == "CREATE_TABLE_AS_SELECT":
        return {"ROWS_PRODUCED": rows, "ROWS_INSERTED": rows, "ROWS_WRITTEN_TO_RESULT": 1}
    size = rows * _BYTES_A_ROW
    return {"ROWS_PRODUCED": rows, "ROWS_WRITTEN_TO_RESULT": rows, "BYTES_WRITTEN_TO_RESULT": size}


def _objects(statement: Statement) -> list[dict[str, Any]]:
    """Return the tables that were read, each with those of the statement's columns that it has."""
    found = []
    for place, table in enumerate(statement.tables, start=1):
        known = columns_of(table)
        read = known if "*" in statement.columns else [column for column in known if column in statement.columns]
        columns = [{"columnId": number, "columnName": column.upper()} for number, column in enumerate(read, start=1)]
        name = f"{DATABASE}.{_SCHEMA}.{table}".upper()
        found.append({"objectDomain": "Table", "objectId": place, "objectName": name, "columns": columns})
    return found


def _time(time_ms: int) -> str:
    seconds, milliseconds = divmod(time_ms, 1_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{milliseconds:03}Z"
