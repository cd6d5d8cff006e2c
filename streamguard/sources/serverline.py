"""One entry of a PostgreSQL server log, alike for every carrier, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamguard.sources.pgaudit import AUDIT, Session, read_audit, split_audit
from streamguard.sources.reasons import IgnoredReason

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

_FAILURES = frozenset({"ERROR", "FATAL", "PANIC"})
_DETAILS = frozenset({"DETAIL", "HINT", "QUERY", "CONTEXT", "LOCATION", "STATEMENT", "BACKTRACE"})
_BY_BEGINNING = (
    ("connection ", IgnoredReason.CONNECTION),
    ("disconnection: ", IgnoredReason.DISCONNECTION),
    ("statement: ", IgnoredReason.STATEMENT_LINE),
    ("execute ", IgnoredReason.STATEMENT_LINE),
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
        Who was connected from where; only audit entries look at it.
    """

    severity: str
    message: str
    session: Session


def read_line(line: ServerLine, context: Context) -> Activity | Ignored:
    """Return the activity of an audit entry, or why another entry is ignored.

    Raises
    ------
    Refusal
        When an audit entry cannot be read.
    """
    if is_audit(line):
        return read_audit(split_audit(line.message), line.session, context)
    return context.ignore(_reason(line.severity, line.message))


def is_audit(line: ServerLine) -> bool:
    """Whether pgaudit wrote the entry; ``pgaudit.log_level`` may be any severity below ERROR."""
    return line.message.startswith(AUDIT) and line.severity not in _FAILURES


def _reason(severity: str, message: str) -> IgnoredReason:
    if severity != "LOG":
        if severity in _FAILURES:
            return IgnoredReason.ERROR_LINE
        return IgnoredReason.DETAIL_LINE if severity in _DETAILS else IgnoredReason.SERVER_LOG
    if message.startswith("duration: "):
        return IgnoredReason.PLAN if "  plan:" in message[:48] else IgnoredReason.DURATION
    for beginning, reason in _BY_BEGINNING:
        if message.startswith(beginning):
            return reason
    return IgnoredReason.SERVER_LOG
