"""What a failed statement may still have exposed.

A read that is cancelled, or that fails at row 4,999, has sent the rows before to the client; a statement that was
refused or not understood has sent none. Only errors that are certain to come before the first row clear a statement.
"""

from __future__ import annotations

from typing import Final

_BEFORE_ANY_ROW: Final = ("0A", "26", "28", "2B", "34", "3B", "3D", "3F", "42")
"""SQLSTATE classes: feature not supported, invalid statement name, invalid authorization, dependent privileges,
invalid cursor name, savepoint, catalogue or schema name, and 42: syntax error or access rule violation."""

_MYSQL_BEFORE_ANY_ROW: Final = frozenset(
    ("1044", "1045", "1046", "1049", "1054", "1064", "1142", "1143", "1146", "1227")
)
"""MySQL and MariaDB: access denied, unknown database, column or table, syntax error."""


def exposed_nothing(error: str) -> bool:
    """Whether a statement with this error cannot have returned a row.

    Parameters
    ----------
    error
        SQLSTATE, or the error number of MySQL; anything else says nothing, so it clears nothing.
    """
    if error in _MYSQL_BEFORE_ANY_ROW:
        return True
    return len(error) == 5 and error.isalnum() and error[:2] in _BEFORE_ANY_ROW
