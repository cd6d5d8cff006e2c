"""What the rows of a table are about: people, things, or nobody can tell from its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from streamguard.discovery.naming import Company, Namer
from streamguard.discovery.words import spans, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamguard.discovery.facts import TableFacts
    from streamguard.discovery.lexicon import Lexicon

_SHORTEST_SUBJECT: Final = 5
"""Letters of the shortest word for people that is looked for at the start of a compound (``kundenstamm``)."""
_SURE: Final = 0.9
_MOST_COMMON: Final = 0.6
_LEAST_PREFIXED: Final = 3
_LONGEST_PLURAL: Final = 3

# A table that is called after one of these holds them, and somebody's they are.
_PEOPLE_HAVE: Final = frozenset(
    {"bank_account", "credential", "email_address", "health", "name", "payment_card", "phone_number", "postal_address"}
)


class About(NamedTuple):
    """What a table is about.

    Attributes
    ----------
    company
        People, things or unclear.
    subject_type
        The type of data subject that its name speaks of: also for the orders of customers.
    """

    company: Company
    subject_type: str | None


class Tables:
    """Reads the names of tables with a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._namer = Namer(lexicon)
        self._starts = sorted((name for name in lexicon.subjects if len(name) >= _SHORTEST_SUBJECT), key=len)[::-1]

    def about(self, table: TableFacts) -> About:
        """Return what a table is about: by its name, else by its comment."""
        name = table.name.rpartition(".")[2]
        found = self._read(words_of(name))
        if found.company is Company.UNCLEAR and found.subject_type is None and table.comment:
            return self._read(words_of(table.comment))
        return found

    def _read(self, words: tuple[str, ...]) -> About:
        people = list(filter(None, map(self._subject, words)))
        things = any(self._namer.is_thing(word) for word in words if self._namer.subject_of(word) is None)
        things = things or any(self._thing_behind(word) for word in words)
        subject = people[0] if people else None
        if people:
            return About(Company.UNCLEAR if things else Company.PEOPLE, subject)
        if things:
            return About(Company.THINGS, None)
        return About(Company.PEOPLE if self._people_have(words) else Company.UNCLEAR, None)

    def _subject(self, word: str) -> str | None:
        start = self._start(word)
        return self._namer.subject_of(word) or (self._lexicon.subjects[start] if start else None)

    def _start(self, word: str) -> str | None:
        return next((name for name in self._starts if word.startswith(name) and word != name), None)

    def _thing_behind(self, word: str) -> bool:
        start = self._start(word)
        rest = word[len(start) :] if start else ""
        return any(self._namer.is_thing(rest[cut:]) for cut in range(min(3, len(rest))))

    def _people_have(self, words: tuple[str, ...]) -> bool:
        return any(
            meaning.kind in _PEOPLE_HAVE and meaning.weight >= _SURE
            for span in spans(words)
            for text in (span.text[:end] for end in _ends(span.text))
            for meaning in self._lexicon.meanings.get(text, ())
        )


def _ends(text: str) -> Iterable[int]:
    """Yield where a word may end without its plural: ``addresses``, ``adresler``."""
    return (
        end
        for end in range(len(text), len(text) - _LONGEST_PLURAL - 1, -1)
        if end == len(text) or end >= _SHORTEST_SUBJECT
    )


def common_prefix(names: Sequence[str]) -> str | None:
    """Return the word that most columns of a table begin with (``per_name``, ``per_mail``); None: there is none."""
    firsts = [words[0] for words in map(words_of, names) if len(words) > 1]
    for word in dict.fromkeys(firsts):
        if firsts.count(word) >= max(_LEAST_PREFIXED, _MOST_COMMON * len(names)):
            return word
    return None
