"""PostgreSQL's journal: what the server writes for one session, as records that jsonlog and csvlog have in common.

The shape follows lines that a real PostgreSQL 15 with pgaudit 1.7 wrote (``log_rows``, ``log_relation``,
``log_parameter``, ``log_connections``, ``log_min_duration_statement=0``): jsonlog's keys in jsonlog's order, and keys
without a value left out.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from streamguard.simulate.render.pgaudit import audits_of
from streamguard.simulate.schema import DATABASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.simulate.moment import Moment, OpenSession
    from streamguard.simulate.statement import Statement

_LITERAL: Final = re.compile(r"'[^']*'|\b\d+\b")
_QUOTED: Final = re.compile(r'[,"\r\n]')
_BACKENDS: Final = 96
_MOST_PIDS: Final = 4_000_000


class _When(NamedTuple):
    """What all lines of one statement, or one event of a session, have in common."""

    time_ms: int
    query_id: int = 0
    vxid: str | None = None


class Journals:
    """The journals of all sessions that are open."""

    def __init__(self) -> None:
        self._open: dict[int, SessionJournal] = {}

    def records(self, moment: Moment) -> Iterator[dict[str, Any]]:
        """Yield what the server writes of one moment."""
        if moment.statement is not None:
            yield from self._open[moment.number].run(moment.time_ms, moment.statement)
        elif moment.order == 0:
            self._open[moment.number] = SessionJournal(moment.session)
            yield from self._open[moment.number].open()
        else:
            yield from self._open.pop(moment.number).close(moment.time_ms)


class SessionJournal:
    """The records of one session, in the order in which the server writes them.

    Parameters
    ----------
    session
        Who is logged in, from where, since when; process id and port follow from its number.
    """

    def __init__(self, session: OpenSession) -> None:
        number, self._opened_ms = session.number, session.opened_ms
        self._user = session.person.employee
        self._application = session.program
        self._host = session.client
        self._pid = 1_000 + number % _MOST_PIDS
        self._port = 32_768 + number * 37 % 28_000
        self._session_id = f"{self._opened_ms // 1000:x}.{self._pid:x}"
        self._session_start = timestamp(self._opened_ms)[:19] + " UTC"
        self._slot = 3 + number % _BACKENDS
        self._transaction = 0
        self._line = 0
        self._statement = 0

    def open(self) -> Iterator[dict[str, Any]]:
        """Write the connection and who it belongs to."""
        self._line += 1
        yield {
            "timestamp": timestamp(self._opened_ms),
            "pid": self._pid,
            "remote_host": self._host,
            "remote_port": self._port,
            "session_id": self._session_id,
            "line_num": self._line,
            "ps": "",
            "session_start": self._session_start,
            "txid": 0,
            "error_severity": "LOG",
            "message": f"connection received: host={self._host} port={self._port}",
            "backend_type": "not initialized",
            "query_id": 0,
        }
        self._transaction += 1
        message = f"connection authorized: user={self._user} database={DATABASE} application_name={self._application}"
        at = _When(self._opened_ms, _query_id("connect"), f"{self._slot}/{self._transaction}")
        yield self._write(at, "authentication", message, named=False)

    def run(self, time_ms: int, statement: Statement) -> Iterator[dict[str, Any]]:
        """Write what one statement leaves: pgaudit's lines, one a relation, and how long it took."""
        self._transaction += 1
        self._statement += 1
        query_id = _query_id(_LITERAL.sub("?", statement.sql))
        at = _When(time_ms, query_id, f"{self._slot}/{self._transaction}")
        milliseconds = 0.11 + 0.004 * (statement.rows or 0)
        if not statement.parameters:
            yield from self._audits(at, statement)
            # The transaction is over when the server measures a simple statement.
            after = at._replace(vxid=f"{self._slot}/0")
            yield self._took(after, statement.tag, "statement", milliseconds, statement.sql)
            return
        # The extended protocol: three measured steps, and pgaudit has its say when the portal closes.
        yield self._took(at, "PARSE", "parse <unnamed>", 0.02, statement.sql)
        detail = _parameters(statement.parameters)
        for tag, how, took in (("BIND", "bind", 0.03), (statement.tag, "execute", milliseconds)):
            yield self._took(at, tag, f"{how} <unnamed>", took, statement.sql, detail=detail)
        yield from self._audits(at, statement)

    def close(self, time_ms: int) -> Iterator[dict[str, Any]]:
        """Write the end of the session."""
        seconds, milliseconds = divmod(time_ms - self._opened_ms, 1000)
        lasted = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}.{milliseconds:03}"
        message = (
            f"disconnection: session time: {lasted} user={self._user} database={DATABASE} "
            f"host={self._host} port={self._port}"
        )
        yield self._write(_When(time_ms), "idle", message)

    def _audits(self, at: _When, statement: Statement) -> Iterator[dict[str, Any]]:
        sql = _field(statement.sql)
        values = _field(",".join(map(_field, statement.parameters))) or "<none>"
        for audit in audits_of(statement):
            message = (
                f"AUDIT: SESSION,{self._statement},{audit.substatement},{audit.kind},{audit.command},"
                f"{audit.object_type},{audit.object_name},{sql},{values},{audit.rows}"
            )
            yield self._write(at, statement.tag, message)

    def _took(
        self, at: _When, tag: str, how: str, milliseconds: float, sql: str, *, detail: str | None = None
    ) -> dict[str, Any]:
        return self._write(at, tag, f"duration: {milliseconds:.3f} ms  {how}: {sql}", detail=detail)

    def _write(
        self, at: _When, tag: str, message: str, *, detail: str | None = None, named: bool = True
    ) -> dict[str, Any]:
        """Write one line of the session's own backend."""
        self._line += 1
        record: dict[str, Any] = {
            "timestamp": timestamp(at.time_ms),
            "user": self._user,
            "dbname": DATABASE,
            "pid": self._pid,
            "remote_host": self._host,
            "remote_port": self._port,
            "session_id": self._session_id,
            "line_num": self._line,
            "ps": tag,
            "session_start": self._session_start,
        }
        if at.vxid is not None:
            record["vxid"] = at.vxid
        record |= {"txid": 0, "error_severity": "LOG", "message": message}
        if detail is not None:
            record["detail"] = detail
        if named:
            record["application_name"] = self._application
        record["backend_type"] = "client backend"
        record["query_id"] = at.query_id
        return record


def _field(text: str) -> str:
    """Quote a field of pgaudit's CSV where it must be."""
    if _QUOTED.search(text) is None:
        return text
    return '"' + text.replace('"', '""') + '"'


def _parameters(values: tuple[str, ...]) -> str | None:
    """Return the detail with the bind values of a statement, None without any."""
    if not values:
        return None
    return "parameters: " + ", ".join(f"${number} = '{value}'" for number, value in enumerate(values, start=1))


@lru_cache(maxsize=4_096)
def _query_id(shape: str) -> int:
    """Return a number that statements with different literals share, as ``compute_query_id`` does."""
    return int.from_bytes(blake2b(shape.encode(), digest_size=8).digest(), "big", signed=True)


@lru_cache(maxsize=4_096)
def _minute(minutes: int) -> str:
    """Write a minute since 1970-01-01 UTC the way PostgreSQL does."""
    return datetime.fromtimestamp(minutes * 60, UTC).strftime("%Y-%m-%d %H:%M")


@lru_cache(maxsize=1_024)
def timestamp(time_ms: int) -> str:
    """Write a millisecond since 1970-01-01 UTC the way PostgreSQL does."""
    minutes, milliseconds = divmod(time_ms, 60_000)
    return f"{_minute(minutes)}:{milliseconds // 1000:02}.{milliseconds % 1000:03} UTC"
