"""Oracle's names of what an audit record is about, shared by its carriers."""

from __future__ import annotations

import re
from typing import Final

from streamguard.sources.reasons import IgnoredReason

DIALECT: Final = "oracle"

ACTIONS: Final = {
    "1": "CREATE TABLE", "2": "INSERT", "3": "SELECT", "6": "UPDATE", "7": "DELETE", "9": "CREATE INDEX",
    "12": "DROP TABLE", "15": "ALTER TABLE", "21": "CREATE VIEW", "26": "LOCK", "42": "ALTER SESSION",
    "44": "COMMIT", "45": "ROLLBACK", "46": "SAVEPOINT", "47": "PL/SQL EXECUTE", "48": "SET TRANSACTION",
    "50": "EXPLAIN", "85": "TRUNCATE TABLE", "100": "LOGON", "101": "LOGOFF", "102": "LOGOFF BY CLEANUP",
    "116": "EXECUTE PROCEDURE", "189": "MERGE",
}  # fmt: skip
"""Numbers of AUDIT_ACTIONS that need more than a number."""

_VERBS: Final = frozenset(
    {"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "EXECUTE", "CREATE", "ALTER", "DROP", "TRUNCATE", "GRANT",
     "REVOKE", "LOCK", "EXPLAIN", "COMMENT", "EXPORT", "IMPORT", "LOAD", "BACKUP"}
)  # fmt: skip
_RELATION_ACTIONS: Final = frozenset(
    {"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "LOCK", "LOAD", "EXPORT", "FLASHBACK"}
)
_LINK: Final = re.compile(
    r"(?P<kept>'[^']*+(?:'|\Z)|\"[^\"]*+(?:\"|\Z)|/\*(?s:.*?)(?:\*/|\Z)|--[^\n]*+)"
    r"|(?<=[\w$#\"])\s{0,8}@\s{0,8}(?:\"[^\"]*+(?:\"|\Z)|[\w$#]++(?:\.[\w$#]++)*+)"
)
_TRANSACTION: Final = frozenset({"COMMIT", "ROLLBACK", "SAVEPOINT", "SET TRANSACTION"})
_EXPORT_COMPONENTS: Final = ("DATAPUMP", "DIRECT PATH API", "SQL*LOADER", "RMAN")
_INWARD: Final = frozenset({"IMPORT", "LOAD"})


def action_name(action: str | None) -> str:
    """Return the name of an action given by name or by number, in upper case; "" if there is none."""
    name = (action or "").strip().upper()
    return ACTIONS.get(name, "" if name.isdigit() else name)


def ignored_reason(action: str) -> IgnoredReason | None:
    """Return why an action is no statement of interest, None if it is one."""
    if action in {"LOGON", "PROXY AUTHENTICATION ONLY", "CONNECT"}:
        return IgnoredReason.CONNECTION
    if action.startswith(("LOGOFF", "DISCONNECT")):
        return IgnoredReason.DISCONNECTION
    return IgnoredReason.TRANSACTION if action in _TRANSACTION else None


def verb_of(action: str) -> str | None:
    """Return the SQL command of an action."""
    if action == "PL/SQL EXECUTE":
        return "EXECUTE"
    first = action.partition(" ")[0]
    return first if first in _VERBS else None


def export_of(audit_type: str, action: str) -> str | None:
    """Return how a component outside of SQL moves data out; None if it moves none out.

    Data Pump and the direct path read and write alike: an action that names the way in is no export, and what names
    no way counts as one.
    """
    component = audit_type.strip().upper().replace("_", " ")
    if not component.startswith(_EXPORT_COMPONENTS):
        return None
    return None if action.partition(" ")[0] in _INWARD else "unload"


def without_links(text: str) -> str:
    """Return a statement without its database links: ``emp@hr.example.com`` is ``emp`` of another server.

    With the link it would be a table that no catalogue knows, or look like an e-mail address. Literals and comments
    stay as they are.

    Examples
    --------
    >>> without_links("select e.mail from hr.emp@hq.example.com e where e.mail = 'ann@example.com'")
    "select e.mail from hr.emp e where e.mail = 'ann@example.com'"
    """
    return _LINK.sub(_unlinked, text) if "@" in text else text


def _unlinked(match: re.Match[str]) -> str:
    return match["kept"] or ""


def relation_of(schema: str | None, name: str | None, action: str) -> str | None:
    """Return the relation of a record in lower case, None where its object is none or it names none."""
    if schema is None or name is None or action.partition(" ")[0] not in _RELATION_ACTIONS:
        return None
    return f"{schema}.{name}".partition("@")[0].lower()


def error_of(code: str | None) -> str | None:
    """Return Oracle's error as it is written everywhere: ``ORA-00942``."""
    if code is None or not code.isascii() or not code.isdigit() or int(code[:10]) == 0:
        return None
    return f"ORA-{code[:10]:>05}"
