"""The CSV row behind ``AUDIT: ``, split into its fields."""

from __future__ import annotations

from typing import Final

from streamguard.sources.csvrow import split_row
from streamguard.sources.reasons import Refusal, RejectedReason

AUDIT: Final = "AUDIT: "
"""How a message of pgaudit begins."""


def split_audit(message: str) -> list[str]:
    """Return the nine or ten fields of a message that begins with ``AUDIT: ``.

    Raises
    ------
    Refusal
        ``malformed_audit``, when the row is cut off or has another number of fields.
    """
    fields = _split_plain(message)
    return fields or checked(split_row(message[len(AUDIT) :], RejectedReason.MALFORMED_AUDIT))


def _split_plain(message: str) -> list[str] | None:
    """Split a row with ROWS and at most one plain parameter, the usual one; None: it needs a reader of CSV.

    Only STATEMENT can hold a comma then, and it is quoted if it does: what stands between the last two commas is
    PARAMETER if it has no quote. Three times as fast as a reader of CSV, with the same result.
    """
    fields = message.split(",", 7)
    if len(fields) != 8:
        return None
    rest = fields[7]
    head = len(message) - len(rest)
    if message.find('"', 0, head) >= 0 or message.find("\n", 0, head) >= 0 or message.find("\r", 0, head) >= 0:
        return None
    tail = rest.rsplit(",", 2)
    if len(tail) != 3 or not tail[2].isdigit():
        return None
    parameter = tail[1]
    if '"' in parameter or "\n" in parameter or "\r" in parameter:
        return None
    statement = _unquoted(tail[0])
    if statement is None:
        return None
    fields[0] = fields[0][len(AUDIT) :]
    fields[7] = statement
    fields.append(parameter)
    fields.append(tail[2])
    return fields


def _unquoted(field: str) -> str | None:
    """Return the content of a field of CSV that may be quoted; None if its quotes are not plainly well-formed."""
    if '"' not in field:
        return None if "," in field or "\n" in field or "\r" in field else field
    content = field[1:-1]
    if len(field) < 2 or field[0] != '"' or field[-1] != '"':
        return None
    if '"' not in content:
        return content
    halved = content.replace('""', "\0")
    return None if '"' in halved or "\0" in content else halved.replace("\0", '"')


def checked(fields: list[str]) -> list[str]:
    """Return the fields of a row if they can be pgaudit's.

    Raises
    ------
    Refusal
        ``malformed_audit``, when there are not nine or ten.
    """
    if not 9 <= len(fields) <= 10:
        raise Refusal(
            RejectedReason.MALFORMED_AUDIT, "a pgaudit row has 9 or 10 fields; this one was cut off or altered"
        )
    return fields
