"""Oracle's audit trail as text: ``.aud`` files, syslog (``Oracle Audit[pid]:``) and the XML of RDS.

``.aud`` and syslog write ``ACTION :[151] 'select ...'``: the quotes inside are not escaped, so a value is what its
length in bytes says, and what a statement pretends to be a field is not one. XML records stand alone between
``<AuditRecord>`` tags. Unified audit's syslog (``Oracle Unified Audit[pid]:``) has no statements. None counts rows;
SQL_BIND is never read.
Source: Oracle Database Security Guide, "Auditing to the operating system"; Reference, V$XML_AUDIT_TRAIL and
UNIFIED_AUDIT_SYSTEMLOG.

Known gaps: syslog without a year in its times takes the Kafka time. Standard auditing to .aud files has no texts.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final

import msgspec

from streamguard.sources.oracle.names import (
    DIALECT,
    action_name,
    error_of,
    ignored_reason,
    relation_of,
    verb_of,
    without_links,
)
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason
from streamguard.sources.told import Told, activity_of

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "oracle.trail"

_XML: Final = "<AuditRecord>"
_TAG: Final = re.compile(r"<(\w{1,64})>([^<]*)</\1>")
_HEAD: Final = re.compile(
    r"(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|(?P<iso>\d{4}-\d\d-\d\dT\S{8,40})) (?P<host>\S{1,255}) "
    r"Oracle (?:Unified )?Audit\[\d{1,10}\]: ?"
    r"|[A-Z][a-z]{2} (?P<month>[A-Z][a-z]{2}) (?P<day>[ \d]\d) (?P<clock>\d\d:\d\d:\d\d) (?P<year>\d{4})"
    r"(?: (?P<zone>[+-]\d\d:\d\d))?\s+(?=LENGTH ?:)"
)
_PART: Final = re.compile(
    r"(?:LENGTH|ACTION|DATABASE USER|PRIVILEGE|CLIENT (?:USER|TERMINAL|ADDRESS)|STATUS|DBID|SESSIONID|USERHOST|"
    r"ACTION NUMBER) ?: ?(?:\[\d{1,7}\] ?)?['\"]"
)
_LENGTH: Final = re.compile(rb"\s*LENGTH ?: ?['\"]\d{1,9}['\"]\s*")
_FIELD: Final = re.compile(rb"\s*([A-Z$][A-Z$_ ]{0,40}?) ?:\[(\d{1,7})\] ?(['\"])")
_OCTAL: Final = frozenset(f"{number:02o}" for number in range(32))
"""The digits behind #0 that stand for a control character."""
_PAIR: Final = re.compile(r"([A-Z_]{2,20}):\"([^\"]*)\"")
_MONTHS: Final = "JanFebMarAprMayJunJulAugSepOctNovDec"
_HOST: Final = re.compile(r"\(HOST=([^()\s]{1,255})\)", re.IGNORECASE)
_ALL_ONES: Final = "4294967295"
"""The session of every connection as SYSDBA."""

# What the three shapes call the same things, in lower case without punctuation.
_NAMES: Final = {
    "user": ("databaseuser", "dbuser", "userid"),
    "os_user": ("clientuser", "osuser", "osuserid"),
    "proxy": ("proxyuser",),
    "code": ("status", "returncode", "retcode"),
    "session": ("sessionid", "sesid"),
    "statement": ("statement", "statementid", "stmtid"),
    "schema": ("objcreator", "objectschema", "schema"),
    "object": ("objname", "objectname"),
    "host": ("userhost",),
    "address": ("clientaddress", "commenttext"),
    "tag": ("clientidentifier", "clientid"),
    "number": ("actionnumber",),
    "action": ("action",),
    "text": ("sqltext",),
    "dbid": ("dbid",),
    "time": ("extendedtimestamp",),
}


class _Entry(msgspec.Struct, frozen=True, gc=False):
    """One entry of the trail: its fields by the names of `_NAMES`, and what stood before them."""

    fields: dict[str, str]
    time: str | None
    host: str | None
    is_cut: bool = False


def read(text: str, context: Context) -> Activity | Ignored | None:
    """Read one entry; None if it is of another format.

    Raises
    ------
    Refusal
        When it is an entry of the trail and cannot be read.
    """
    if text.startswith(_XML):
        entry = _Entry(_named(dict(reversed([(m[1], html.unescape(m[2])) for m in _TAG.finditer(text)]))), None, None)
    elif (head := _HEAD.match(text)) is None:
        if _PART.match(text):
            raise Refusal(
                RejectedReason.PARTIAL_LINE,
                "one line of an entry of Oracle's audit trail: let the shipper join the lines of an entry",
            )
        return None
    else:
        entry = _read_body(text[head.end() :], _time(head), head["host"])
    return _outcome(entry, context)


def _read_body(body: str, time: str | None, host: str | None) -> _Entry:
    if body.lstrip().startswith("LENGTH") and ":[" not in body[:200]:
        pairs = dict(reversed(_PAIR.findall(body)))
        return _Entry(_named(pairs), time, host)
    fields, is_cut = _measured(body)
    return _Entry(_named(fields), time, host, is_cut)


def _measured(body: str) -> tuple[dict[str, str], bool]:
    """Return the fields that say their own length, and whether the last one is cut off.

    Raises
    ------
    Refusal
        ``malformed_audit``, when a value does not end where it says.
    """
    fields = _scan(body.encode())
    if fields is None and "#0" in body:
        # syslog writes control characters as # and three octal digits; the lengths are those of the original.
        fields = _scan(re.sub(r"#0(\d\d)", lambda m: chr(int(m[1], 8)) if m[1] in _OCTAL else m[0], body).encode())
    if fields is None:
        raise Refusal(RejectedReason.MALFORMED_AUDIT, "a value of the audit trail does not end where its length says")
    return fields


def _scan(body: bytes) -> tuple[dict[str, str], bool] | None:
    length = _LENGTH.match(body)
    position = length.end() if length else 0
    fields: dict[str, str] = {}
    while match := _FIELD.match(body, position):
        start, end = match.end(), match.end() + int(match[2])
        # The first of a name counts: later ones can only be made up.
        fields.setdefault(match[1].decode(), body[start:end].decode(errors="replace"))
        if end >= len(body):
            return fields, True
        if body[end : end + 1] != match[3]:
            return None
        position = end + 1
    return fields, False


def _named(fields: dict[str, str]) -> dict[str, str]:
    plain = {re.sub(r"[^a-z]", "", name.lower()): value for name, value in fields.items()}
    found = ((key, next((plain[name] for name in names if plain.get(name)), None)) for key, names in _NAMES.items())
    return {key: value for key, value in found if value is not None}


def _outcome(entry: _Entry, context: Context) -> Activity | Ignored:
    fields = entry.fields
    written = fields.get("action", "")
    text = fields.get("text")
    if text is None and not written.isdigit() and " " in written:
        text = written  # the trail of SYS has the statement where the others have the number of the action
    action = action_name(fields.get("number") or (None if text == written else written))
    if action == "" and text is not None and text.strip().upper() in {"COMMIT", "ROLLBACK"}:
        return context.ignore(IgnoredReason.TRANSACTION)
    reason = ignored_reason(action)
    if reason is None and text is None and not action:
        reason = IgnoredReason.ADMINISTRATION
    if reason is not None:
        return context.ignore(reason)
    context.instance = entry.host or context.instance or fields.get("dbid")
    activity = activity_of(_told(entry, action, text), context)
    return msgspec.structs.replace(activity, columns_known=False) if entry.is_cut else activity


def _told(entry: _Entry, action: str, text: str | None) -> Told:
    fields = entry.fields
    user = fields.get("user")
    if user is None:
        raise Refusal(RejectedReason.MISSING_USER, "the entry names no user")
    session, statement = fields.get("session"), fields.get("statement")
    key = f"{session}/{statement}" if session and statement and session != _ALL_ONES else None
    is_sys = user == "/"
    address = _HOST.search(fields.get("address", "")[:4000])
    return Told(
        source=NAME,
        dialect=DIALECT,
        # "/" is whom the operating system vouched for, as SYSDBA.
        user="SYS" if is_sys else user,
        time=fields.get("time") or entry.time,
        key=key,
        complete=key is None,
        text=without_links(text) if text is not None else None,
        verb=verb_of(action),
        relation=relation_of(fields.get("schema"), fields.get("object"), action),
        error=error_of(fields.get("code")),
        database=None,
        client=address[1] if address else fields.get("host"),
        session=session if session != _ALL_ONES else None,
        proxy_user=fields.get("os_user") if is_sys else fields.get("proxy"),
        query_tag=fields.get("tag"),
    )


def _time(head: re.Match[str]) -> str | None:
    if head["year"] is None:
        return head["iso"]
    month = _MONTHS.find(head["month"]) // 3 + 1
    day = head["day"].replace(" ", "0")
    return f"{head['year']}-{month:02}-{day}T{head['clock']}{head['zone'] or ''}"
