"""What a failed statement may still have exposed.

A read that is cancelled, or that fails at row 4,999, has sent the rows before to the client; a statement that was
refused or not understood has sent none. Only errors that are certain to come before the first row clear a statement.
"""

from __future__ import annotations

from typing import Final

_BEFORE_ANY_ROW: Final = ("0A", "26", "28", "2B", "34", "3B", "3D", "3F", "42")
"""SQLSTATE classes: feature not supported, invalid statement name, invalid authorization, dependent privileges,
invalid cursor name, savepoint, catalogue or schema name, and 42: syntax error or access rule violation."""

_MYSQL_BEFORE_ANY_ROW: Final = frozenset({
    "1044", "1045", "1046", "1049", "1051", "1052", "1054", "1064", "1065", "1066", "1109", "1142", "1143", "1146",
    "1149", "1222", "1227", "1248", "1290", "1305", "1370",
})  # fmt: skip
"""MySQL and MariaDB: access denied (also to a routine); unknown database, column, table or routine, or one that is
ambiguous; syntax errors; refused by an option of the server, such as ``--secure-file-priv``. Not 1242 (a subquery with
several rows), 1317 (interrupted) and 1159 to 1161 (the client is gone): these come with rows already sent."""


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
