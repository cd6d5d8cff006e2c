"""Guesses for the columns of one table, each seen beside the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from streamguard.discovery.company import About, Tables, common_prefix
from streamguard.discovery.naming import Company, Namer
from streamguard.discovery.recognise import Guess, Recogniser
from streamguard.discovery.words import words_of

if TYPE_CHECKING:
    from streamguard.discovery.facts import TableFacts
    from streamguard.discovery.lexicon import Lexicon

_LEAST_IDENTIFYING: Final = 2
"""Kinds of columns that only tables of people have, for a table with a name that says nothing to be one."""


class TableGuess(NamedTuple):
    """What a table and its columns probably hold.

    Attributes
    ----------
    about
        What its rows are about.
    columns
        One guess for each column, in the table's order.
    is_people
        Whether each row is a person, so that its key stands for one.
    """

    about: About
    columns: tuple[Guess, ...]
    is_people: bool


class Guesser:
    """Guesses with a lexicon. Pure."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._tables = Tables(lexicon)
        self._recogniser = Recogniser(lexicon)
        self._namer = Namer(lexicon)

    def guess(self, table: TableFacts) -> TableGuess:
        """Return the guesses of a table; keys and views are not looked at."""
        about = self._tables.about(table)
        prefix = self._prefix(table)
        if prefix is not None and about.company is Company.UNCLEAR and self._namer.subject_of(prefix):
            about = About(Company.PEOPLE, about.subject_type or self._namer.subject_of(prefix))
        columns = self._columns(table, about.company, prefix)
        kinds = {guess.category for guess in columns if self._recogniser.is_identifying(guess)}
        looks_like_people = about.company is Company.UNCLEAR and len(kinds) >= _LEAST_IDENTIFYING
        if looks_like_people:
            about = About(Company.PEOPLE, about.subject_type)
            columns = self._columns(table, about.company, prefix)
        # Addresses and bank accounts are people's, but no people.
        is_people = looks_like_people or about.subject_type is not None or "name" in kinds
        return TableGuess(about, columns, about.company is Company.PEOPLE and is_people)

    def subject_of(self, column: str) -> str | None:
        """Return the type of data subject that a column's name speaks of; None: none."""
        return next(filter(None, map(self._namer.subject_of, words_of(column))), None)

    def _columns(self, table: TableFacts, company: Company, prefix: str | None) -> tuple[Guess, ...]:
        return tuple(self._recogniser.recognise(column, company, prefix) for column in table.columns)

    def _prefix(self, table: TableFacts) -> str | None:
        prefix = common_prefix([column.name for column in table.columns])
        return None if prefix is None or prefix in self._lexicon.meanings else prefix
