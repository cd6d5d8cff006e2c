"""The message of PostgreSQL's pgaudit extension, shared by every carrier of the server log.

``AUDIT: `` and one CSV row of nine fields, ten with ``pgaudit.log_rows``: AUDIT_TYPE, STATEMENT_ID, SUBSTATEMENT_ID,
CLASS, COMMAND, OBJECT_TYPE, OBJECT_NAME, STATEMENT, PARAMETER[, ROWS].
Source: pgaudit README, section "Format". The behaviour of ROWS was measured on pgaudit 1.7; see `count_rows`.

One line becomes one activity. A statement over several relations writes several lines with the same
``statement_key``; `streamguard.sources.assemble` joins them.

Known gaps: bind parameters (PARAMETER) are personal data and are never read. A superuser's ``RAISE LOG 'AUDIT: ...'``
is indistinguishable from a true audit line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from streamguard.activity import Activity, Ignored, RowsQuality
from streamguard.sources.csvrow import split_row
from streamguard.sources.fields import row_count
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason

if TYPE_CHECKING:
    from streamguard.sources.context import Context
    from streamguard.sources.statement import Statement

AUDIT = "AUDIT: "
"""How a message of pgaudit begins."""

DIALECT = "postgres"

# "UNKNOWN" is what pgaudit 1.x calls the kinds it has no name for, among them partitioned tables.
_RELATIONS = frozenset(
    {"TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE", "PARTITIONED TABLE", "TOAST TABLE", "UNKNOWN"}
)
_NOT_SQL = frozenset({"", "<not logged>", "<previously logged>"})
_UNKNOWN = "[unknown]"

# ri_triggers.c of PostgreSQL: one line for every row that the owner of a table inserts. Strict to the last character,
# because whoever could smuggle text through here could hide a read; what matches returns the constant 1 and no value,
# whoever ran it. SUBSTATEMENT_ID is no help: with log_rows a check ends, and is numbered, before its INSERT.
_FOREIGN_KEY_CHECK = re.compile(
    r'SELECT 1 FROM (?:ONLY )?(?:"(?:[^"]|"")+"\.)?"(?:[^"]|"")+" x'
    r'(?: (?:WHERE|AND) "(?:[^"]|"")+"(?:::[\w."]+)? OPERATOR\([\w."]+\.[^\s\w()]+\) \$\d+(?:::[\w."]+)?)+'
    r" FOR KEY SHARE OF x"
)
_PREPARE_HEAD = re.compile(r"\s*PREPARE\s+[\w$\"]{1,128}\s*(?:\([^()']{0,1024}\)\s*)?AS\s+", re.IGNORECASE)

_UNCOUNTED = frozenset({"COPY", "DECLARE CURSOR", "FETCH"})
_WRITES = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})
_READ_VERBS = frozenset({"SELECT", "VALUES"})


class Session(msgspec.Struct, frozen=True, gc=False):
    """The connection that a log entry belongs to, as its carrier tells it; None where it tells nothing.

    Parameters
    ----------
    source
        Name of the adapter that read the carrier.
    time
        The text of the log, or milliseconds since 1970 UTC.
    user, database, client, application
        As logged; ``[unknown]`` and empty texts count as nothing.
    session
        Session id, ``%c`` of PostgreSQL: start time and process id, hexadecimal.
    pid
        Process id, decimal; stands in for the session where there is none.
    names_user
        Whether the carrier has a place for the user at all.
    """

    source: str
    time: str | int | None
    user: str | None
    database: str | None = None
    client: str | None = None
    application: str | None = None
    session: str | None = None
    pid: str | None = None
    names_user: bool = True


def split_audit(message: str) -> list[str]:
    """Return the nine or ten fields of a message that begins with ``AUDIT: ``.

    Raises
    ------
    Refusal
        ``malformed_audit``, when the row is cut off or has another number of fields.
    """
    fields = split_row(message[len(AUDIT) :], RejectedReason.MALFORMED_AUDIT)
    if not 9 <= len(fields) <= 10:
        raise Refusal(
            RejectedReason.MALFORMED_AUDIT, "a pgaudit row has 9 or 10 fields; this one was cut off or altered"
        )
    return fields


def read_audit(fields: list[str], session: Session, context: Context) -> Activity | Ignored:
    """Return the activity of one audit row.

    Parameters
    ----------
    fields
        The nine or ten fields of pgaudit.
    session
        The connection that the row belongs to.
    context
        The record being read.

    Raises
    ------
    Refusal
        When the row has no statement number, an impossible count or time, or its carrier cannot name a user.
    """
    _, statement_id, substatement_id, audit_class, command, object_type, object_name, text = fields[:8]
    if not (statement_id.isdigit() and substatement_id.isdigit()):
        raise Refusal(RejectedReason.MALFORMED_AUDIT, "a pgaudit row numbers its statement and substatement")
    user = _known(session.user)
    if user is None:
        return _without_user(session, context)
    if text.startswith("SELECT 1 FROM ") and _FOREIGN_KEY_CHECK.fullmatch(text):
        return context.ignore(IgnoredReason.FOREIGN_KEY_CHECK)
    statement = None if text in _NOT_SQL else _analyse(text, command, context)
    verb = statement.verb if statement is not None and statement.verb != "UNKNOWN" else command
    rows, quality = count_rows(audit_class, command, row_count(fields[9]) if len(fields) == 10 else None, statement)
    connection = session.session or (f"pid:{session.pid}" if session.pid else None)
    if object_name and object_type.upper() in _RELATIONS:
        tables: tuple[str, ...] = (_relation(object_name),)
    else:
        tables = statement.tables if statement is not None else ()
    return Activity(
        origin=context.origin,
        time_ms=context.moment(session.time),
        source=session.source,
        user=user,
        statement_key=f"{context.instance or ''}/{connection}/{statement_id}" if connection else str(context.origin),
        instance=context.instance,
        database=_known(session.database),
        client=_known(session.client),
        application=_known(session.application),
        session=connection,
        verb=verb,
        export=statement.export if statement is not None else None,
        statement=statement.text if statement is not None else None,
        fingerprint=statement.fingerprint if statement is not None else None,
        tables=tables,
        columns=statement.columns if statement is not None else (),
        columns_known=statement is not None and statement.columns_known,
        rows=rows,
        rows_quality=quality,
        produced_ms=context.raw.timestamp_ms,
    )


def count_rows(
    audit_class: str, command: str, rows: int | None, statement: Statement | None
) -> tuple[int | None, RowsQuality]:
    """Return what ROWS is worth; a zero that does not mean zero becomes None.

    Measured on pgaudit 1.7 with PostgreSQL 15: SELECT lines are exact, also through portals and with every relation of
    a join; COPY, cursors and utility commands write 0 whatever they move; INSERT, UPDATE and DELETE count the rows
    they touch. A locking read needs the permission to update; should a version log it as UPDATE, its rows still reach
    the client, so the statement's own verb decides.

    Parameters
    ----------
    audit_class, command
        CLASS and COMMAND of the row.
    rows
        ROWS of the row, None without ``pgaudit.log_rows``.
    statement
        The analysed text, None where it was not logged.
    """
    export = statement.export if statement is not None else None
    if command == "COPY" and audit_class == "WRITE" and export is None:
        return (rows, RowsQuality.AFFECTED) if rows else (None, RowsQuality.UNKNOWN)
    if command in _UNCOUNTED:
        return (rows, RowsQuality.EXACT) if rows else (None, RowsQuality.UNBOUNDED)
    if command == "SELECT":
        return rows, RowsQuality.UNKNOWN if rows is None else RowsQuality.EXACT
    if command in _WRITES:
        if rows is None:
            return None, RowsQuality.UNKNOWN
        is_read = statement is not None and statement.verb in _READ_VERBS
        return rows, RowsQuality.EXACT if is_read else RowsQuality.AFFECTED
    return None, RowsQuality.UNKNOWN if export is None else RowsQuality.UNBOUNDED


def _analyse(text: str, command: str, context: Context) -> Statement:
    if command != "PREPARE":
        # EXECUTE is logged with the text of its PREPARE; what runs is the statement inside.
        head = _PREPARE_HEAD.match(text) if text[:8].lstrip()[:1] in {"p", "P"} else None
        if head is not None:
            text = text[head.end() :]
    return context.tools.analyser.analyse(text, DIALECT)


def _without_user(session: Session, context: Context) -> Ignored:
    if session.names_user:
        # Background workers and the hosting service's own health checks run as nobody.
        return context.ignore(IgnoredReason.NO_USER)
    raise Refusal(
        RejectedReason.MISSING_USER,
        "the line names no user: put %u@%d (and %c, %h, %a) into log_line_prefix, or use jsonlog or csvlog",
    )


def _known(text: str | None) -> str | None:
    return text if text and text != _UNKNOWN else None


def _relation(name: str) -> str:
    """Return ``schema.table`` in lower case, without the quotes that PostgreSQL puts around unusual names."""
    if '"' in name:
        name = name.replace('""', "\0").replace('"', "").replace("\0", '"')
    return name.lower()
