"""A logged statement as it can be read again: its text without literals, and what each ``?`` stood for.

Of a statement as it travelled the neutral literals are known, those that identify people as keyed hashes, the ends of
a range of ids as keyed places, and of all others nothing. A sealed statement that was opened tells them all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from streamguard.sources.statement.lexicon import lexicon_of
from streamguard.sources.statement.literals import MAX_SCOPE, MAX_SUBJECTS
from streamguard.sources.statement.normalise import Groups, tidy
from streamguard.sources.statement.scan import scan, value_of
from streamguard.sources.statement.template import Template, template_of

if TYPE_CHECKING:
    from streamguard.activity import Activity
    from streamguard.sealing import SealedText
    from streamguard.sources.statement import Interests
    from streamguard.sources.statement.ranges import Place

CUT: Final = " ..."
"""How a normalised text ends of which the log's beginning alone was analysed."""

_LOSSY_LIST: Final = re.compile(r"[(\[,]\s*(?:[-+]|null\b|default\b|true\b|false\b)", re.IGNORECASE)
"""What a list that becomes one ``?`` may hold besides literals: signs and words that no mark tells."""


class Known(NamedTuple):
    """Values in clear."""

    values: tuple[str | int, ...]
    is_neutral: bool
    """Whether they say nothing of anybody, so that they may be shown."""
    is_certain: bool = True
    """Whether no further value can have been left out."""


class Hashed(NamedTuple):
    """Values known by their keyed hashes."""

    hashes: frozenset[str]


class Edge(NamedTuple):
    """A number known by the keyed hash of a place: the value is the place's number less ``more``."""

    place: str
    more: int


Meaning: TypeAlias = Known | Hashed | Edge


class Logged(NamedTuple):
    """A statement that can be read again."""

    text: str
    """Without literals, as `streamguard.sources.statement.normalise` writes it."""
    template: Template
    meanings: dict[int, Meaning]
    """By the number of a mark in ``text``; of a mark that is not here nothing is known."""
    shared: frozenset[int]
    """Marks that share their values with others: each stands for some of them, nobody knows which."""


def as_travelled(activity: Activity, dialect: str, interests: Interests) -> Logged:
    """Return a statement as its activity tells it.

    Parameters
    ----------
    activity
        With a statement.
    dialect
        sqlglot's name of its SQL dialect.
    interests
        As the sources room had them.
    """
    text = activity.statement or ""
    template = template_of(text, dialect, text.endswith(CUT), interests)
    meanings: dict[int, Meaning] = {}
    if template.limit is not None and activity.rows_at_most is not None:
        meanings[template.limit] = Known((activity.rows_at_most,), is_neutral=True)
    _add_piece(meanings, template, activity.slice)
    shared = _add_values(meanings, template, activity, interests)
    return Logged(text, template, meanings, shared)


def opened(content: SealedText, dialect: str, interests: Interests) -> Logged:
    """Return a statement as its sealed text tells it: every literal is known."""
    scanned = scan(content.text, lexicon_of(dialect))
    groups: Groups = [(place,) for place in range(len(scanned.marks))]
    text = tidy(scanned.bare, dialect, groups)
    is_lossy = _LOSSY_LIST.search(scanned.bare) is not None
    meanings: dict[int, Meaning] = {}
    for mark, places in enumerate(groups):
        values = [_value(scanned.marks[place], content.parameters) for place in places]
        told = tuple(value for value in values if value is not None)
        if len(told) == len(values) and not (is_lossy and len(values) > 1):
            meanings[mark] = Known(told, is_neutral=False)
    template = template_of(text, dialect, was_cut=False, interests=interests)
    return Logged(text.rstrip("; "), template, meanings, frozenset())


def _value(mark: str | int | None, parameters: tuple[str | None, ...]) -> str | int | None:
    if isinstance(mark, int):
        return parameters[mark - 1] if 0 < mark <= len(parameters) else None
    if mark is None:
        return None
    return int(mark) if mark.isdecimal() and mark.isascii() else value_of(mark)


def _add_piece(meanings: dict[int, Meaning], template: Template, piece: tuple[str, str] | None) -> None:
    """Add what the slice tells of the numbers at its ends."""
    if template.piece is None or piece is None:
        return
    # Where the next piece begins is told by the limit, or by a second mark of its own.
    for place, told in zip((template.piece.begin, template.piece.next), piece, strict=True):
        mark = _only_mark(place)
        if mark is None or mark in meanings:
            continue
        if template.piece.are_ids:
            meanings[mark] = Edge(told, place.more)
        else:
            meanings[mark] = Known((int(told) - place.more,), is_neutral=True)


def _only_mark(place: Place) -> int | None:
    return place.marks[0] if len(place.marks) == 1 and not place.less else None


def _add_values(
    meanings: dict[int, Meaning], template: Template, activity: Activity, interests: Interests
) -> frozenset[int]:
    """Add what columns had to equal; return the marks that share their values with others."""
    people, neutral = dict(activity.subjects), dict(activity.scope)
    # What was beyond the bound was dropped without a word.
    are_all_people = sum(map(len, people.values())) < MAX_SUBJECTS
    are_all_neutral = sum(map(len, neutral.values())) < MAX_SCOPE
    marks: dict[str, set[int]] = {}
    columns: dict[int, set[str]] = {}
    for column, mark, _ in template.slots:
        marks.setdefault(column, set()).add(mark)
        columns.setdefault(mark, set()).add(column)
    for column, where in marks.items():
        is_person = column.rpartition(".")[2] in interests.identifying
        for mark in where:
            # One literal compared with columns of several names tells nothing of either alone.
            if mark in meanings or len(columns[mark]) > 1:
                continue
            if is_person and are_all_people and column in people:
                meanings[mark] = Hashed(frozenset(people[column]))
            elif not is_person and are_all_neutral and column in neutral:
                meanings[mark] = Known(neutral[column], is_neutral=True, is_certain=False)
    return frozenset(mark for where in marks.values() if len(where) > 1 for mark in where)
