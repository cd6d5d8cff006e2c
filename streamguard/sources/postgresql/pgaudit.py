"""The message of PostgreSQL's pgaudit extension, shared by every carrier of the server log.

``AUDIT: `` and one CSV row of nine fields, ten with ``pgaudit.log_rows``: AUDIT_TYPE, STATEMENT_ID, SUBSTATEMENT_ID,
CLASS, COMMAND, OBJECT_TYPE, OBJECT_NAME, STATEMENT, PARAMETER[, ROWS].
Source: pgaudit README, section "Format". The behaviour of ROWS was measured on pgaudit 1.7; see `auditcount`.

One line becomes one activity. A statement over several relations writes several lines with the same
``statement_key``; `streamguard.sources.assemble` joins them. With AUDIT_TYPE ``SESSION`` every relation has its line;
with ``OBJECT`` those alone that the role of ``pgaudit.role`` may read, so the text's tables count besides.

Known gaps: bind parameters (PARAMETER) are personal data; only those are read that are compared with an identifying
column or bound rows or ids, and leave as keyed hashes and numbers of rows. A superuser's ``RAISE LOG 'AUDIT: ...'`` is
indistinguishable from a true audit line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from streamguard.sources.fields import row_count
from streamguard.sources.naming import with_text
from streamguard.sources.postgresql.auditcount import count_read, count_rows
from streamguard.sources.postgresql.bindvalues import bind_values
from streamguard.sources.postgresql.making import make
from streamguard.sources.postgresql.session import UNKNOWN, connection_of, without_user
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason
from streamguard.sources.statement import Statement

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context
    from streamguard.sources.postgresql.session import Connection

DIALECT: Final = "postgres"

# "UNKNOWN" is what pgaudit 1.x calls the kinds it has no name for, among them partitioned tables.
_RELATIONS: Final = frozenset(
    {"TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE", "PARTITIONED TABLE", "TOAST TABLE", "UNKNOWN"}
)
_NOT_SQL: Final = frozenset({"", "<not logged>", "<previously logged>"})
_NO_VALUES: Final = _NOT_SQL | {"<none>"}

# ri_triggers.c of PostgreSQL: one line for every row that the owner of a table inserts. Strict to the last character,
# because whoever could smuggle text through here could hide a read; what matches returns the constant 1 and no value,
# whoever ran it. SUBSTATEMENT_ID is no help: with log_rows a check ends, and is numbered, before its INSERT.
FOREIGN_KEY_CHECK: Final = re.compile(
    r'SELECT 1 FROM (?:ONLY )?(?:"(?:[^"]|"")+"\.)?"(?:[^"]|"")+" x'
    r'(?: (?:WHERE|AND) "(?:[^"]|"")+"(?:::[\w."]+)? OPERATOR\([\w."]+\.[^\s\w()]+\) \$\d+(?:::[\w."]+)?)+'
    r" FOR KEY SHARE OF x"
)
"""The query by which PostgreSQL checks a foreign key: it tells nobody anything."""

_PREPARE_HEAD: Final = re.compile(r"\s*PREPARE\s+[\w$\"]{1,128}\s*(?:\([^()']{0,1024}\)\s*)?AS\s+", re.IGNORECASE)

_NOT_LOGGED: Final = Statement(
    text="", fingerprint="", verb="UNKNOWN", export=None, tables=(), columns=(), columns_known=False, parsed=False
)


def read_audit(fields: list[str], session: Connection, context: Context) -> Activity | Ignored:
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
    if not user or user == UNKNOWN:
        return without_user(session, context)
    if text.startswith("SELECT 1 FROM ") and FOREIGN_KEY_CHECK.fullmatch(text):
        return context.ignore(IgnoredReason.FOREIGN_KEY_CHECK)
    statement = _NOT_LOGGED if text in _NOT_SQL else _analyse(text, command, parameter, context)
    rows = row_count(fields[9]) if len(fields) == 10 else None
    if command == "SELECT":
        rows, quality = count_read(rows, statement)
    else:
        rows, quality = count_rows(audit_class, command, rows, statement)
    connection = session.session or connection_of(session)
    is_relation = object_name and object_type.upper() in _RELATIONS
    return make(
        context.origin,
        context.moment(session.time),
        user,
        f"{context.instance or ''}/{connection}/{statement_id}" if connection else context.key,
        context.instance,
        connection,
        context.produced_ms,
        session,
        statement,
        statement.verb if statement.verb != "UNKNOWN" else command,
        statement.text or None,
        statement.fingerprint or None,
        _tables(audit_type, _relation(object_name), statement) if is_relation else statement.tables,
        rows,
        quality,
    )


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


def _tables(audit_type: str, relation: str, statement: Statement) -> tuple[str, ...]:
    return (relation,) if audit_type == "SESSION" else with_text(relation, statement.tables)


def _relation(name: str) -> str:
    """Return ``schema.table`` in lower case, without the quotes that PostgreSQL puts around unusual names."""
    if '"' in name:
        name = name.replace('""', "\0").replace('"', "").replace("\0", '"')
    return name.lower()
