"""Drafts the catalogue of a database: categories, keys, regions and sizes, from what the database says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from streamguard.discovery.guesses import Guesser, TableGuess
from streamguard.discovery.lexicon import Lexicon
from streamguard.discovery.recognise import PERSONAL, Guess, key_category
from streamguard.exposure.categories import NONE, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streamguard.discovery.facts import ColumnFacts, DatabaseFacts, TableFacts

_KEY: Final = 0.8
_PLAIN_KEY: Final = 0.9
_COMPUTED: Final = 0.8
_KEY_TYPES: Final = frozenset({"integer", "number", "uuid"})
_SIGNIFICANT_DIGITS: Final = 2


class DraftColumn(NamedTuple):
    """A column and what it probably holds."""

    name: str
    type: str
    guess: Guess


class DraftTable(NamedTuple):
    """A table or view as the catalogue would have it; the fields are those of `streamguard.exposure.Table`."""

    name: str
    columns: tuple[DraftColumn, ...]
    is_view: bool
    rows: int | None
    subject_type: str | None
    subject_key: str | None
    region_column: str | None
    subjects: int | None

    @property
    def is_personal(self) -> bool:
        """Whether a column of personal data is in it."""
        return any(column.guess.category not in {NONE, UNKNOWN} for column in self.columns)


class DatabaseDraft(NamedTuple):
    """The drafted tables of one database, sorted by name."""

    name: str
    product: str
    tables: tuple[DraftTable, ...]


class Drafter:
    """Drafts catalogues with a lexicon. Pure."""

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self._guesser = Guesser(Lexicon.load() if lexicon is None else lexicon)

    def draft(self, database: DatabaseFacts) -> DatabaseDraft:
        """Return the catalogue of a database as far as it can be guessed."""
        drafted = _Draft(self._guesser, database)
        return DatabaseDraft(database.name, database.product, tuple(map(drafted.table, database.tables)))


class _Draft:
    """One database's guesses, and how its tables belong together."""

    def __init__(self, guesser: Guesser, database: DatabaseFacts) -> None:
        self._guesser = guesser
        self._facts = {table.name: table for table in database.tables}
        self._guesses = {table.name: guesser.guess(table) for table in database.tables}
        self._columns: dict[str, dict[str, Guess]] = {}

    def table(self, table: TableFacts) -> DraftTable:
        guesses = self.columns(table.name)
        personal = any(guess.category not in {NONE, UNKNOWN} for guess in guesses.values())
        return DraftTable(
            name=table.name,
            columns=tuple(DraftColumn(column.name, column.type, guesses[column.name]) for column in table.columns),
            is_view=table.is_view,
            rows=table.rows,
            subject_type=self._subject_type(table) if personal else None,
            subject_key=self._subject_key(table) if personal else None,
            region_column=_with_role(guesses, "region") if personal else None,
            subjects=_rounded(self._subjects(table)) if personal else None,
        )

    def columns(self, name: str) -> Mapping[str, Guess]:
        """Return the guesses of a table's columns, keys and views included."""
        if name not in self._columns:
            table, guess = self._facts[name], self._guesses[name]
            plain = {column.name: one for column, one in zip(table.columns, guess.columns, strict=True)}
            # What a view asks of itself while it is looked at: a definition cannot go round in circles, names can.
            self._columns[name] = plain
            refine = self._of_view if table.is_view else self._of_table
            self._columns[name] = {column.name: refine(table, column, plain[column.name]) for column in table.columns}
        return self._columns[name]

    def _of_table(self, table: TableFacts, column: ColumnFacts, guess: Guess) -> Guess:
        known = guess.category not in {NONE, UNKNOWN} and guess.confidence >= PERSONAL and guess.role != "key"
        if known:
            return guess
        points_to = [key.table for key in table.foreign_keys if key.column == column.name]
        people = [name for name in points_to if self._is_people(name)]
        if people:
            return Guess(key_category(self._type_of(people[0])), _KEY, f"points to {people[0]}", role="key")
        if table.primary_key == (column.name,):
            told = self._guesses[table.name]
            if told.is_people and not points_to:
                return Guess(key_category(told.about.subject_type), _KEY, "key of a table of people", role="key")
            if guess.role != "key" and column.type in _KEY_TYPES:
                return Guess(NONE, _PLAIN_KEY, "key of a table of things")
        if points_to and guess.role != "key" and all(name in self._facts for name in points_to):
            return Guess(NONE, _PLAIN_KEY, f"points to {points_to[0]}")
        return guess

    def _of_view(self, table: TableFacts, column: ColumnFacts, guess: Guess) -> Guess:
        bases = table.bases.get(column.name)
        if bases is None:
            # Nobody says where it comes from: its name may say what it is, not that it is harmless.
            return Guess(UNKNOWN, 0.0, "nobody says where it comes from") if guess.category == NONE else guess
        if not bases:
            return Guess(NONE, _COMPUTED, "no column's values are in it")
        found = []
        for name, base in bases:
            told = self.columns(name).get(base) if name in self._facts else None
            found.append(told if told is not None else guess)
        first = f"from {bases[0][0]}.{bases[0][1]}" + (" and others" if len(bases) > 1 else "")
        return _strongest(found)._replace(because=first)

    def _is_people(self, name: str) -> bool:
        return name in self._guesses and self._guesses[name].is_people

    def _type_of(self, name: str) -> str:
        return self._guesses[name].about.subject_type or "person"

    def _subject_key(self, table: TableFacts) -> str | None:
        if self._is_people(table.name) and len(table.primary_key) == 1:
            return table.primary_key[0]
        return _with_role(self.columns(table.name), "key")

    def _subject_type(self, table: TableFacts) -> str | None:
        told: TableGuess = self._guesses[table.name]
        owner = self._owner(table)
        if told.is_people and not (table.is_view and owner):
            return self._type_of(table.name)
        key = self._subject_key(table)
        named = self._guesser.subject_of(key) if key else None
        return (self._type_of(owner) if owner else None) or named or told.about.subject_type

    def _owner(self, table: TableFacts) -> str | None:
        """Return the table of people that a table's rows belong to: by its key, for a view by its base."""
        key = self._subject_key(table)
        if key is None:
            return None
        names = [one.table for one in table.foreign_keys if one.column == key]
        for name, base in table.bases.get(key, ()):
            names += (
                [name]
                if self._facts[name].primary_key == (base,)
                else [one.table for one in self._facts[name].foreign_keys if one.column == base]
            )
        return next(filter(self._is_people, names), None)

    def _subjects(self, table: TableFacts) -> int | None:
        owner = self._owner(table)
        sizes = [table.rows, self._facts[owner].rows if owner else None]
        known = [size for size in sizes if size]
        return min(known) if known else None


def _strongest(guesses: Iterable[Guess]) -> Guess:
    """Return the guess that says most of personal data; what is unknown outweighs what is harmless."""
    order = {NONE: 0, UNKNOWN: 1}
    return max(guesses, key=lambda guess: (order.get(guess.category, 2), guess.confidence, guess.category))


def _with_role(guesses: Mapping[str, Guess], role: str) -> str | None:
    """Return the surest column with a role; the first of equals."""
    found = [(guess.confidence, name) for name, guess in guesses.items() if guess.role == role]
    found = [one for one in found if guesses[one[1]].category not in {NONE, UNKNOWN}]
    return max(found, key=lambda one: one[0])[1] if found else None


def _rounded(number: int | None) -> int | None:
    """Return a number with its first two digits: an estimate should not look like a count."""
    if not number:
        return None
    step: int = 10 ** max(0, len(str(number)) - _SIGNIFICANT_DIGITS)
    return round(number / step) * step
