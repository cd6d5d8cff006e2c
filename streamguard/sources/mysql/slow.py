"""The slow log of MariaDB, MySQL and Percona Server: one entry of several lines is one statement, with its rows.

    # User@Host: ann[ann] @ localhost [10.0.0.9]
    # Thread_id: 5  Schema: crm  QC_hit: No
    # Query_time: 0.000718  Lock_time: 0.000041  Rows_sent: 5000  Rows_examined: 5000
    # Rows_affected: 0  Bytes_sent: 206871
    SET timestamp=1795320045;
    select * from v_contact;

With ``long_query_time=0`` it is the only log of the family that counts rows and bytes (MySQL and Percona Server:
``log_slow_extra=ON``, ``log_slow_verbosity=full``). It names the tables of the text only, and no server: the name
comes from what ships it. It repeats passwords in clear, which the analysis of statements removes.

An entry joins the server_audit lines of its statement on the same topic by connection and fingerprint (``part``).

Known gaps: statements inside a stored procedure (logged only with an empty ``log_slow_disabled_statements``) name its
definer instead of the caller, unless the server_audit line is there to join. Who may run ``SET timestamp`` chooses the
time of an entry where no ``# Time:`` line with a time zone stands before it (MariaDB writes none); a time that cannot
be true is replaced by Kafka's. Text is written as it came, so a statement with a line ``# User@Host: ...`` in it looks
like two entries in a file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from streamguard.sources.mysql.fields import (
    DIALECT,
    account_of,
    bytes_out,
    count_rows,
    failure_of,
    milliseconds,
    qualified,
    statement_of,
    whole_number,
)
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason
from streamguard.sources.told import Told, activity_of

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "mysql.slow"

PART = "slow"
"""A statement has one entry at most, and perhaps other records beside it."""

_BEGINS = ("# Time: ", "# User@Host: ")
_FIELD = re.compile(r"\b([A-Z]\w{1,30}): (\S*)")
_CONNECTION_ID = re.compile(r"\] +Id: +(\d{1,20})")
_ZONED = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]{8,15}(?:Z|[+-]\d\d:\d\d)")
_TIMESTAMP = re.compile(r"SET (?:last_insert_id=\d{1,20},)?(?:insert_id=\d{1,20},)?timestamp=(\d{1,15})(?:\.\d{1,9})?;")
_USE = re.compile(r"^use (`[^`\n]{1,64}`|[^;\s]{1,64});", re.MULTILINE)
_COMMAND = re.compile(r"# administrator command: [\w ]{1,40};?")
_SERVER_START = re.compile(
    r"\S{1,255}, Version: [^\n]{1,300}started with:|Tcp port: \d{1,5}\s+Unix socket:|Time\s+Id\s+Command\s+Argument"
)


def read(text: str, context: Context) -> Activity | Ignored | None:
    """Read one entry; None if it is of another format.

    Raises
    ------
    Refusal
        ``malformed_audit`` or ``missing_user``, when the entry has no statement or no user; as `activity_of`.
    """
    if not text.startswith(_BEGINS):
        return context.ignore(IgnoredReason.SERVER_LOG) if _SERVER_START.match(text) else None
    head, seconds, sql = _split(text)
    if _COMMAND.fullmatch(sql):
        return context.ignore(IgnoredReason.ADMINISTRATION)
    lines = head.split("\n")
    line = next((line for line in lines if line.startswith(_BEGINS[1])), None)
    if line is None:
        raise Refusal(RejectedReason.MISSING_USER, "the entry of the slow log has no line of its user")
    # A name may hold anything, so the fields are looked for on the other lines, and the first one counts.
    lines.remove(line)
    fields: dict[str, str] = {}
    for name, value in _FIELD.findall("\n".join(lines)):
        fields.setdefault(name, value)
    account = account_of(line[len(_BEGINS[1]) :])
    # Who logged in, as server_audit has it, not whose privileges that one borrows.
    user = account.proxy_user or account.user
    if user is None:
        return context.ignore(IgnoredReason.NO_USER)
    connection = _CONNECTION_ID.search(line)
    thread = fields.get("Thread_id") or (connection[1] if connection else None)
    used = _USE.search(head)
    database = fields.get("Schema") or (used[1].strip("`") if used else None)
    statement = statement_of(sql, context)
    bytes_sent = whole_number(fields.get("Bytes_sent"))
    time = _time(fields.get("Time"), seconds, context)
    rows, quality = count_rows(statement, fields.get("Rows_sent"), fields.get("Rows_affected"), bytes_sent)
    told = Told(
        source=NAME,
        dialect=DIALECT,
        user=user,
        client=account.client,
        time=time,
        key=f"{PART}/{thread}/{seconds}/{statement.fingerprint}" if thread else None,
        part=PART,
        text=sql,
        tables=qualified(statement, database),
        rows=rows,
        rows_quality=quality,
        bytes=bytes_out(statement, bytes_sent),
        duration_ms=milliseconds(fields.get("Query_time")),
        error=_error(fields, rows),
        database=database,
        session=thread,
    )
    activity = activity_of(told, context)
    return activity if time is not None else msgspec.structs.replace(activity, time_borrowed=True)


def _split(text: str) -> tuple[str, int, str]:
    """Return the lines of comments, the seconds of ``SET timestamp`` and the statement."""
    position = 0
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        line = text[position:end].rstrip("\r")
        match = _TIMESTAMP.fullmatch(line)
        if match is not None:
            sql = text[end + 1 :].strip()
            if not sql:
                break
            return text[:position], int(match[1]), sql
        if not (line.startswith("#") or (line.startswith("use ") and line.endswith(";"))):
            break
        position = end + 1
    raise Refusal(RejectedReason.MALFORMED_AUDIT, "the entry of the slow log is cut off before its statement")


def _error(fields: dict[str, str], rows: int | None) -> str | None:
    """Return the error number; Percona's Last_errno may be that of a warning, so it counts only without rows."""
    last = None if rows else fields.get("Last_errno")
    return failure_of(fields.get("Errno")) or failure_of(last) or failure_of(fields.get("Killed"))


def _time(logged: str | None, seconds: int, context: Context) -> str | int | None:
    if logged is not None and _ZONED.fullmatch(logged):
        return logged
    try:
        return context.moment(seconds * 1_000)
    except Refusal:
        # SET timestamp belongs to the client: it must not be able to make its own statement unreadable.
        return None
