"""Amazon Aurora MySQL's Advanced Auditing: MariaDB's line with the microseconds since 1970 in front.

    1638806583399975,cluster-instance-1,ann,10.0.0.9,2955,11590217,QUERY,crm,'select email from customers',0

It names tables (operations READ, WRITE, ...) only where ``server_audit_events`` holds TABLE; it never counts rows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from streamguard.sources.mysql import server_audit as mariadb_server_audit

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "mysql.aurora"

_MICROSECONDS = re.compile(r"(\d{13})\d{3},")


def read(text: str, context: Context) -> Activity | Ignored | None:
    """Read one line; None if it is of another format.

    Raises
    ------
    Refusal
        When it is a line of Aurora's audit log and cannot be read.
    """
    match = _MICROSECONDS.match(text)
    if match is None:
        return None
    line = mariadb_server_audit.parse(text[match.end() :], NAME, int(match[1]))
    return None if line is None else mariadb_server_audit.read_line(line, context)
