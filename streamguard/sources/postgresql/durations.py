"""Entries of PostgreSQL's own log that tell how long something ran.

* ``duration: X ms  statement: T``, ``... execute NAME: T`` and ``... execute fetch from NAME: T`` of
  ``log_min_duration_statement``: text and time, no rows. Entries of parsing and binding tell nothing more.
* ``duration: X ms  plan:`` of auto_explain: text and, with ``auto_explain.log_analyze``, rows; see `read_plan`.

A cursor's plan comes when the cursor is closed, behind its FETCHes. By then its DECLARE has left, uncounted and
without bound, so the plan stands for itself, with the true count: rows are counted once.

Known gap: ``duration: X ms`` without a text (``log_duration``, or after ``log_statement``) cannot be told apart from
that of another statement, and is ignored.
Source: PostgreSQL documentation, sections 20.8 and F.4; the order of entries was measured on PostgreSQL 15.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from streamguard.activity import Activity, RowsQuality
from streamguard.sources.counts import IN_ONE_ROW, believe
from streamguard.sources.parts import DURATION, FETCH, PLAN
from streamguard.sources.postgresql.entry import NAMED, WITHOUT_DATA, activity_of, executed_by, told_of
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

_DURATION: Final = "duration: "
_MILLISECONDS: Final = " ms  "
_LONGEST: Final = 24
"""Characters of a number of milliseconds and `_MILLISECONDS`, at most."""
_UNNAMED: Final = "execute <unnamed>: "
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
        statement = self.statement
        rows, quality = believe(None, None, statement.verb, statement.export)
        return told_of(
            statement,
            self.user,
            self.connection,
            self.context,
            part=DURATION,
            rows=rows,
            quality=quality,
            complete=True,
            duration_ms=self.duration_ms,
        )


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
        return _read_last(executed_by(rest[11:], detail), session, context, duration_ms)
    if rest.startswith(_UNNAMED):
        # Nearly all of the extended protocol; what follows would find the same.
        return activity_of(rest[len(_UNNAMED) :], session, context, DURATION, duration_ms=duration_ms)
    if rest.startswith("plan:"):
        return _read_plan(rest[5:], session, duration_ms, context)
    named = NAMED.match(rest) if rest.startswith("execute ") else None
    if named is None:
        return context.ignore(IgnoredReason.DURATION)
    part = DURATION if named[1] == "execute" else FETCH
    return activity_of(rest[named.end() :], session, context, part, duration_ms=duration_ms)


def _number(digits: str) -> float | None:
    """Return a plain decimal number such as ``0.114``; None if it is none."""
    is_plain = digits.isascii() and digits.replace(".", "", 1).isdigit()
    return float(digits) if is_plain else None


def _read_last(text: str, session: Connection, context: Context, duration_ms: float) -> Activity | Ignored | Timed:
    statement = context.tools.analyser.analyse(text, DIALECT)
    if statement.verb in WITHOUT_DATA:
        return context.ignore(IgnoredReason.DURATION)
    user = known(session.user)
    if user is None:
        return without_user(session, context)
    return _TimedEntry(statement, user, session, context, duration_ms)


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
    return told_of(
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
