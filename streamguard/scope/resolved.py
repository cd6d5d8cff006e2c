"""The list of people that a resolved incident left: whose data certainly left, and whose may have."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, TypeAlias

from streamguard.scope.answer import Affected
from streamguard.sources.statement import subject_hash

if TYPE_CHECKING:
    from collections.abc import Iterable

Resolved: TypeAlias = dict[str, dict[str, Affected]]
"""By hash of the subject key, by category; who or what is not in it is not affected."""


def read_resolved(lines: Iterable[str], key: bytes, kind: str | None = None) -> Resolved:
    """Read the list that ``streamguard incident resolve --keys`` writes.

    Parameters
    ----------
    lines
        Comma-separated, with the heading ``kind,key,region,certain,categories``; a category in brackets may have left.
    key
        The secret of `sources.subject_key`: keys are hashed while they are read.
    kind
        Whose lines, where there are several kinds of people; None: everybody's.

    Raises
    ------
    ValueError
        When it is no such list.
    """
    table = csv.DictReader(lines)
    if not {"kind", "key", "categories"} <= set(table.fieldnames or ()):
        raise ValueError("the heading of a list of people is kind,key,region,certain,categories")
    found: Resolved = {}
    for row in table:
        if kind is None or row["kind"] == kind:
            told = found.setdefault(subject_hash(key, row["key"]), {})
            for word in row["categories"].split():
                is_sure = not word.startswith("(")
                told[word.strip("()")] = Affected.YES if is_sure else Affected.CANNOT_TELL
    return found
