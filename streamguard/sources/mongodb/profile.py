"""MongoDB's profiler: documents of ``system.profile``, which a source connector puts on Kafka.

The one log of MongoDB that tells how many documents left (``nreturned``) and for whom. ``db.setProfilingLevel(2)``
profiles every operation, at a cost. Lines of the server's own log (``"msg": "Slow query"``) have the counts but no
user, so they are ignored.
Source: mongodb.com/docs/manual/reference/database-profiler and .../log-messages.

Known gap: a command that the audit log has as well is counted by both; give StreamGuard one of the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.activity import RowsQuality
from streamguard.sources.fields import JsonObject, label, member, optional_text, required_text, row_count
from streamguard.sources.mongodb.audit import time_of
from streamguard.sources.mongodb.command import DIALECT, Command, command_of
from streamguard.sources.reasons import IgnoredReason
from streamguard.sources.told import Told, activity_of

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "mongodb.profile"

_OPERATIONS = {"query": "find", "getmore": "getMore", "insert": "insert", "update": "update", "remove": "delete"}
_WRITTEN = ("nModified", "ndeleted", "ninserted", "nMatched")


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one profiled operation or line of the server's log; None if it is of another format.

    Raises
    ------
    Refusal
        When it is a profiled operation and cannot be read.
    """
    if type(record.get("t")) is dict and "ctx" in record and "msg" in record:
        return context.ignore(IgnoredReason.NO_USER if record["msg"] == "Slow query" else IgnoredReason.SERVER_LOG)
    if "op" not in record or "ns" not in record or "millis" not in record or "ts" not in record:
        return None
    arguments = member(record, "command")
    operation = required_text(record, "op")
    # The name of a command is the first member of its document.
    name = next(iter(arguments), "") if operation == "command" else _OPERATIONS.get(operation, operation)
    namespace = required_text(record, "ns")
    command = command_of(name, namespace, arguments)
    if command is None:
        return context.ignore(IgnoredReason.ADMINISTRATION)
    user = optional_text(record, "user")
    if user is None:
        return context.ignore(IgnoredReason.NO_USER)
    return activity_of(_told(record, command, namespace, user), context)


def _told(record: JsonObject, command: Command, namespace: str, user: str) -> Told:
    returned = row_count(record.get("nreturned"))
    written = next((count for key in _WRITTEN if (count := row_count(record.get(key))) is not None), None)
    return Told(
        source=NAME,
        dialect=DIALECT,
        # ``alice@crm``: the name and the database that knows it.
        user=user.rpartition("@")[0] or user,
        time=time_of(record["ts"]),
        complete=True,
        text=command.text,
        verb=command.verb,
        # A batch that is counted is no uncounted way out; what was copied or gathered into one document is.
        export=None if returned is not None and command.export == "cursor" else command.export,
        tables=command.tables,
        columns=() if command.is_silent else None,
        rows=written if returned is None else returned,
        rows_quality=None if written is None and returned is None else _quality(returned),
        bytes=row_count(record.get("responseLength")) if returned is not None else None,
        duration_ms=_number(record.get("millis")),
        error=label(record.get("errName")) or label(record.get("errCode")),
        database=namespace.partition(".")[0],
        client=optional_text(record, "client"),
        application=optional_text(record, "appName"),
    )


def _quality(returned: int | None) -> RowsQuality:
    return RowsQuality.AFFECTED if returned is None else RowsQuality.EXACT


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and type(value) is not bool and value >= 0 else None
