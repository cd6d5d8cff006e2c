"""One entry of a PostgreSQL server log, alike for every carrier, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamguard.sources.postgresql.auditrow import AUDIT, split_audit
from streamguard.sources.postgresql.entry import Entry, read_duration, read_failure, read_statement
from streamguard.sources.postgresql.pgaudit import read_audit
from streamguard.sources.postgresql.session import Session
from streamguard.sources.reasons import IgnoredReason

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

FAILURES = frozenset({"ERROR", "FATAL", "PANIC"})
"""Severities of entries that end a statement."""

TELLING = (AUDIT, "duration: ", "statement: ", "execute ")
"""How the messages of entries begin that tell of a statement."""

_DETAILS = frozenset({"DETAIL", "HINT", "QUERY", "CONTEXT", "LOCATION", "STATEMENT", "BACKTRACE"})
_BY_BEGINNING = (
    ("connection ", IgnoredReason.CONNECTION),
    ("disconnection: ", IgnoredReason.DISCONNECTION),
    ("checkpoint ", IgnoredReason.CHECKPOINT),
    ("restartpoint ", IgnoredReason.CHECKPOINT),
    ("automatic ", IgnoredReason.MAINTENANCE),
    ("received replication command: ", IgnoredReason.REPLICATION),
)


class ServerLine(msgspec.Struct, frozen=True, gc=False):
    """What every carrier knows of a log entry.

    Parameters
    ----------
    severity
        ``LOG``, ``ERROR``, ...
    message
        The text behind the severity.
    session
        Who was connected from where; only entries that tell of a statement look at it.
    statement
        The statement that was running, where the carrier has a place for it; only failures look at it.
    sqlstate
        Error code, where the carrier has a place for it.
    detail
        The DETAIL of the entry, where the carrier has a place for it.
    """

    severity: str
    message: str
    session: Session
    statement: str | None = None
    sqlstate: str | None = None
    detail: str | None = None


def read_line(line: ServerLine, context: Context) -> Activity | Ignored:
    """Return the activity of an entry that tells of a statement, or why another entry is ignored.

    Raises
    ------
    Refusal
        When an entry that tells of a statement cannot be read.
    """
    severity, message = line.severity, line.message
    if is_audit(line):
        return read_audit(split_audit(message), line.session, context)
    entry = Entry(message, line.session, line.detail)
    if severity == "LOG":
        if message.startswith("duration: "):
            return read_duration(entry, context)
        if message.startswith(("statement: ", "execute ")):
            return read_statement(entry, context)
    elif severity in FAILURES and line.statement:
        return read_failure(Entry(line.statement, line.session), line.sqlstate, context)
    elif severity == "STATEMENT":
        # Plain lines put the statement of a failure into an entry of its own.
        return read_failure(entry, line.sqlstate, context)
    return context.ignore(_reason(severity, message))


def is_audit(line: ServerLine) -> bool:
    """Whether pgaudit wrote the entry; ``pgaudit.log_level`` may be any severity below ERROR."""
    return line.message.startswith(AUDIT) and line.severity not in FAILURES


def _reason(severity: str, message: str) -> IgnoredReason:
    if severity != "LOG":
        if severity in FAILURES:
            return IgnoredReason.ERROR_LINE
        return IgnoredReason.DETAIL_LINE if severity in _DETAILS else IgnoredReason.SERVER_LOG
    for beginning, reason in _BY_BEGINNING:
        if message.startswith(beginning):
            return reason
    return IgnoredReason.SERVER_LOG
