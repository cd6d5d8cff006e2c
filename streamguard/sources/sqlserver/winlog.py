r"""SQL Server Audit in the Windows event log (event 33205), as Winlogbeat ships it.

``winlog.event_data.param1`` holds the row as lines ``column:value``. Only the statement can hold line ends of a user's
choice: what stands before it is read line by line, and what follows begins at the last ``additional_information:``, so
no text of a statement passes for a column.
Source: learn.microsoft.com, "SQL Server Audit Records", and Winlogbeat's field reference.

Known gap: a statement that holds a line ``additional_information:`` and comes without one behind it is cut there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.sources.fields import JsonObject, label, member, optional_text
from streamguard.sources.reasons import Refusal, RejectedReason
from streamguard.sources.sqlserver.action import read_row

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "sqlserver.winlog"

_EVENT_ID = "33205"
_STATEMENT = "\nstatement:"
_BEHIND = "\nadditional_information:"


def read(record: JsonObject, context: Context) -> Activity | Ignored | None:
    """Read one event; None if it is of another format.

    Raises
    ------
    Refusal
        When it is an audit event and cannot be read.
    """
    log = record.get("winlog")
    if type(log) is not dict or label(log.get("event_id")) != _EVENT_ID:
        return None
    text = optional_text(member(log, "event_data"), "param1")
    if text is None:
        raise Refusal(RejectedReason.MISSING_FIELD, "winlog.event_data.param1 is missing")
    context.instance = optional_text(log, "computer_name") or context.instance
    return read_row(_row(text.replace("\r\n", "\n")), context, NAME, has_counts=False)


def _row(text: str) -> JsonObject:
    head, found, tail = text.partition(_STATEMENT)
    row = _lines(head)
    if found:
        statement, _, behind = tail.rpartition(_BEHIND) if _BEHIND in tail else (tail, "", "")
        row = _lines(behind and f"additional_information:{behind}") | row | {"statement": statement}
    return row


def _lines(text: str) -> JsonObject:
    row: JsonObject = {}
    for line in text.split("\n"):
        key, found, value = line.partition(":")
        if found:
            row.setdefault(key.strip(), value)
    return row
