"""Entries of PostgreSQL's own log that tell of a statement beside pgaudit's, or where there is no pgaudit.

* ``duration: X ms  ...``: see `streamguard.sources.postgresql.durations`.
* ``statement: T`` and ``execute NAME: T`` of ``log_statement``: the text, when it begins.
* ERROR, FATAL and PANIC with the statement that failed: how many rows had left by then, nobody counted.

Each becomes an activity with a ``part`` and no key of its own; `streamguard.sources.assemble` joins it to the pgaudit
lines of the same session by its text. Statements that only control the session are ignored: nothing leaves by them.

Known gaps: a protocol-level statement name that contains ``: `` blurs where its text begins; pgaudit's lines have no
such weakness. In plain lines an ERROR is told by its STATEMENT entry: without ``%e`` in the prefix its code is not
known, and a mere notice of the server (lock waits, temporary files) that carries the statement counts as a failure too.
Source: PostgreSQL documentation, sections 20.8 and F.4; the order of entries was measured on PostgreSQL 15.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from streamguard.activity import Activity, RowsQuality
from streamguard.sources.counts import believe
from streamguard.sources.parts import DURATION, ERROR, FETCH, STATEMENT
from streamguard.sources.postgresql.making import make
from streamguard.sources.postgresql.pgaudit import DIALECT, executed
from streamguard.sources.postgresql.session import connection_of, known, without_user
from streamguard.sources.reasons import IgnoredReason

if TYPE_CHECKING:
    from streamguard.activity import Ignored
    from streamguard.sources.context import Context
    from streamguard.sources.postgresql.session import Connection
    from streamguard.sources.statement import Statement

UNCODED_FAILURE: Final = "failure"
"""The error of a statement whose SQLSTATE the log does not tell."""

NAMED: Final = re.compile(r"(execute fetch from|execute) [^\n]{1,300}?: ")
"""How the text of a prepared statement, or of a piece of its result, is introduced."""

WITHOUT_DATA: Final = frozenset(
    {"BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET", "RESET", "SHOW", "DISCARD", "DEALLOCATE",
     "CLOSE", "LISTEN", "UNLISTEN", "NOTIFY"}
)  # fmt: skip
"""Statements that only control the session."""

_SQLSTATE: Final = re.compile(r"[0-9A-Z]{5}")
_WRITES: Final = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})
_OF_PREPARE: Final = "prepare: "


def read_statement(message: str, session: Connection, detail: str | None, context: Context) -> Activity | Ignored:
    """Return the activity of an entry of ``log_statement``; parameters as of `read_duration`.

    Raises
    ------
    Refusal
        When its time is impossible, or its carrier cannot name a user.
    """
    if message.startswith("statement: "):
        return activity_of(executed_by(message[11:], detail), session, context, STATEMENT)
    named = NAMED.match(message)
    if named is None:
        return context.ignore(IgnoredReason.STATEMENT_LINE)
    part = STATEMENT if named[1] == "execute" else FETCH
    return activity_of(message[named.end() :], session, context, part)


def read_failure(text: str, session: Connection, sqlstate: str | None, context: Context) -> Activity | Ignored:
    """Return the activity of a statement that failed: some of its rows may have left.

    Parameters
    ----------
    text
        The statement.
    session
        Whose it is.
    sqlstate
        Its error code, None where the carrier does not tell it.
    context
        The record being read.

    Raises
    ------
    Refusal
        When its time is impossible, or its carrier cannot name a user.
    """
    if sqlstate is not None and sqlstate[:2] == "00":
        return context.ignore(IgnoredReason.DETAIL_LINE)  # the statement behind a mere notice
    # Only what is a code leaves: any other text in its place could be somebody's data.
    code = sqlstate if sqlstate is not None and _SQLSTATE.fullmatch(sqlstate) else UNCODED_FAILURE
    return activity_of(text, session, context, ERROR, complete=True, error=code)


def executed_by(text: str, detail: str | None) -> str:
    """Return the statement that an EXECUTE runs, where the entry's DETAIL tells it."""
    if detail is not None and detail.startswith(_OF_PREPARE):
        return executed(detail[len(_OF_PREPARE) :])
    return text


def activity_of(
    text: str,
    session: Connection,
    context: Context,
    part: str,
    *,
    complete: bool = False,
    duration_ms: float | None = None,
    error: str | None = None,
) -> Activity | Ignored:
    """Return the activity of an entry with this text, if the text can make data leave.

    Raises
    ------
    Refusal
        When its time is impossible, or its carrier cannot name a user.
    """
    statement = context.tools.analyser.analyse(text, DIALECT)
    if statement.verb in WITHOUT_DATA:
        return context.ignore(_IGNORED[part])
    user = known(session.user)
    if user is None:
        return without_user(session, context)
    rows, quality = believe(None, None, statement.verb, statement.export)
    if error is not None and statement.verb not in _WRITES:
        # The rows before the failure reached the client, and no log counts them.
        quality = RowsQuality.UNBOUNDED
    return told_of(
        statement,
        user,
        session,
        context,
        part=part,
        rows=rows,
        quality=quality,
        complete=complete,
        duration_ms=duration_ms,
        error=error,
    )


def told_of(
    statement: Statement,
    user: str,
    session: Connection,
    context: Context,
    *,
    part: str,
    rows: int | None,
    quality: RowsQuality,
    complete: bool = False,
    duration_ms: float | None = None,
    size_bytes: int | None = None,
    error: str | None = None,
) -> Activity:
    """Return the activity of an entry. Servers that log durations write one per statement: it has to be cheap."""
    return make(
        context.origin,
        context.moment(session.time),
        user,
        context.key,
        context.instance,
        session.session or connection_of(session),
        context.produced_ms,
        session,
        statement,
        statement.verb,
        statement.text,
        statement.fingerprint,
        statement.tables,
        rows,
        quality,
        part,
        complete,
        duration_ms,
        size_bytes,
        error,
    )


_IGNORED: Final = {
    DURATION: IgnoredReason.DURATION,
    FETCH: IgnoredReason.DURATION,
    STATEMENT: IgnoredReason.STATEMENT_LINE,
    ERROR: IgnoredReason.ERROR_LINE,
}
