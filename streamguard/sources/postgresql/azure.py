"""Azure Database for PostgreSQL: diagnostic records of category ``PostgreSQLLogs``.

Flexible Server puts the whole line into ``properties.message``; Single Server puts its prefix into
``properties.prefix``. Either way it is a plain line in Azure's fixed ``log_line_prefix``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from streamguard.sources.fields import JsonObject, optional_text, required_text
from streamguard.sources.postgresql import stderr as postgresql_stderr
from streamguard.sources.postgresql.serverline import read_line
from streamguard.sources.reasons import Refusal, RejectedReason

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "postgresql.azure"


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one diagnostic record; None if it is of another format.

    Raises
    ------
    Refusal
        When it is a record of PostgreSQL and cannot be read.
    """
    properties = record.get("properties")
    if type(properties) is not dict or record.get("category") != "PostgreSQLLogs":
        return None
    message = required_text(properties, "message")
    severity = optional_text(properties, "errorLevel") or "LOG"
    prefix = optional_text(properties, "prefix")
    line = postgresql_stderr.parse(f"{prefix}{severity}:  {message}" if prefix else message, context, NAME)
    if line is None:
        raise Refusal(RejectedReason.UNKNOWN_LOG_LINE_PREFIX, "properties.message is no line with a known prefix")
    context.instance = _instance(record) or context.instance
    # The prefix has whole seconds only.
    time = optional_text(properties, "timestamp")
    if time is not None:
        session = msgspec.structs.replace(line.session, time=time)
        line = msgspec.structs.replace(line, session=session)
    return read_line(line, context)


def _instance(record: JsonObject) -> str | None:
    name = optional_text(record, "LogicalServerName")
    resource = optional_text(record, "resourceId")
    if name is None and resource is not None:
        name = resource.rpartition("/")[2]
    return name.lower() if name else None
