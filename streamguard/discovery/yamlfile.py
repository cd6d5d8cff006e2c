"""A draft as a catalogue file: the format of `streamguard.exposure.cataloguefile`, with the reasons as comments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from streamguard.exposure.categories import CATEGORIES, SENSITIVITY_LEVELS, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streamguard.discovery.draft import DatabaseDraft, DraftColumn, DraftTable

_HEAD: Final = """\
# Drafted by `streamguard catalog scan` from names, types and comments; no row was read. Look through it:
# a number behind a column says how sure the guess is (0 to 1), and columns that are `unknown` count as
# "cannot tell" until they get a category or `none`. Then: streamguard catalog check FILE
"""

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_SPECIAL: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def catalogue_yaml(drafts: Iterable[DatabaseDraft]) -> str:
    """Return the catalogue file of some databases. The same drafts give the same text."""
    return "\n".join((_HEAD, "databases:", *(line for draft in drafts for line in _database(draft)), ""))


def _database(draft: DatabaseDraft) -> Iterator[str]:
    yield f"  {_name(draft.name)}:  # {draft.product}"
    yield "    tables:" if draft.tables else "    tables: {}"
    seen: set[str] = set()
    for table in draft.tables:
        # The catalogue compares names without regard to case; a database need not.
        if table.columns and table.name.lower() not in seen:
            seen.add(table.name.lower())
            yield from _table(table)


def _table(table: DraftTable) -> Iterator[str]:
    rows = "" if table.rows is None else f"  # about {table.rows} rows"
    yield f"      {_name(table.name)}:{'  # view' if table.is_view else rows}"
    for setting in ("subject_type", "subject_key", "region_column", "subjects"):
        value = getattr(table, setting)
        if value is not None:
            yield f"        {setting}: {value if isinstance(value, int) else _name(value)}"
    yield "        columns:"
    for column in _unlike(table.columns):
        yield f"          {_column(column)}"


def _unlike(columns: Iterable[DraftColumn]) -> Iterator[DraftColumn]:
    """Yield the columns that differ in more than their case; of two that do not, the one that says more."""
    by_name: dict[str, DraftColumn] = {}
    for column in columns:
        known = by_name.get(column.name.lower())
        if known is None or _weight(column) > _weight(known):
            by_name[column.name.lower()] = column
    return iter(by_name.values())


def _weight(column: DraftColumn) -> tuple[int, float]:
    return CATEGORIES.get(column.guess.category, int(column.guess.category == UNKNOWN)), column.guess.confidence


def _column(column: DraftColumn) -> str:
    guess = column.guess
    fields = [f"category: {guess.category}"]
    if guess.sensitivity is not None and SENSITIVITY_LEVELS[guess.sensitivity] != CATEGORIES.get(guess.category):
        fields.append(f"sensitivity: {guess.sensitivity}")
    fields.append(f"type: {column.type}")
    because = _printable(guess.because)
    if guess.perhaps is not None:
        because = f"perhaps {guess.perhaps}: {because}"
    sure = f"{guess.confidence:.2f} " if guess.confidence else ""
    return f"{_name(column.name)}: {{{', '.join(fields)}}}  # {sure}{because}"


def _name(name: str) -> str:
    """Return a name as YAML reads it back as the same text."""
    if _PLAIN.fullmatch(name) and name.lower() not in _SPECIAL:
        return name
    return '"' + "".join(map(_escaped, name)) + '"'


def _escaped(letter: str) -> str:
    """Return a letter of a name in double quotes. YAML is no JSON here: it knows no surrogate pairs."""
    if letter in {'"', "\\"}:
        return "\\" + letter
    return letter if letter.isprintable() else f"\\U{ord(letter):08x}"


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
