"""What Snowflake's ACCESS_HISTORY says of the tables and columns that a statement read.

``base_objects_accessed`` and ``direct_objects_accessed`` are arrays of ``{objectDomain, objectName, columns:
[{columnName}]}``, as JSON or as texts of JSON, by driver. The direct ones are what the statement names (a view), the
base ones what that stands on.

The columns are an upper bound of those whose values left: Snowflake lists "the columns that are used to determine the
query result but are not projected, such as columns in a WHERE clause" among them. So a category of personal data that
is not among them was certainly not seen, and one that is may have been only a filter. Only the base columns are taken
where there are any: the catalogue may not know the view, and they are the same values.
Source: docs.snowflake.com, Access History, "Overview", and Account Usage ACCESS_HISTORY.

Known gaps: what a masking policy (``policies_referenced``) hid counts as read; an array that Snowflake truncated gives
its tables, and no columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from streamguard.sources.fields import optional_text
from streamguard.sources.naming import columns_of
from streamguard.sources.warehouse import name_parts, parsed, shared_database

if TYPE_CHECKING:
    from streamguard.sources.fields import JsonObject

_NO_TABLES = frozenset({"function", "procedure", "stage", "sequence", "secret", "integration", "share"})
_INDIRECT = ("view", "function", "procedure")
_TRUNCATED = "TRUNCATED"
_CUT = -1


class Accessed(NamedTuple):
    """What was read, and whether the data went to a stage."""

    tables: tuple[str, ...]
    """``schema.table``, base tables and the views they were read through."""
    columns: tuple[str, ...] | None
    """``schema.table.column`` of the base tables, an upper bound; None: the list is not complete."""
    database: str | None
    """Of all tables; None: there are several."""
    through_views: bool
    """Whether the statement names views or functions, so that its text cannot tell the base columns."""
    to_stage: bool
    """Whether the statement wrote files: the data is out of the tables."""


def is_access(row: JsonObject) -> bool:
    """Whether a row, its keys in lower case, holds columns of ACCESS_HISTORY."""
    return "base_objects_accessed" in row or "direct_objects_accessed" in row


def accessed(row: JsonObject) -> Accessed | None:
    """Return what the columns of ACCESS_HISTORY tell; None where they are empty (nothing was read, or not logged).

    Parameters
    ----------
    row
        The row, its keys in lower case.
    """
    direct = _objects(row, "direct_objects_accessed")
    directly = [_Table.of(found) for found in direct if _domain(found) not in _NO_TABLES]
    read = [
        _Table.of(found) for found in _objects(row, "base_objects_accessed") if _domain(found) not in _NO_TABLES
    ] or directly
    if not read:
        return None
    named = [table for table in (*read, *directly) if table.name is not None]
    complete = all(table.columns is not None for table in read)
    return Accessed(
        tables=tuple(dict.fromkeys(table.name for table in named if table.name is not None)),
        columns=tuple(dict.fromkeys(c for table in read for c in table.columns or ())) if complete else None,
        database=shared_database(table.database for table in named),
        through_views=any(_domain(found).endswith(_INDIRECT) for found in direct),
        to_stage=any(_domain(found) == "stage" or "location" in found for found in _objects(row, "objects_modified")),
    )


class _Table(NamedTuple):
    name: str | None
    """None where Snowflake cut the array here."""
    database: str | None
    columns: tuple[str, ...] | None
    """None where they are not all listed."""

    @classmethod
    def of(cls, found: JsonObject) -> _Table:
        parts = name_parts(optional_text(found, "objectName") or "")
        if not parts or parts == [_TRUNCATED] or found.get("objectId") == _CUT:
            return cls(None, None, None)
        name = ".".join(parts[-2:]).lower()
        listed = found.get("columns")
        columns = _columns(listed, name) if type(listed) is list else None
        return cls(name, parts[-3] if len(parts) >= 3 else None, columns)


def _columns(listed: list[Any], table: str) -> tuple[str, ...] | None:
    names: list[str] = []
    for column in listed:
        name = optional_text(column, "columnName") if type(column) is dict else None
        if name is None or name == _TRUNCATED or column.get("columnId") == _CUT:
            return None
        names.append(name.lower())
    return columns_of(table, names)


def _objects(row: JsonObject, key: str) -> list[JsonObject]:
    found = parsed(row.get(key))
    return [item for item in found if type(item) is dict] if type(found) is list else []


def _domain(found: JsonObject) -> str:
    return (optional_text(found, "objectDomain") or "").lower()
