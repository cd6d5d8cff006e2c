"""The message of PostgreSQL's pgaudit extension, shared by every carrier of the server log.

``AUDIT: `` and one CSV row of nine fields, ten with ``pgaudit.log_rows``: AUDIT_TYPE, STATEMENT_ID, SUBSTATEMENT_ID,
CLASS, COMMAND, OBJECT_TYPE, OBJECT_NAME, STATEMENT, PARAMETER[, ROWS].
Source: pgaudit README, section "Format". The behaviour of ROWS was measured on pgaudit 1.7; see `count_rows`.

One line becomes one activity. A statement over several relations writes several lines with the same
``statement_key``; `streamguard.sources.assemble` joins them. With AUDIT_TYPE ``SESSION`` every relation has its line;
with ``OBJECT`` those alone that the role of ``pgaudit.role`` may read, so the text's tables count besides.

Known gaps: bind parameters (PARAMETER) are personal data; only those compared with an identifying column are read, and
leave as keyed hashes. A superuser's ``RAISE LOG 'AUDIT: ...'``
is indistinguishable from a true audit line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from streamguard.activity import Activity, Ignored, RowsQuality
from streamguard.sources.csvrow import split_row
from streamguard.sources.fields import row_count
from streamguard.sources.naming import with_text
from streamguard.sources.postgresql.bindvalues import bind_values
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason
from streamguard.sources.statement import Statement
from streamguard.sources.told import IN_ONE_ROW

if TYPE_CHECKING:
    from streamguard.sources.context import Context

AUDIT = "AUDIT: "
"""How a message of pgaudit begins."""

DIALECT = "postgres"

# "UNKNOWN" is what pgaudit 1.x calls the kinds it has no name for, among them partitioned tables.
_RELATIONS = frozenset(
    {"TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE", "PARTITIONED TABLE", "TOAST TABLE", "UNKNOWN"}
)
_NOT_SQL = frozenset({"", "<not logged>", "<previously logged>"})
_NO_VALUES = _NOT_SQL | {"<none>"}
_UNKNOWN = "[unknown]"
_SPECIAL = re.compile(r'["\n\r]')

# ri_triggers.c of PostgreSQL: one line for every row that the owner of a table inserts. Strict to the last character,
# because whoever could smuggle text through here could hide a read; what matches returns the constant 1 and no value,
# whoever ran it. SUBSTATEMENT_ID is no help: with log_rows a check ends, and is numbered, before its INSERT.
FOREIGN_KEY_CHECK = re.compile(
    r'SELECT 1 FROM (?:ONLY )?(?:"(?:[^"]|"")+"\.)?"(?:[^"]|"")+" x'
    r'(?: (?:WHERE|AND) "(?:[^"]|"")+"(?:::[\w."]+)? OPERATOR\([\w."]+\.[^\s\w()]+\) \$\d+(?:::[\w."]+)?)+'
    r" FOR KEY SHARE OF x"
)
"""The query by which PostgreSQL checks a foreign key: it tells nobody anything."""

_PREPARE_HEAD = re.compile(r"\s*PREPARE\s+[\w$\"]{1,128}\s*(?:\([^()']{0,1024}\)\s*)?AS\s+", re.IGNORECASE)

_NOT_LOGGED = Statement(
    text="", fingerprint="", verb="UNKNOWN", export=None, tables=(), columns=(), columns_known=False, parsed=False
)
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
    fields = _split_plain(message)
    return fields or checked(split_row(message[len(AUDIT) :], RejectedReason.MALFORMED_AUDIT))


def _split_plain(message: str) -> list[str] | None:
    """Split a row with ROWS and without parameters, the usual one; None: it needs a reader of CSV.

    What stands behind the last but one comma is then ``<none>`` or ``<not logged>``, so only STATEMENT can hold a
    comma between the seventh and that one. Three times as fast as a reader of CSV, with the same result.
    """
    fields = message.split(",", 7)
    tail = fields[-1].rsplit(",", 2)
    if len(fields) != 8 or len(tail) != 3 or tail[1] not in {"<none>", "<not logged>"} or not tail[2].isdecimal():
        return None
    statement = _unquoted(tail[0])
    if statement is None or _SPECIAL.search(message, 0, len(message) - len(fields[7])) is not None:
        return None
    fields[7:] = (statement, tail[1], tail[2])
    fields[0] = fields[0][len(AUDIT) :]
    return fields


def _unquoted(field: str) -> str | None:
    """Return the content of a field of CSV that may be quoted; None if its quotes are not plainly well-formed."""
    if '"' not in field:
        return None if "," in field or "\n" in field or "\r" in field else field
    content = field[1:-1]
    if len(field) < 2 or field[0] != '"' or field[-1] != '"':
        return None
    if '"' not in content:
        return content
    halved = content.replace('""', "\0")
    return None if '"' in halved or "\0" in content else halved.replace("\0", '"')


def checked(fields: list[str]) -> list[str]:
    """Return the fields of a row if they can be pgaudit's.

    Raises
    ------
    Refusal
        ``malformed_audit``, when there are not nine or ten.
    """
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
    audit_type, statement_id, substatement_id, audit_class, command, object_type, object_name, text, parameter = fields[
        :9
    ]
    if not (statement_id.isdigit() and substatement_id.isdigit()):
        raise Refusal(RejectedReason.MALFORMED_AUDIT, "a pgaudit row numbers its statement and substatement")
    user = session.user
    if not user or user == _UNKNOWN:
        return without_user(session, context)
    if text.startswith("SELECT 1 FROM ") and FOREIGN_KEY_CHECK.fullmatch(text):
        return context.ignore(IgnoredReason.FOREIGN_KEY_CHECK)
    statement = _NOT_LOGGED if text in _NOT_SQL else _analyse(text, command, parameter, context)
    rows = row_count(fields[9]) if len(fields) == 10 else None
    if command == "SELECT":
        rows, quality = _count_read(rows, statement)
    else:
        rows, quality = count_rows(audit_class, command, rows, statement)
    connection = session.session or connection_of(session)
    is_relation = object_name and object_type.upper() in _RELATIONS
    return Activity(
        origin=context.origin,
        time_ms=context.moment(session.time),
        source=session.source,
        user=user,
        statement_key=f"{context.instance or ''}/{connection}/{statement_id}" if connection else str(context.origin),
        instance=context.instance,
        database=known(session.database),
        client=known(session.client),
        application=known(session.application),
        session=connection,
        comment=statement.comment,
        verb=statement.verb if statement.verb != "UNKNOWN" else command,
        export=statement.export,
        statement=statement.text or None,
        fingerprint=statement.fingerprint or None,
        tables=_tables(audit_type, _relation(object_name), statement) if is_relation else statement.tables,
        columns=statement.columns,
        columns_known=statement.columns_known,
        filters=statement.filters,
        subjects=statement.subjects,
        scope=statement.scope,
        rows_at_most=statement.rows_at_most,
        slice=statement.slice,
        rows=rows,
        rows_quality=quality,
        produced_ms=context.raw.timestamp_ms,
    )


def connection_of(session: Session) -> str | None:
    """Return the name of the session: its id, else its process; None where the log tells neither."""
    return session.session or (f"pid:{session.pid}" if session.pid else None)


def count_rows(
    audit_class: str, command: str, rows: int | None, statement: Statement
) -> tuple[int | None, RowsQuality]:
    """Return what ROWS is worth; a zero that does not mean zero becomes None.

    Measured on pgaudit 1.7 with PostgreSQL 15: SELECT lines are exact, also through portals and with every relation of
    a join; COPY, cursors and utility commands write 0 whatever they move; INSERT, UPDATE and DELETE count the rows
    they touch. A locking read needs the permission to update; should a version log it as UPDATE, its rows still reach
    the client, so the statement's own verb decides. Rows that EXPLAIN ANALYZE runs through do not leave; what
    ``string_agg`` and the like put into one row does, uncounted.

    Parameters
    ----------
    audit_class, command
        CLASS and COMMAND of the row.
    rows
        ROWS of the row, None without ``pgaudit.log_rows``.
    statement
        The analysed text.
    """
    export = statement.export
    if command == "COPY" and audit_class == "WRITE" and export is None:
        return (rows, RowsQuality.AFFECTED) if rows else (None, RowsQuality.UNKNOWN)
    if command in _UNCOUNTED:
        return (rows, RowsQuality.EXACT) if rows else (None, RowsQuality.UNBOUNDED)
    if command == "SELECT":
        return _count_read(rows, statement)
    if command in _WRITES:
        if rows is None:
            return None, RowsQuality.UNKNOWN
        return rows, RowsQuality.EXACT if statement.verb in _READ_VERBS else RowsQuality.AFFECTED
    return None, RowsQuality.UNKNOWN if export is None else RowsQuality.UNBOUNDED


def _count_read(rows: int | None, statement: Statement) -> tuple[int | None, RowsQuality]:
    export = statement.export
    if rows is None or export in IN_ONE_ROW:
        return None, RowsQuality.UNKNOWN if export is None else RowsQuality.UNBOUNDED
    if statement.verb == "EXPLAIN":
        return None, RowsQuality.UNKNOWN
    return rows, RowsQuality.PRODUCED if export == "create_table_as" else RowsQuality.EXACT


def executed(text: str) -> str:
    """Return the statement that runs when a prepared one is executed: logs show its PREPARE.

    Examples
    --------
    >>> executed("PREPARE p(int) AS select email from customers where id = $1")
    'select email from customers where id = $1'
    """
    head = _PREPARE_HEAD.match(text) if text[:8].lstrip()[:1] in {"p", "P"} else None
    return text if head is None else text[head.end() :]


def _analyse(text: str, command: str, parameter: str, context: Context) -> Statement:
    if command != "PREPARE":
        text = executed(text)
    analyser = context.tools.analyser
    statement = analyser.analyse(text, DIALECT)
    if statement.takes_values and parameter not in _NO_VALUES:
        statement = analyser.analyse(text, DIALECT, bind_values(parameter))
    # The text of EXECUTE says nothing of what runs; another line of the statement does.
    return statement if statement.verb != "EXECUTE" else _NOT_LOGGED


def without_user(session: Session, context: Context) -> Ignored:
    """Return the outcome of an entry that names no user.

    Raises
    ------
    Refusal
        ``missing_user``, when the carrier has no place for the user at all.
    """
    if session.names_user:
        # Background workers and the hosting service's own health checks run as nobody.
        return context.ignore(IgnoredReason.NO_USER)
    raise Refusal(
        RejectedReason.MISSING_USER,
        "the line names no user: put %u@%d (and %c, %h, %a) into log_line_prefix, or use jsonlog or csvlog",
    )


def known(text: str | None) -> str | None:
    """Return what the log names, None where it says that it does not know."""
    return text if text and text != _UNKNOWN else None


def _tables(audit_type: str, relation: str, statement: Statement) -> tuple[str, ...]:
    return (relation,) if audit_type == "SESSION" else with_text(relation, statement.tables)


def _relation(name: str) -> str:
    """Return ``schema.table`` in lower case, without the quotes that PostgreSQL puts around unusual names."""
    if '"' in name:
        name = name.replace('""', "\0").replace('"', "").replace("\0", '"')
    return name.lower()
