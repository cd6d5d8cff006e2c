"""A log entry as its carrier tells it, and whose it is: the connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec

from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason

if TYPE_CHECKING:
    from streamguard.activity import Ignored
    from streamguard.sources.context import Context
    from streamguard.sources.postgresql.jsonentry import JsonEntry

Connection: TypeAlias = "Session | JsonEntry"
"""Whose an entry is: told apart, or by the entry itself."""

UNKNOWN = "[unknown]"
"""What the log writes of a connection that has not logged in yet."""


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


class ServerLine(msgspec.Struct, frozen=True, gc=False):
    """What every carrier knows of an entry of a PostgreSQL server log.

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
    session: Connection
    statement: str | None = None
    sqlstate: str | None = None
    detail: str | None = None


def connection_of(session: Connection) -> str | None:
    """Return the name of the session: its id, else its process; None where the log tells neither."""
    return session.session or (f"pid:{session.pid}" if session.pid not in {None, ""} else None)


def without_user(session: Connection, context: Context) -> Ignored:
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
    return text if text and text != UNKNOWN else None
