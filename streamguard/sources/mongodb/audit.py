"""MongoDB's audit log in JSON (Enterprise, Atlas, Percona Server): one ``authCheck`` record is one command.

Commands that read or change a collection become activities, everything else is ignored by its kind. There is no count
of rows; an insert says how many documents it brings. Arguments are personal data: `mongodb_command` takes names of
fields and collections from them, and no value.
Source: mongodb.com/docs/manual/reference/audit-message. Successful reads are there only with
``auditAuthorizationSuccess: true``.

Known gaps: which ``getMore`` continues which ``find`` is not told, so each counts as an export of its own. A user that
authenticated to several databases is known by the first name. Without access control there is no user:
``(unauthenticated)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamguard.activity import RowsQuality
from streamguard.sources.fields import JsonObject, label, member, optional_text, required_text
from streamguard.sources.mongodb.command import DIALECT, Command, command_of
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason
from streamguard.sources.told import Told, activity_of

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "mongodb.audit"

NOBODY: Final = "(unauthenticated)"
"""The user of a command that came without one: its own employee, flagged as unknown."""

_KINDS: Final = {
    "authenticate": IgnoredReason.CONNECTION,
    "clientMetadata": IgnoredReason.CONNECTION,
    "logout": IgnoredReason.DISCONNECTION,
}


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one record; None if it is of another format.

    Raises
    ------
    Refusal
        When it is a record of the audit log and cannot be read.
    """
    kind = record.get("atype")
    if type(kind) is not str or "ts" not in record:
        return None
    if kind != "authCheck":
        return context.ignore(_KINDS.get(kind, IgnoredReason.ADMINISTRATION))
    parameters = member(record, "param") or member(record, "params")
    namespace = required_text(parameters, "ns")
    arguments = member(parameters, "args")
    command = command_of(required_text(parameters, "command"), namespace, arguments)
    if command is None:
        return context.ignore(IgnoredReason.ADMINISTRATION)
    user = user_of(record.get("users"))
    remote = member(record, "remote")
    if user is None and optional_text(remote, "ip") == "(NONE)":
        # The server's own work: sessions that it refreshes, transactions that it cleans up.
        return context.ignore(IgnoredReason.NO_USER)
    local = member(record, "local")
    context.instance = context.instance or _address(local)
    return activity_of(_told(record, command, namespace, arguments, user or NOBODY), context)


def _told(record: JsonObject, command: Command, namespace: str, arguments: JsonObject, user: str) -> Told:
    error = _error(record.get("result"))
    documents = arguments.get("documents")
    count = len(documents) if command.verb == "INSERT" and type(documents) is list and error is None else None
    remote = member(record, "remote")
    return Told(
        source=NAME,
        dialect=DIALECT,
        user=user,
        time=time_of(record["ts"]),
        complete=True,
        text=command.text,
        verb=command.verb,
        export=command.export,
        tables=command.tables,
        columns=() if command.is_silent else None,
        rows=count,
        rows_quality=None if count is None else RowsQuality.AFFECTED,
        error=error,
        database=namespace.partition(".")[0],
        client=optional_text(remote, "ip") or optional_text(remote, "host"),
        session=_uuid(record.get("uuid")),
    )


def user_of(users: object) -> str | None:
    """Return the first user of a list of ``{"user", "db"}``, None if there is none."""
    first = users[0] if type(users) is list and users else None
    return optional_text(first, "user") if type(first) is dict else None


def time_of(value: object) -> str | int:
    """Return the time in ``{"$date": ...}``, in both dialects of MongoDB's extended JSON.

    Raises
    ------
    Refusal
        ``wrong_type`` or ``missing_field``.
    """
    date = value.get("$date") if type(value) is dict else value
    if type(date) is dict:
        date = label(date.get("$numberLong"))
        date = int(date) if date is not None and date.isascii() and date.isdigit() and len(date) < 16 else None
    if type(date) is str or type(date) is int:
        return date
    raise Refusal(RejectedReason.WRONG_TYPE, "the time must be a $date of extended JSON")


def _error(result: object) -> str | None:
    code = label(result)
    return None if code in {None, "0"} else code


def _address(local: JsonObject) -> str | None:
    host = optional_text(local, "ip") or optional_text(local, "host")
    port = label(local.get("port"))
    return f"{host}:{port}" if host and port and host != "(NONE)" else None


def _uuid(value: object) -> str | None:
    """Return the connection's id, as Base64 or as hexadecimal digits with hyphens."""
    if type(value) is not dict:
        return None
    binary = value.get("$binary", value.get("$uuid"))
    return optional_text(binary, "base64") if type(binary) is dict else label(binary)
