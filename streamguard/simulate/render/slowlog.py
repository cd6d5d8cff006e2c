"""Percona Server's slow log with ``long_query_time=0`` and ``log_slow_verbosity=full``: an entry a statement.

It knows no client program, so a stolen password that is used with a new one is told by its address alone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from streamguard.simulate.render.dialects import mysql
from streamguard.simulate.schema import DATABASE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.simulate.moment import Moment

_BYTES_A_ROW: Final = 46
_CHANGES: Final = frozenset({"UPDATE", "CREATE TABLE AS"})
"""Statements whose rows are affected, not sent."""


class SlowLogEntries:
    """Writes statements as entries of the slow log; an entry has several lines."""

    def __init__(self, _seed: int) -> None:
        pass

    def lines(self, moment: Moment) -> Iterator[bytes]:
        """Write one moment; sessions that open or close leave nothing."""
        if moment.statement is None:
            return
        statement, session = mysql(moment.statement), moment.session
        rows = statement.rows or 0
        sent, affected = (0, rows) if statement.tag in _CHANGES else (rows, 0)
        seconds, milliseconds = divmod(moment.time_ms, 1_000)
        told = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        user = session.person.employee
        yield (
            f"# Time: {told}.{milliseconds:03}000Z\n"
            f"# User@Host: {user}[{user}] @  [{session.client}]  Id: {session.number % 2**31}\n"
            f"# Schema: {DATABASE}  Last_errno: 0  Killed: 0\n"
            f"# Query_time: {0.0001 + 0.000004 * rows:.6f}  Lock_time: 0.000003  Rows_sent: {sent}  "
            f"Rows_examined: {rows}  Rows_affected: {affected}  Bytes_sent: {64 + sent * _BYTES_A_ROW}\n"
            f"SET timestamp={seconds};\n"
            f"{statement.sql};"
        ).encode()
