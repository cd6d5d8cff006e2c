"""What is read of the literals of one text: a number of rows, hashes of people, neutral values; nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from streamguard.sources.statement.scan import value_of
from streamguard.sources.statement.subjects import subject_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamguard.sources.statement.meaning import Slot
    from streamguard.sources.statement.scan import Mark

Values = tuple[tuple[str, tuple[str, ...]], ...]
"""(column, values), sorted."""

MAX_SUBJECTS: Final = 1_000
"""Hashes of one statement: those of the first values in the order of the text. More are as good as everybody."""
MAX_SCOPE: Final = 50
"""Neutral values of one statement."""

_NEUTRAL: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}")
"""What may stay in clear, so that a neutral column that is none after all gives away no number and no address."""
_NUMBER: Final = re.compile(r"\d{1,15}", re.ASCII)
_ARRAY: Final = re.compile(r"\{(.*)\}", re.DOTALL)


class Interests(NamedTuple):
    """Of which columns literals are worth reading, and under which key people are hashed.

    Parameters
    ----------
    identifying
        Bare names, in lower case, of columns that identify people.
    neutral
        Bare names, in lower case, of columns that say nothing of anybody alone, such as a country code.
    key
        Without one there are no hashes.
    """

    identifying: frozenset[str] = frozenset()
    neutral: frozenset[str] = frozenset()
    key: bytes | None = None

    @classmethod
    def of(cls, identifying: Iterable[str], neutral: Iterable[str], key: bytes | None) -> Interests:
        """Return interests for names of any case.

        Raises
        ------
        ValueError
            When the key is empty.
        """
        if key is not None:
            subject_hash(key, "")
        return cls(frozenset(map(str.lower, identifying)), frozenset(map(str.lower, neutral)), key)

    @property
    def columns(self) -> frozenset[str]:
        """Every column of interest."""
        return self.neutral | self.identifying if self.key is not None else self.neutral - self.identifying


class Literals:
    """The literals of one text, read by the marks of its normalised form.

    Parameters
    ----------
    marks
        What each ``?`` of the text without literals stands for.
    groups
        For every ``?`` of the normalised text, the places in ``marks``.
    parameters
        Values of the bind parameters, from the first.
    """

    __slots__ = ("_groups", "_marks", "_parameters")

    def __init__(
        self, marks: Sequence[Mark], groups: Sequence[tuple[int, ...]], parameters: Sequence[str | None]
    ) -> None:
        self._marks = marks
        self._groups = groups
        self._parameters = parameters

    def of(self, mark: int) -> list[str]:
        """Return the values that a mark of the normalised text stands for."""
        values = []
        for place in self._groups[mark] if mark < len(self._groups) else ():
            found = self._marks[place] if place < len(self._marks) else None
            if isinstance(found, str):
                values.append(value_of(found))
            elif found is not None and 0 < found <= len(self._parameters):
                value = self._parameters[found - 1]
                if value is not None:
                    values.append(value)
        return values

    def number(self, mark: int) -> int | None:
        """Return the whole number that a mark stands for; None if that is none, negative, or of over 15 digits."""
        values = self.of(mark)
        return int(values[0]) if len(values) == 1 and _NUMBER.fullmatch(values[0]) else None


def subjects_and_scope(slots: Iterable[Slot], literals: Literals, interests: Interests) -> tuple[Values, Values]:
    """Return the hashes of people and the neutral values of a text."""
    people: dict[str, set[str]] = {}
    neutral: dict[str, set[str]] = {}
    people_left, neutral_left = MAX_SUBJECTS, MAX_SCOPE
    key = interests.key
    # A thousand columns may be compared with the same thousand values.
    read: dict[tuple[int, str, bool], list[str]] = {}
    for column, mark, how in slots:
        is_person = column.rpartition(".")[2] in interests.identifying
        if not (people_left if is_person else neutral_left):
            continue
        if (values := read.get((mark, how, is_person))) is None:
            values = read[mark, how, is_person] = _values(literals.of(mark), how, is_person=is_person)
        if not is_person:
            for value in values:
                if neutral_left:
                    neutral_left -= _add(neutral, column, value)
        elif key is not None:
            for value in values:
                if people_left:
                    people_left -= _add(people, column, subject_hash(key, value))
    return _told(people) if people else (), _told(neutral) if neutral else ()


def _values(values: list[str], how: str, *, is_person: bool) -> list[str]:
    """Return what of the values of a mark is read, each once."""
    if how != "value":
        values = _compared(how, values)
    if not is_person and not all(map(_NEUTRAL.fullmatch, values)):
        return []  # the half of a list would tell a smaller reach than the statement's
    return values if len(values) < 2 else list(dict.fromkeys(values))


def _compared(how: str, values: list[str]) -> list[str]:
    """Return the single values of patterns and arrays. A ``_`` is taken for itself: names are full of them."""
    if how == "pattern":
        return [value for value in values if "%" not in value]
    single: list[str] = []
    for value in values:
        array = _ARRAY.fullmatch(value)
        single += [value] if array is None else (item.strip().strip('"') for item in array[1].split(","))
    return single


def _add(found: dict[str, set[str]], column: str, value: str) -> bool:
    values = found.setdefault(column, set())
    before = len(values)
    values.add(value)
    return len(values) > before


def _told(found: dict[str, set[str]]) -> Values:
    return tuple((column, tuple(sorted(values))) for column, values in sorted(found.items()))
