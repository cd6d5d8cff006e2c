"""XML of MySQL Enterprise Audit (its default) and of Percona Server's audit_log, in the old style and the new.

    <AUDIT_RECORD><TIMESTAMP>2019-10-03T14:09:38 UTC</TIMESTAMP><NAME>Query</NAME>...</AUDIT_RECORD>
    <AUDIT_RECORD TIMESTAMP="2019-10-03T14:25:00 UTC" NAME="Query" ... />

Records are flat, so patterns read them: there is no parser that a document type could make expand entities. The
file's own tags (``<?xml ...?>``, ``<AUDIT>``) are records of no interest.
Source: dev.mysql.com/doc/refman/8.4/en/audit-log-file-formats.html.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final

from streamguard.sources.mysql.flat import read_flat
from streamguard.sources.reasons import IgnoredReason, Refusal, RejectedReason

if TYPE_CHECKING:
    from streamguard.activity import Activity, Ignored
    from streamguard.sources.context import Context

NAME = "mysql.enterprise_xml"

_FRAME: Final = re.compile(r"(?:<\?xml[^<>]{0,200}\?>\s*)?(?:</?AUDIT>)?")
_RECORD: Final = re.compile(r"<AUDIT_RECORD(?:>(.*)</AUDIT_RECORD>|(\s.*)/>)", re.DOTALL)
_ELEMENT: Final = re.compile(r"<([A-Z_]{1,40})>([^<]*)</\1>")
_ATTRIBUTE: Final = re.compile(r'([A-Z_]{1,40})="([^"<]*)"')


def read(text: str, context: Context) -> Activity | Ignored | None:
    """Read one record; None if it is of another format.

    Raises
    ------
    Refusal
        ``malformed_audit``, when the record is cut off; as `read_flat`.
    """
    if not text.startswith(("<AUDIT", "<?xml", "</AUDIT")):
        return None
    if _FRAME.fullmatch(text):
        return context.ignore(IgnoredReason.ARRAY_PUNCTUATION)
    match = _RECORD.fullmatch(text)
    if match is None or text.count("<AUDIT_RECORD") != 1:
        raise Refusal(RejectedReason.MALFORMED_AUDIT, "not one whole AUDIT_RECORD: cut off, or several in one")
    elements, attributes = match.groups()
    pairs = _ATTRIBUTE.findall(attributes) if elements is None else _ELEMENT.findall(elements)
    record: dict[str, str] = {}
    for name, value in pairs:
        record.setdefault(name.lower(), html.unescape(value))
    return read_flat(record, NAME, context)
