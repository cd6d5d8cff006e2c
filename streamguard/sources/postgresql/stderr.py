"""PostgreSQL's plain log lines, read by the server's ``log_line_prefix``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streamguard.sources.postgresql.auditrow import AUDIT
from streamguard.sources.postgresql.prefix import SEVERITIES
from streamguard.sources.postgresql.serverline import is_audit, read_line
from streamguard.sources.postgresql.session import ServerLine, Session
from streamguard.sources.reasons import Refusal, RejectedReason

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "postgresql.stderr"

_AUDIT_ROW = re.compile(r"(?:LOG|INFO|NOTICE|WARNING|DEBUG[1-5]?): {1,2}(?:[0-9A-Z]{5}: )?AUDIT: (?:SESSION|OBJECT),")
_STATEMENT_ENTRY = re.compile(
    r"(?:LOG: {1,2}(?:[0-9A-Z]{5}: )?"
    r"(?:duration: \d+\.\d+ ms  (?:plan:|statement: |execute )|statement: |execute [^\n]{1,300}?: )|STATEMENT:  )"
)
_SERVER_LINE = re.compile(rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d.{{0,300}}?(?:{SEVERITIES}): ")


def read(text: str, context: Context) -> Activity | Ignored | None:
    """Read one entry with its continuation lines; None if it is of another format.

    Raises
    ------
    Refusal
        When it is a line of PostgreSQL and cannot be read.
    """
    line = parse(text, context, NAME)
    return None if line is None else read_line(line, context)


def parse(text: str, context: Context, source: str) -> ServerLine | None:
    """Take a line apart by the first configured prefix that fits; None if it is no line of PostgreSQL.

    Parameters
    ----------
    text
        The entry. Continuation lines begin with the tab that the server puts there.
    context
        The record being read.
    source
        Name of the adapter on whose behalf the line is read.

    Raises
    ------
    Refusal
        ``unknown_log_line_prefix``, or ``ambiguous_line`` where two audit entries share a line.
    """
    for prefix in context.tools.prefixes:
        match = prefix.match(text)
        if match is not None:
            message = text[match.end() :].replace("\n\t", "\n")
            line = ServerLine(
                match["severity"], message, _session(match, source), sqlstate=match.groupdict().get("sqlstate")
            )
            _refuse_ambiguous(line)
            return line
    if _SERVER_LINE.match(text) or _AUDIT_ROW.search(text) or text.startswith(("AUDIT: SESSION,", "AUDIT: OBJECT,")):
        raise Refusal(
            RejectedReason.UNKNOWN_LOG_LINE_PREFIX,
            "a plain line of PostgreSQL whose prefix is none of those configured: "
            "add the server's log_line_prefix to log_line_prefixes",
        )
    return None


def _refuse_ambiguous(line: ServerLine) -> None:
    """Refuse a line on which another entry that tells of a statement begins.

    Whoever sets the application name to the text of a harmless entry would otherwise hide the true one behind it.
    """
    message = line.message
    is_forged = AUDIT in message and _AUDIT_ROW.search(message)
    if is_forged or (("LOG: " in message or "STATEMENT: " in message) and _STATEMENT_ENTRY.search(message)):
        kind = "audit" if is_audit(line) else "other"
        raise Refusal(
            RejectedReason.AMBIGUOUS_LINE,
            f"a second entry seems to begin inside this ({kind}) entry: "
            "a forged application name, or two lines joined; jsonlog and csvlog cannot be forged so",
        )


def _session(match: re.Match[str], source: str) -> Session:
    found = match.groupdict()
    time: str | int | None = found.get("time")
    if time is None and found.get("epoch"):
        seconds, _, fraction = found["epoch"].partition(".")
        time = int(seconds) * 1000 + int(fraction.ljust(3, "0")[:3])
    remote = found.get("host") or found.get("remote")
    return Session(
        source=source,
        time=time,
        user=found.get("user"),
        database=found.get("database"),
        client=remote.partition("(")[0] if remote else None,
        application=found.get("application"),
        session=found.get("session"),
        pid=found.get("pid"),
        # Not in the group %q leaves out: on a server without %u the first prefix fits all the same.
        names_user=found.get("user") is not None,
    )
