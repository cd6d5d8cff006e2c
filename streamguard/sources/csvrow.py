"""One row of CSV as PostgreSQL and pgaudit write it, strictly: a row that is cut off is an error."""

from __future__ import annotations

import csv
import re

from streamguard.sources.reasons import Refusal, RejectedReason

_FIELD_LIMIT = 100_000
"""Characters that `csv` is trusted with: its own limit (131,072 a field) is process-wide state and not ours to set."""

_FIELD = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\Z)')


def split_row(text: str, reason: RejectedReason) -> list[str]:
    """Return the fields of one row; quoted fields may hold commas, quotes and newlines.

    Parameters
    ----------
    text
        The row, without its final newline.
    reason
        What to call a row that is not well-formed.

    Raises
    ------
    Refusal
        With ``reason``, when quotes do not balance (the row was cut off) or stand where they must not.

    Examples
    --------
    >>> split_row('a,"b, c",', RejectedReason.MALFORMED_CSV)
    ['a', 'b, c', '']
    """
    if len(text) > _FIELD_LIMIT:
        return _split_large(text, reason)
    try:
        return next(csv.reader((text,), strict=True))
    except (csv.Error, StopIteration) as error:
        raise Refusal(reason, "the row's quotes do not balance: it was probably cut off") from error


def _split_large(text: str, reason: RejectedReason) -> list[str]:
    fields: list[str] = []
    position = 0
    while True:
        match = _FIELD.match(text, position)
        if match is None:
            raise Refusal(reason, "the row's quotes do not balance: it was probably cut off")
        quoted, bare, separator = match.groups()
        fields.append(bare if quoted is None else quoted.replace('""', '"'))
        if not separator:
            return fields
        position = match.end()
