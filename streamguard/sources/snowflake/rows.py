"""What the counts of Snowflake's QUERY_HISTORY are worth, by the type of the statement.

========================== ============================================ =====================================
query type                 rows                                         why not the others
========================== ============================================ =====================================
SELECT and what reads      ``rows_written_to_result``, ``rows_produced`` these are what reached the client
UNLOAD                     ``rows_unloaded``, ``rows_produced``          the result is one row: a summary
INSERT, UPDATE, MERGE, ... ``rows_inserted``, ``_updated``, ``_deleted`` ``rows_written_to_result`` is 1
CREATE_TABLE_AS_SELECT     ``rows_inserted``, else ``rows_produced``     ``rows_written_to_result`` is 1
GET, PUT, LIST             none                                         the result lists files, not rows
other DDL, SHOW, EXPLAIN   none                                         the result is no data
========================== ============================================ =====================================

Where two counts are given the larger one counts. Source: docs.snowflake.com, Account Usage QUERY_HISTORY.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streamguard.activity import RowsQuality
from streamguard.sources.warehouse import rows_in, whole

if TYPE_CHECKING:
    from streamguard.sources.fields import JsonObject

_BY_VERB = {
    "CREATE TABLE AS": "CREATE_TABLE_AS_SELECT",
    "GET": "GET_FILES",
    "UNLOAD": "UNLOAD",
}
_DML = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "MULTI_TABLE_INSERT", "MULTI_INSERT"})
_FILES = frozenset({"GET_FILES", "PUT_FILES", "LIST_FILES", "REMOVE_FILES"})
_MESSAGES = (
    "ALTER", "BEGIN", "COMMENT", "COMMIT", "CREATE", "DESCRIBE", "DROP", "EXPLAIN", "GRANT", "RENAME", "REVOKE",
    "ROLLBACK", "SET", "SHOW", "TRUNCATE", "UNDROP", "UNSET", "USE",
)  # fmt: skip


class Counts(NamedTuple):
    """Rows and bytes that left, and how."""

    rows: int | None
    quality: RowsQuality | None
    bytes: int | None
    export: str | None


def kind_of(row: JsonObject, verb: str, export: str | None) -> str:
    """Return the query type; from the text where the row has none, or says only that the statement failed.

    Parameters
    ----------
    row
        The row, its keys in lower case.
    verb, export
        As the analysis of the text tells.
    """
    kind = row.get("query_type")
    if type(kind) is str and kind and kind != "UNKNOWN":
        return kind
    return "UNLOAD" if verb == "COPY" and export is not None else _BY_VERB.get(verb, verb)


def count(row: JsonObject, kind: str) -> Counts:
    """Return what the counts of a row are worth.

    Parameters
    ----------
    row
        The row, its keys in lower case.
    kind
        The query type.

    Raises
    ------
    Refusal
        When a count of rows is none.
    """
    if kind == "UNLOAD":
        rows = rows_in(row, "rows_unloaded", "rows_produced")
        # To a stage of the same region no transfer is billed; the size of the files then stands in.
        sent = whole(row.get("outbound_data_transfer_bytes")) or whole(row.get("bytes_written")) or None
        return Counts(rows, RowsQuality.EXACT, sent, "unload")
    if kind in _FILES:
        return Counts(None, None, None, "unload" if kind == "GET_FILES" else None)
    if kind in _DML:
        touched = [rows_in(row, f"rows_{done}") for done in ("inserted", "updated", "deleted")]
        rows = sum(done or 0 for done in touched) if any(done is not None for done in touched) else None
        return Counts(rows_in(row, "rows_produced") if rows is None else rows, RowsQuality.AFFECTED, None, None)
    if kind == "CREATE_TABLE_AS_SELECT":
        rows = rows_in(row, "rows_inserted", "rows_produced")
        return Counts(rows, RowsQuality.PRODUCED, None, "create_table_as")
    if kind.startswith(_MESSAGES):
        return Counts(None, None, None, None)
    rows = rows_in(row, "rows_written_to_result", "rows_produced")
    return Counts(rows, RowsQuality.EXACT, whole(row.get("bytes_written_to_result")), None)
