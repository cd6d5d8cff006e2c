"""What a failed statement may still have exposed.

A read that is cancelled, or that fails at row 4,999, has sent the rows before to the client; a statement that was
refused or not understood has sent none. Only errors that are certain to come before the first row clear a statement.

An error counts in the terms of who logs it: the same number means other things elsewhere. It clears nothing where the
text holds several statements (those before the one that failed have sent their rows), nor where its columns are not
known: a function can raise any error, at any row. Known gap: a view can hide such a function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.activity import Verdict

if TYPE_CHECKING:
    from streamguard.activity import Activity

_MYSQL: Final = ("mysql.", "mariadb.", "percona.", "aws.das")
"""Sources that log the error numbers of MySQL and MariaDB."""

_SQLSTATE: Final = ("postgresql.", "redshift.", "aws.das", "teleport", "snowflake", "bigquery", "databricks.")
"""Sources that log SQLSTATEs, and the adapters that say their own errors as SQLSTATEs."""

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


def after_failure(activity: Activity) -> Verdict | None:
    """Return what becomes of data that the statement would have shown; None: it did not fail, or not before it did.

    Rows that were counted did leave, whatever came after them.
    """
    if activity.error is None or activity.rows:
        return None
    # Of a text that was not logged nobody knows whether it is one statement.
    is_single = activity.statement is not None and ";" not in activity.statement
    is_clear = activity.columns_known and is_single and comes_before_any_row(activity.error, activity.source)
    return Verdict.NOT_SEEN if is_clear else Verdict.CANNOT_TELL


def comes_before_any_row(error: str, source: str) -> bool:
    """Whether a single statement with this error cannot have returned a row, if no function of it raised the error.

    Parameters
    ----------
    error
        SQLSTATE, or the error number of MySQL; anything else says nothing.
    source
        Name of the adapter: whose terms the error is in.

    Examples
    --------
    >>> comes_before_any_row("1222", "mysql.slow"), comes_before_any_row("1222", "sqlserver.audit")
    (True, False)
    """
    if error in _MYSQL_BEFORE_ANY_ROW:
        return source.startswith(_MYSQL)
    is_state = len(error) == 5 and error.isalnum() and error[:2] in _BEFORE_ANY_ROW
    return is_state and source.startswith(_SQLSTATE)
