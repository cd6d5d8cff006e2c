r"""MariaDB's server_audit plugin: one line an event, ``timestamp,serverhost,user,host,connection,query,operation,...``.

    20261122 04:00:45,vm,ann,localhost,5,17,READ,crm,customers,
    20261122 04:00:45,vm,ann,localhost,5,17,QUERY,crm,'select email from customers where region=\'eu\'',0

The lines of one statement share (serverhost, connection, query id): one line for every base table, views resolved,
then the QUERY line with the text and the error number. Statements inside a stored procedure have query ids of their
own and no table lines (the tables come from their text); those inside a function belong to the statement around it.

No line counts rows: the slow log does (`streamguard.sources.mysql.slow`), and joins where both come on one topic.
Checked on MariaDB 10.11; the format is also that of Percona's fork and of Amazon RDS.

Known gaps: the times are the server's local time and are read as UTC. Text beyond ``server_audit_query_log_limit``
(1,024 bytes unless set) is cut off without a mark: a text whose length is that of a common limit counts as cut.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from streamguard.sources.mysql.fields import ANONYMOUS, DIALECT, count_rows, failure_of, qualified, statement_of
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason
from streamguard.sources.told import Told, activity_of

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "mariadb.server_audit"

# Syslog carries the same line without the time, Aurora with another one. A user's name may hold commas; what follows
# it is strict.
_LINE = re.compile(
    r"(?:(\d{8}) (\d\d:\d\d:\d\d),)?(?!\d{16},)([^,\s']{1,255}),(.{0,160}?),([^,]{0,255}),(\d{1,20}),(\d{1,20}),"
    r"(QUERY|READ|WRITE|CREATE|ALTER|RENAME|DROP|CONNECT|DISCONNECT|FAILED_CONNECT|PROXY_CONNECT|CHANGEUSER),"
)
_TEXT = re.compile(r"([^,]{0,255}),'(.*)',(\d{0,10})", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_UNESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "0": "\0"}

_SESSION_ENDS = frozenset({"DISCONNECT"})
_SESSION_BEGINS = frozenset({"CONNECT", "FAILED_CONNECT", "PROXY_CONNECT", "CHANGEUSER"})
# The optimiser and the loader of stored routines read these for every statement; who reads them on purpose names them
# in the text.
_OWN_READS = frozenset({"mysql.table_stats", "mysql.column_stats", "mysql.index_stats", "mysql.proc"})
_SMALLEST_LIMIT_BYTES = 1_000


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line, taken apart."""

    source: str
    time: str | int | None
    host: str
    user: str
    client: str
    connection: str
    query: str
    operation: str
    rest: str


def read(text: str, context: Context) -> Activity | Ignored | None:
    """Read one line; None if it is of another format.

    Raises
    ------
    Refusal
        When it is a line of server_audit and cannot be read.
    """
    line = parse(text, NAME)
    return None if line is None else read_line(line, context)


def parse(text: str, source: str, time_ms: int | None = None) -> Line | None:
    """Take one line apart; None if it is of another format.

    Parameters
    ----------
    text
        The line, with or without its time.
    source
        Name of the adapter.
    time_ms
        Its time in milliseconds since 1970 UTC, where the line does not begin with one.
    """
    match = _LINE.match(text)
    if match is None:
        return None
    day, clock, host, user, client, connection, query, operation = match.groups()
    time = time_ms if day is None else f"{day[:4]}-{day[4:6]}-{day[6:]} {clock}.000 UTC"
    return Line(source, time, host, user, client, connection, query, operation, text[match.end() :])


def read_line(line: Line, context: Context) -> Activity | Ignored:
    """Return the outcome of one line.

    Raises
    ------
    Refusal
        ``malformed_audit``, when the part after the operation is cut off; as `activity_of`.
    """
    # A shipper's name for the server also stands at the entries of its slow log, which name none.
    context.instance = context.instance or line.host
    if line.operation in _SESSION_BEGINS:
        return context.ignore(IgnoredReason.CONNECTION)
    if line.operation in _SESSION_ENDS:
        return context.ignore(IgnoredReason.DISCONNECTION)
    if not line.user and not line.client:
        return context.ignore(IgnoredReason.NO_USER)
    return _statement(line, context) if line.operation == "QUERY" else _table(line, context)


def _statement(line: Line, context: Context) -> Activity:
    match = _TEXT.fullmatch(line.rest)
    if match is None:
        raise Refusal(RejectedReason.MALFORMED_AUDIT, "a QUERY line ends with its text in quotes and an error number")
    database, escaped, code = match.groups()
    text = _ESCAPED.sub(_unescape, escaped)
    statement = statement_of(text, context)
    rows, quality = count_rows(statement, None)
    told = msgspec.structs.replace(
        _told(line, context),
        text=text,
        tables=qualified(statement, database),
        rows=rows,
        rows_quality=quality,
        database=database or None,
        error=failure_of(code),
    )
    activity = activity_of(told, context)
    if activity.columns_known and _may_be_cut(escaped):
        return msgspec.structs.replace(activity, columns_known=False)
    return activity


def _table(line: Line, context: Context) -> Activity | Ignored:
    database, _, rest = line.rest.partition(",")
    name = rest.partition(",")[0].partition("|")[0]
    if not (database and name):
        raise Refusal(RejectedReason.MALFORMED_AUDIT, "a line of a table ends with its database and name")
    table = f"{database}.{name}".lower()
    if table in _OWN_READS and line.operation == "READ":
        return context.ignore(IgnoredReason.MAINTENANCE)
    return activity_of(msgspec.structs.replace(_told(line, context), tables=(table,), database=database), context)


def _told(line: Line, context: Context) -> Told:
    key = f"{line.connection}/{line.query}"
    return Told(
        source=line.source,
        dialect=DIALECT,
        user=line.user or ANONYMOUS,
        time=line.time,
        key=key if line.host == context.instance else f"{line.host}/{key}",
        client=line.client or None,
        session=line.connection,
    )


def _unescape(match: re.Match[str]) -> str:
    return _UNESCAPED.get(match[1], match[1])


def _may_be_cut(escaped: str) -> bool:
    """Whether a text has the length of a limit that somebody would set: a power of two, or whole thousands."""
    size = len(escaped.encode())
    if size < _SMALLEST_LIMIT_BYTES:
        return False
    # The last character that is escaped, or of several bytes, may be left out or run over.
    upper = size + 8
    power_of_two = 1 << upper.bit_length() - 1
    return min(upper % 1_000, upper - power_of_two) <= 10
