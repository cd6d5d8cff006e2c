"""What is right in form but probably not meant: warnings about a catalogue file, each with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from streamguard.discovery.facts import ColumnFacts, TableFacts
from streamguard.discovery.guesses import Guesser
from streamguard.discovery.lexicon import Lexicon
from streamguard.exposure import Catalogue
from streamguard.exposure.categories import NONE, UNKNOWN
from streamguard.located import load_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamguard.discovery.recognise import Guess
    from streamguard.exposure import Table
    from streamguard.located import Located, Mistake, Place

CONTRADICTED: Final = 0.75
"""Confidence from which a name is believed more than the catalogue; types are seldom known here."""


def lint(path: Path, lexicon: Lexicon | None = None) -> tuple[Mistake, ...]:
    """Return the warnings about a catalogue file, sorted by line.

    Raises
    ------
    ConfigurationError
        With every mistake in the file, each with its line.
    """
    catalogue = Catalogue.load(path, form_only=True)
    linter = _Linter(load_yaml(path), Guesser(Lexicon.load() if lexicon is None else lexicon))
    return tuple(sorted(linter.warnings(catalogue)))


class _Linter:
    """Warnings about one file."""

    def __init__(self, located: Located, guesser: Guesser) -> None:
        self._located = located
        self._guesser = guesser

    def warnings(self, catalogue: Catalogue) -> Iterator[Mistake]:
        for database, said in self._located.value["databases"].items():
            known = {table.name: table for table in catalogue.tables(database)}
            for name, value in said["tables"].items():
                place = ("databases", database, "tables", name)
                table = known[name.lower()]
                yield from self._incomplete(place, table)
                yield from self._open_honey((*place, "honey"), value)
                if isinstance(value, dict):
                    yield from self._columns((*place, "columns"), value["columns"], table)

    def _incomplete(self, place: Place, table: Table) -> Iterator[Mistake]:
        if table.categories:
            told = {
                "subject_key (whose data it is)": table.subject_key,
                "region or region_column (where they live)": table.region or table.region_column,
                "subjects (how many they are)": table.subjects,
            }
            lacking = [setting for setting, value in told.items() if value is None]
            if lacking:
                yield self._located.mistake(
                    place, f"{place[-1]} holds personal data and has no {', no '.join(lacking)}"
                )
        if table.unknown and not table.columns:
            message = f"no column of {place[-1]} is decided: nothing that is read from it alone will count"
            yield self._located.mistake(place, message)
        elif table.unknown:
            message = f"{place[-1]} has columns that are {UNKNOWN}: {', '.join(sorted(table.unknown))}"
            yield self._located.mistake(place, message)

    def _open_honey(self, place: Place, value: Any) -> Iterator[Mistake]:
        said = value.get("honey") if isinstance(value, dict) else None
        for entry in said if isinstance(said, list) else [said]:
            if isinstance(entry, dict) and "keys" in entry:
                message = (
                    "planted keys are in clear: whoever reads this file knows what not to touch; "
                    "`streamguard catalog hash` makes hashes of them"
                )
                yield self._located.mistake(place, message)
                return

    def _columns(self, place: Place, columns: dict[str, Any], table: Table) -> Iterator[Mistake]:
        facts = TableFacts(table.name, tuple(ColumnFacts(name, _type(table, name)) for name in columns))
        for name, guess in zip(columns, self._guesser.guess(facts).columns, strict=True):
            told = table.columns.get(name.lower())
            if told is None or guess.confidence < CONTRADICTED or guess.category in {NONE, UNKNOWN, told.category}:
                continue
            if guess.role != "key" or told.category is not None:
                yield self._located.mistake((*place, name), _contradiction(name, told.category, guess))


def _type(table: Table, column: str) -> str:
    told = table.columns.get(column.lower())
    return (told.type if told is not None else table.unknown.get(column.lower())) or "other"


def _contradiction(name: str, category: str | None, guess: Guess) -> str:
    return f"{name} is {category or NONE}, but its name says {guess.category} ({guess.because})"
