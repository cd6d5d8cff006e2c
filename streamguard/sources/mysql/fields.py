"""What the audit formats of MySQL, MariaDB, Percona Server and their clouds have in common."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from streamguard.activity import RowsQuality
from streamguard.sources.fields import MAX_ROWS
from streamguard.sources.naming import MAX_QUALIFIER_CHARACTERS

if TYPE_CHECKING:
    from streamguard.sources.context import Context
    from streamguard.sources.statement import Statement

DIALECT = "mysql"

ANONYMOUS = "''"
"""How MySQL writes the account without a name, which anybody may log in to where it exists."""

_ACCOUNT = re.compile(r"([^\[\n]{0,256})\[([^\]\n]{0,256})\] @ ([^\[\n]{0,256})\[([^\]\n]{0,64})\]")
_HANDLER = re.compile(r"handler ((?:`[^`]{1,64}`|[\w$]{1,64})(?: ?\. ?(?:`[^`]{1,64}`|[\w$]{1,64}))?) ")
_ZONE = re.compile(r"(?:Z|UTC|[+-]\d\d:?\d\d)\Z")
_WRITES = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE", "LOAD", "CREATE TABLE AS"})
_READS = frozenset({"SELECT", "VALUES", "SHOW", "EXPLAIN"})
_SILENT = frozenset({"PREPARE"})
"""Commands that return and write nothing, whatever text they carry: a true 0."""
_ELSEWHERE = frozenset({"outfile", "create_table_as"})
"""Exports whose rows do not go to the client, so that the bytes sent to it do not count them."""
_SMALLEST_ROW_BYTES = 5
"""A row takes a packet: four bytes of header, and at least one of content."""


class Account(NamedTuple):
    """Who is behind a session."""

    user: str | None
    """None where there is nobody: a thread of the server itself."""
    proxy_user: str | None
    client: str | None


def account_of(text: str) -> Account:
    """Return the account of MySQL's ``privileges[login] @ host [address]``, or of a bare name.

    Parameters
    ----------
    text
        The user that the privileges are of, in brackets the one who logged in, the host name, the address; any of
        them may be empty.

    Examples
    --------
    >>> account_of("app[ann] @ localhost [10.0.0.9]")
    Account(user='app', proxy_user='ann', client='10.0.0.9')
    """
    match = _ACCOUNT.match(text)
    if match is None:
        return Account(text.partition("[")[0].strip() or None, None, None)
    privileges, login, host, address = (part.strip() for part in match.groups())
    client = address or host or None
    user = privileges or login or (ANONYMOUS if client is not None else None)
    return Account(user, login if login and login != user else None, client)


def utc_time(text: str) -> str:
    """Return a logged time with its zone: MySQL's audit logs are in UTC and may not say so."""
    return text if _ZONE.search(text) else f"{text} UTC"


def failure_of(code: object) -> str | None:
    """Return the error number of a statement as text; None if it succeeded or the log does not say."""
    if type(code) is int:
        return str(code) if code else None
    return code if type(code) is str and code.isdigit() and code.strip("0") else None


def statement_of(text: str, context: Context) -> Statement:
    """Return the analysis of a text; `activity_of` finds it in the cache."""
    return context.tools.analyser.analyse(text, DIALECT)


def qualified(statement: Statement, database: str | None) -> tuple[str, ...]:
    """Return the tables of a text, the session's database before those that are named without one."""
    tables = statement.tables
    if statement.verb == "HANDLER" and not tables:
        match = _HANDLER.match(statement.text)
        tables = () if match is None else (re.sub(r"[` ]", "", match[1]),)
    real = tuple(table for table in tables if table != "dual")
    if not database:
        return real
    schema = database[:MAX_QUALIFIER_CHARACTERS].lower()
    return tuple(table if "." in table else f"{schema}.{table}" for table in real)


def tables_of(statement: Statement | None, database: str | None, table: str | None) -> tuple[str, ...] | None:
    """Return the table that an event of access names, else those of the text; None if there is neither.

    Parameters
    ----------
    statement
        The analysed text.
    database
        Of the table, or of the session.
    table
        As logged; None: the event is not of a table.
    """
    if database and table:
        return (f"{database}.{table}".lower(),)
    return None if statement is None else qualified(statement, database)


def milliseconds(seconds: object) -> float | None:
    """Return a duration given in seconds, as a number or its digits; None for what is none, without complaint."""
    if type(seconds) is str and re.fullmatch(r"\d{1,12}(?:\.\d{1,12})?", seconds):
        seconds = float(seconds)
    return round(seconds * 1_000, 3) if isinstance(seconds, (int, float)) and seconds >= 0 else None


def whole_number(value: object) -> int | None:
    """Return a count of bytes or rows; None for what is none, without complaint."""
    if type(value) is str and value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    return value if type(value) is int and 0 <= value < 2**63 else None


def count_rows(
    statement: Statement | None, sent: object, affected: object = None, bytes_sent: int | None = None
) -> tuple[int | None, RowsQuality | None]:
    """Return what the row counts of the slow log and of query statistics are worth, ready for `Told`.

    Measured on MariaDB 10.11: exact for SELECT (also of views, joins, prepared and INTO OUTFILE) and for all result
    sets of CALL together; HANDLER READ counts 0 whatever it sends; ANALYZE counts the rows it threw away; n rows with
    a stored function that reads a table count as 2**n - 1. DO and SET count 0 though they may put what they read into
    a variable. INSERT ... SELECT and CREATE TABLE AS count as affected. A count that cannot be is not counted, rather
    than refused: the statement ran.

    Parameters
    ----------
    statement
        The analysed text.
    sent, affected
        As logged; None: not logged.
    bytes_sent
        Bytes that went to the client; None or 0: not logged (MariaDB writes 0 for EXECUTE).
    """
    verb, export = ("UNKNOWN", None) if statement is None else (statement.verb, statement.export)
    rows, written = whole_number(sent), whole_number(affected)
    if max(rows or 0, written or 0) > MAX_ROWS:
        return None, None
    if rows and bytes_sent and export != "outfile" and rows * _SMALLEST_ROW_BYTES > bytes_sent:
        return None, None
    if rows:
        # Only of a function that is not built in is it unknown what the result holds.
        is_doubled = rows > 1 and rows & (rows + 1) == 0 and statement is not None and not statement.columns_known
        return rows, RowsQuality.ESTIMATE if is_doubled else RowsQuality.EXACT
    if written:
        return written, RowsQuality.AFFECTED
    is_zero = (rows == 0 and verb in _READS) or (written == 0 and verb in _WRITES) or verb in _SILENT
    is_zero = is_zero or (verb == "HANDLER" and export is None)  # OPEN and CLOSE
    return (0 if is_zero else None), None


def bytes_out(statement: Statement | None, bytes_sent: int | None) -> int | None:
    """Return the bytes that left with the rows; None where they went elsewhere or were not counted."""
    if statement is not None and (statement.export in _ELSEWHERE or statement.verb in _WRITES):
        return None
    return bytes_sent or None
