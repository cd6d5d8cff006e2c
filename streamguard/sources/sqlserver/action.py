"""SQL Server Audit, shared by its carriers: one row of ``sys.fn_get_audit_file``, whoever brings it.

A statement of more than 4,000 characters is split over records that share ``sequence_group_id`` and differ in
``sequence_number``. The first part is analysed as far as it goes; the others begin anywhere, even inside a literal, so
their text is not looked at and only joins them to the first.

Counts: ``response_rows`` and ``affected_rows`` are filled by Azure SQL alone; elsewhere they are 0 whatever moved.
``succeeded`` is the permission check; a failed batch says its error in ``additional_information``.
``sp_executesql`` and its like are opened: the statement inside is what runs.
Source: learn.microsoft.com, "sys.fn_get_audit_file" and "SQL Server Audit Records".

Known gaps: a statement over several tables is audited once for each with ``SELECT ON ...`` actions, without anything
that would tell the records to be one; batch actions (BATCH_COMPLETED_GROUP, the default of Azure SQL) are not. Do not
audit both. ``data_sensitivity_information`` is not read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.activity import Activity, RowsQuality
from streamguard.sources.fields import JsonObject, label, optional_text, required_text, row_count
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason
from streamguard.sources.told import Told, activity_of

if TYPE_CHECKING:
    from streamguard.activity import Ignored
    from streamguard.sources.context import Context

DIALECT: Final = "tsql"
MAX_TEXT: Final = 4_000
"""Characters of a statement in one record; one that is as long may go on in the next."""

_VERBS: Final = {
    "SL": "SELECT", "IN": "INSERT", "UP": "UPDATE", "DL": "DELETE", "EX": "EXECUTE", "RC": "SELECT", "BA": "BACKUP",
    "BAL": "BACKUP", "CR": "CREATE", "AL": "ALTER", "DR": "DROP", "RS": "RESTORE",
}  # fmt: skip
_EXPORTS: Final = {"BA": "unload", "BAL": "unload"}
_IGNORED: Final = {
    **dict.fromkeys(("LGIS", "LGIF", "DBAS", "DBAF"), IgnoredReason.CONNECTION),
    "LGO": IgnoredReason.DISCONNECTION,
    **dict.fromkeys(("BST", "RST"), IgnoredReason.STATEMENT_START),
    **dict.fromkeys(("TXBG", "TXCM", "TXRB"), IgnoredReason.TRANSACTION),
    "AUSC": IgnoredReason.ADMINISTRATION,
}
_RELATIONS: Final = frozenset({"U", "V", "IF", "TF", "FT", "ET", "OB", "S", ""})
_NO_VALUE: Final = frozenset({"", "NULL", "Unknown"})
_ERROR: Final = re.compile(r"\bErr (\d{1,6})\b")
_INNER: Final = re.compile(
    # Strictly where the statement stands: another string of the call is a value of a parameter.
    r"\s*(?:declare\s[^']{0,400}?\s)?(?:"
    r"exec(?:ute)?\s*\(\s*"
    r"|(?:exec(?:ute)?\s+)?(?:sys\.)?sp_executesql\s+(?:@\w{1,128}\s*=\s*)?"
    r"|(?:exec(?:ute)?\s+)?(?:sys\.)?sp_(?:prepexec|prepare|cursoropen|cursorprepare|cursorprepexec)\s+"
    r"(?:@\w{1,128}\s+output\s*,\s*){1,3}(?:(?:N?'[^']*+'|null)\s*,\s*)?"
    r")N?'((?:[^']|'')*+)(?:'|\Z)",
    re.IGNORECASE,
)


def read_row(row: JsonObject, context: Context, source: str, *, has_counts: bool) -> Activity | Ignored:
    """Return what one row of the audit says.

    Parameters
    ----------
    row
        By the column names of ``sys.fn_get_audit_file``, in lower case.
    context
        The record being read.
    source
        Name of the adapter.
    has_counts
        Whether 0 in ``response_rows`` means that nothing left (Azure SQL), and not that nothing was counted.

    Raises
    ------
    Refusal
        When the row names no user, or its time or counts cannot be read.
    """
    action = (optional_text(row, "action_id") or "").strip().upper()
    reason = _IGNORED.get(action)
    text = _known(row, "statement")
    relation = _relation(row) if action != "EX" else None
    if not action and text is not None and text.startswith("Login "):
        reason = IgnoredReason.CONNECTION  # a row without its action tells a login by the text of the message
    if reason is None and text is None and relation is None and action not in _EXPORTS:
        reason = IgnoredReason.ADMINISTRATION
    if reason is not None:
        return context.ignore(reason)
    context.instance = _known(row, "server_instance_name") or context.instance
    activity = activity_of(_told(row, source, action, relation, has_counts=has_counts), context)
    return msgspec.structs.replace(activity, columns_known=False) if _is_cut(text) else activity


def _told(row: JsonObject, source: str, action: str, relation: str | None, *, has_counts: bool) -> Told:
    user = _known(row, "server_principal_name") or _known(row, "database_principal_name")
    if user is None:
        raise Refusal(RejectedReason.MISSING_USER, "the row names no principal: select server_principal_name")
    login = _known(row, "session_server_principal_name")
    text, group = _known(row, "statement"), label(row.get("sequence_group_id"))
    is_first = (label(row.get("sequence_number")) or "1") == "1"
    rows, quality = _rows(row)
    return Told(
        source=source,
        dialect=DIALECT,
        user=user,
        time=_time(row),
        key=group,
        complete=group is None or (is_first and not _is_cut(text)),
        text=inner_statement(text) if text is not None and is_first else None,
        verb=_VERBS.get(action),
        export=_EXPORTS.get(action),
        relation=relation,
        rows=rows,
        rows_quality=quality,
        zero_is_unknown=not has_counts,
        duration_ms=_positive(row.get("duration_milliseconds")),
        error=_error(row),
        database=_known(row, "database_name"),
        client=_known(row, "client_ip") or _known(row, "host_name"),
        application=_known(row, "application_name"),
        session=label(row.get("session_id")),
        proxy_user=login if login != user else None,
    )


def inner_statement(text: str) -> str:
    """Return the statement that a call of ``sp_executesql`` and its like runs; any other text as it is.

    Examples
    --------
    >>> inner_statement("exec sp_executesql N'select a from t where b = @p and c = ''x''',N'@p int',@p=5")
    "select a from t where b = @p and c = 'x'"
    """
    call = _INNER.match(text)
    return text if call is None else call[1].replace("''", "'")


def _is_cut(text: str | None) -> bool:
    return text is not None and len(text) >= MAX_TEXT


def _relation(row: JsonObject) -> str | None:
    name = _known(row, "object_name")
    if name is None or (optional_text(row, "class_type") or "").strip().upper() not in _RELATIONS:
        return None
    schema = _known(row, "schema_name")
    return f"{schema}.{name}".lower() if schema else None


def _rows(row: JsonObject) -> tuple[int | None, RowsQuality | None]:
    returned, affected = row_count(row.get("response_rows")), row_count(row.get("affected_rows"))
    if returned or not affected:
        return returned, RowsQuality.EXACT if returned is not None else None
    return affected, RowsQuality.AFFECTED


def _time(row: JsonObject) -> str | int:
    """Return the time, which is UTC whether or not the carrier says so."""
    value = row.get("event_time")
    if type(value) is int:
        return value
    text = required_text(row, "event_time").strip()
    return text if text[-1:] == "Z" or "+" in text[10:] or "-" in text[10:] else f"{text}Z"


def _error(row: JsonObject) -> str | None:
    information = _known(row, "additional_information")
    code = _ERROR.search(information[:MAX_TEXT]) if information is not None else None
    if str(row.get("succeeded")).lower() in {"false", "0"}:
        return code[1] if code is not None else "failure"
    return None


def _positive(value: object) -> float | None:
    text = label(value) or "0"
    return float(text) if text.isascii() and text.isdigit() and len(text) < 16 and text != "0" else None


def _known(row: JsonObject, key: str) -> str | None:
    value = optional_text(row, key)
    return value if value is not None and value not in _NO_VALUE else None
