"""Entries of PostgreSQL's own log that tell of a statement beside pgaudit's, or where there is no pgaudit.

* ``duration: X ms  statement: T``, ``... execute NAME: T`` and ``... execute fetch from NAME: T`` of
  ``log_min_duration_statement``: text and time, no rows. Entries of parsing and binding tell nothing more.
* ``duration: X ms  plan:`` of auto_explain: text and, with ``auto_explain.log_analyze``, rows; see `read_plan`.
* ``statement: T`` and ``execute NAME: T`` of ``log_statement``: the text, when it begins.
* ERROR, FATAL and PANIC with the statement that failed: how many rows had left by then, nobody counted.

Each becomes an activity with a ``part`` and no key of its own; `streamguard.sources.assemble` joins it to the pgaudit
lines of the same session by its text. Statements that only control the session are ignored: nothing leaves by them.

A cursor's plan comes when the cursor is closed, behind its FETCHes. By then its DECLARE has left, uncounted and
without bound, so the plan stands for itself, with the true count: rows are counted once.

Known gaps: ``duration: X ms`` without a text (``log_duration``, or after ``log_statement``) cannot be told apart from
that of another statement, and is ignored. A protocol-level statement name that contains ``: `` blurs where its text
begins; pgaudit's lines have no such weakness. In plain lines an ERROR is told by its STATEMENT entry: without ``%e``
in the prefix its code is not known, and a mere notice of the server (lock waits, temporary files) that carries the
statement counts as a failure too.
Source: PostgreSQL documentation, sections 20.8 and F.4; the order of entries was measured on PostgreSQL 15.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from streamguard.activity import Activity, RowsQuality
from streamguard.sources.counts import IN_ONE_ROW, believe
from streamguard.sources.parts import DURATION, ERROR, FETCH, PLAN, STATEMENT
from streamguard.sources.postgresql.making import make
from streamguard.sources.postgresql.pgaudit import DIALECT, FOREIGN_KEY_CHECK, executed
from streamguard.sources.postgresql.plan import read_plan
from streamguard.sources.postgresql.session import connection_of, known, without_user
from streamguard.sources.reasons import IgnoredReason
from streamguard.sources.timed import Timed

if TYPE_CHECKING:
    from streamguard.activity import Ignored
    from streamguard.sources.context import Context
    from streamguard.sources.postgresql.session import Connection
    from streamguard.sources.statement import Statement

UNCODED_FAILURE: Final = "failure"
"""The error of a statement whose SQLSTATE the log does not tell."""

_SQLSTATE: Final = re.compile(r"[0-9A-Z]{5}")
_DURATION: Final = "duration: "
_MILLISECONDS: Final = " ms  "
_LONGEST: Final = 24
"""Characters of a number of milliseconds and `_MILLISECONDS`, at most."""
_NAMED: Final = re.compile(r"(execute fetch from|execute) [^\n]{1,300}?: ")
_UNNAMED: Final = "execute <unnamed>: "
_WITHOUT_DATA: Final = frozenset(
    {"BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET", "RESET", "SHOW", "DISCARD", "DEALLOCATE",
     "CLOSE", "LISTEN", "UNLISTEN", "NOTIFY"}
)  # fmt: skip
_WRITES: Final = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})
_OF_PREPARE: Final = "prepare: "
# pgaudit's own event trigger, on the session of whoever runs DDL. It reads no table.
_EVENT_TRIGGER: Final = re.compile(
    r"SELECT pg_catalog\.upper\(object_type\),\s+object_identity,\s+pg_catalog\.upper\(command_tag\)"
    r"\s+FROM pg_catalog\.pg_event_trigger_ddl_commands\(\)"
)


class _TimedEntry(Timed):
    """An entry ``duration: X ms  statement: T``: the last one of a statement in the simple protocol."""

    __slots__ = ("connection", "context", "user")

    def __init__(
        self, statement: Statement, user: str, connection: Connection, context: Context, duration_ms: float
    ) -> None:
        super().__init__(
            context.raw[3],
            connection.source,
            context.instance,
            connection.session or connection_of(connection),
            context.moment(connection.time),
            duration_ms,
            context.produced_ms,
            statement,
        )
        self.user = user
        self.connection = connection
        self.context = context

    def activity(self) -> Activity:
        """Return what the record is if it stands for itself."""
        return _last_of(self.statement, self.user, self.connection, self.context, self.duration_ms)


def read_duration(
    message: str, session: Connection, detail: str | None, context: Context
) -> Activity | Ignored | Timed:
    """Return what an entry tells that begins with ``duration: ``.

    Parameters
    ----------
    message
        Of the entry.
    session
        Whose it is.
    detail
        Its DETAIL, where the carrier has one.
    context
        The record being read.

    Raises
    ------
    Refusal
        When its plan is cut off, its time is impossible, or its carrier cannot name a user.
    """
    end = message.find(_MILLISECONDS, len(_DURATION), len(_DURATION) + _LONGEST)
    duration_ms = _number(message[len(_DURATION) : end]) if end > 0 else None
    if duration_ms is None:
        return context.ignore(IgnoredReason.DURATION)
    rest = message[end + len(_MILLISECONDS) :]
    if rest.startswith("statement: "):
        return _read_last(_executed_by(rest[11:], detail), session, context, duration_ms)
    if rest.startswith(_UNNAMED):
        # Nearly all of the extended protocol; what follows would find the same.
        return _activity(rest[len(_UNNAMED) :], session, context, DURATION, duration_ms=duration_ms)
    if rest.startswith("plan:"):
        return _read_plan(rest[5:], session, duration_ms, context)
    named = _NAMED.match(rest) if rest.startswith("execute ") else None
    if named is None:
        return context.ignore(IgnoredReason.DURATION)
    part = DURATION if named[1] == "execute" else FETCH
    return _activity(rest[named.end() :], session, context, part, duration_ms=duration_ms)


def read_statement(message: str, session: Connection, detail: str | None, context: Context) -> Activity | Ignored:
    """Return the activity of an entry of ``log_statement``; parameters as of `read_duration`.

    Raises
    ------
    Refusal
        When its time is impossible, or its carrier cannot name a user.
    """
    if message.startswith("statement: "):
        return _activity(_executed_by(message[11:], detail), session, context, STATEMENT)
    named = _NAMED.match(message)
    if named is None:
        return context.ignore(IgnoredReason.STATEMENT_LINE)
    part = STATEMENT if named[1] == "execute" else FETCH
    return _activity(message[named.end() :], session, context, part)


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
    return _activity(text, session, context, ERROR, complete=True, error=code)


def _number(digits: str) -> float | None:
    """Return a plain decimal number such as ``0.114``; None if it is none."""
    is_plain = digits.isascii() and digits.replace(".", "", 1).isdigit()
    return float(digits) if is_plain else None


def _executed_by(text: str, detail: str | None) -> str:
    """Return the statement that an EXECUTE runs, where the entry's DETAIL tells it."""
    if detail is not None and detail.startswith(_OF_PREPARE):
        return executed(detail[len(_OF_PREPARE) :])
    return text


def _activity(
    text: str,
    session: Connection,
    context: Context,
    part: str,
    *,
    complete: bool = False,
    duration_ms: float | None = None,
    error: str | None = None,
) -> Activity | Ignored:
    statement = context.tools.analyser.analyse(text, DIALECT)
    if statement.verb in _WITHOUT_DATA:
        return context.ignore(_IGNORED[part])
    user = known(session.user)
    if user is None:
        return without_user(session, context)
    rows, quality = believe(None, None, statement.verb, statement.export)
    if error is not None and statement.verb not in _WRITES:
        # The rows before the failure reached the client, and no log counts them.
        quality = RowsQuality.UNBOUNDED
    return _told_of(
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


def _read_last(text: str, session: Connection, context: Context, duration_ms: float) -> Activity | Ignored | Timed:
    statement = context.tools.analyser.analyse(text, DIALECT)
    if statement.verb in _WITHOUT_DATA:
        return context.ignore(IgnoredReason.DURATION)
    user = known(session.user)
    if user is None:
        return without_user(session, context)
    return _TimedEntry(statement, user, session, context, duration_ms)


def _last_of(statement: Statement, user: str, session: Connection, context: Context, duration_ms: float) -> Activity:
    rows, quality = believe(None, None, statement.verb, statement.export)
    return _told_of(
        statement,
        user,
        session,
        context,
        part=DURATION,
        rows=rows,
        quality=quality,
        complete=True,
        duration_ms=duration_ms,
    )


def _read_plan(content: str, session: Connection, duration_ms: float, context: Context) -> Activity | Ignored:
    plan = read_plan(content)
    if plan is None or _EVENT_TRIGGER.fullmatch(plan.text):
        return context.ignore(IgnoredReason.PLAN)
    if FOREIGN_KEY_CHECK.fullmatch(plan.text):
        return context.ignore(IgnoredReason.FOREIGN_KEY_CHECK)
    user = known(session.user)
    if user is None:
        return without_user(session, context)
    text = executed(plan.text)
    statement = context.tools.analyser.analyse(text, DIALECT)
    rows, quality = plan.rows, plan.quality
    size_bytes = rows * plan.width_bytes if rows is not None and plan.width_bytes is not None else None
    if statement.verb == "EXPLAIN":
        rows, size_bytes = None, None  # what it ran through did not leave
    elif statement.export in IN_ONE_ROW:
        rows, quality, size_bytes = plan.inner_rows, RowsQuality.ESTIMATE, None
    rows, quality = believe(rows, quality, statement.verb, statement.export)
    return _told_of(
        statement,
        user,
        session,
        context,
        part=PLAN,
        rows=rows,
        quality=quality,
        duration_ms=duration_ms,
        size_bytes=size_bytes,
    )


def _told_of(
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
