"""People by their keyed hashes: those who ask whether they are affected, those whose data was found elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from streamguard.sources.statement import subject_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Subject(NamedTuple):
    """A data subject."""

    hash: str
    """`subject_hash` of the subject key, as in `Activity.subjects`."""
    region: str | None = None
    """Where the person lives, in the words of the catalogue's region column; None: not told."""


def subjects_in(lines: Iterable[str], key: bytes) -> Iterator[Subject]:
    """Read people from a text: one a line, the subject key alone or ``key,region``; a heading ``key`` is skipped.

    Parameters
    ----------
    lines
        Of the text; empty ones are skipped.
    key
        The secret of `sources.subject_key`: hashed as the literals of statements are.
    """
    for number, line in enumerate(lines):
        value, _, region = (part.strip().strip('"') for part in line.strip().partition(","))
        if value and not (number == 0 and value.lower() in {"key", "id", "subject"}):
            yield Subject(subject_hash(key, value), region or None)
