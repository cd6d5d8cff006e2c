"""One entry of a PostgreSQL server log, alike for every carrier, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.sources.postgresql.auditrow import AUDIT, split_audit
from streamguard.sources.postgresql.durations import read_duration
from streamguard.sources.postgresql.entry import read_failure, read_statement
from streamguard.sources.postgresql.pgaudit import read_audit
from streamguard.sources.reasons import IgnoredReason
from streamguard.sources.timed import Timed, settled

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context
    from streamguard.sources.postgresql.session import Connection, ServerLine

FAILURES: Final = frozenset({"ERROR", "FATAL", "PANIC"})
"""Severities of entries that end a statement."""

TELLING: Final[tuple[str, ...]] = (AUDIT, "duration: ", "statement: ", "execute ")
"""How the messages of entries begin that tell of a statement."""

_DETAILS: Final = frozenset({"DETAIL", "HINT", "QUERY", "CONTEXT", "LOCATION", "STATEMENT", "BACKTRACE"})
_BY_BEGINNING: Final[tuple[tuple[str, IgnoredReason], ...]] = (
    ("connection ", IgnoredReason.CONNECTION),
    ("disconnection: ", IgnoredReason.DISCONNECTION),
    ("checkpoint ", IgnoredReason.CHECKPOINT),
    ("restartpoint ", IgnoredReason.CHECKPOINT),
    ("automatic ", IgnoredReason.MAINTENANCE),
    ("received replication command: ", IgnoredReason.REPLICATION),
)


def read_line(line: ServerLine, context: Context) -> Activity | Ignored:
    """Return the activity of an entry that tells of a statement, or why another entry is ignored.

    Raises
    ------
    Refusal
        When an entry that tells of a statement cannot be read.
    """
    return settled(
        read_entry(line.severity, line.message, line.session, context, line.statement, line.sqlstate, line.detail)
    )


def read_entry(  # noqa: PLR0917 -- carriers that write one entry per statement spare the record
    severity: str,
    message: str,
    session: Connection,
    context: Context,
    statement: str | None = None,
    sqlstate: str | None = None,
    detail: str | None = None,
) -> Activity | Ignored | Timed:
    """Return what `read_line` does, for the members of a `ServerLine`.

    Raises
    ------
    Refusal
        As `read_line`.
    """
    if severity not in FAILURES and message.startswith(AUDIT):
        return read_audit(split_audit(message), session, context)
    if severity == "LOG":
        if message.startswith("duration: "):
            return read_duration(message, session, detail, context)
        if message.startswith(("statement: ", "execute ")):
            return read_statement(message, session, detail, context)
    elif severity in FAILURES and statement:
        return read_failure(statement, session, sqlstate, context)
    elif severity == "STATEMENT":
        # Plain lines put the statement of a failure into an entry of its own.
        return read_failure(message, session, sqlstate, context)
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
