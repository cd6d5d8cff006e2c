"""PostgreSQL's ``csvlog``: 23 columns up to version 12, 24 in 13, 26 since 14.

Source: PostgreSQL documentation, section 20.8.4, "Using CSV-Format Log Output".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streamguard.sources.csvrow import split_row
from streamguard.sources.postgresql.serverline import read_line
from streamguard.sources.postgresql.session import ServerLine, Session
from streamguard.sources.reasons import Refusal, RejectedReason

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "postgresql.csvlog"

_COLUMNS = (26, 24, 23)
_BEGINNING = re.compile(r'"?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? [A-Za-z0-9+:-]{1,9}"?,')


def begins_row(text: str) -> bool:
    """Whether a text begins as a row of csvlog does: with a time and a comma."""
    return _BEGINNING.match(text) is not None


def read(text: str, context: Context) -> Activity | Ignored | None:
    """Read one row; None if it is of another format.

    Raises
    ------
    Refusal
        When it is a row of csvlog and cannot be read.
    """
    if not begins_row(text):
        return None
    row = split_row(text, RejectedReason.MALFORMED_CSV)
    if len(row) not in _COLUMNS:
        raise Refusal(
            RejectedReason.WRONG_COLUMN_COUNT,
            "a row of csvlog has 23, 24 or 26 columns; an extension or shipper changed it",
        )
    line = ServerLine(
        severity=row[11],
        message=row[13],
        session=_session(row),
        statement=row[19] or None,
        sqlstate=row[12] or None,
        detail=row[14] or None,
    )
    return read_line(line, context)


def _session(row: list[str]) -> Session:
    return Session(
        source=NAME,
        time=row[0],
        user=row[1],
        database=row[2],
        client=host_of(row[4]),
        application=row[22],
        session=row[5],
        pid=row[3],
    )


def host_of(connection: str) -> str:
    """Return the host of ``host:port``; hosts may be IPv6 addresses, and local connections have no port.

    Examples
    --------
    >>> host_of("::1:5432"), host_of("[local]"), host_of("10.0.0.1:40000")
    ('::1', '[local]', '10.0.0.1')
    """
    host, separator, port = connection.rpartition(":")
    return host if separator and port.isdigit() else connection
