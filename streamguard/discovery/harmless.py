"""How surely a column holds no personal data, from its type, its words and its table.

Only what is above `streamguard.discovery.recognise.HARMLESS` is ever drafted as ``none``; in doubt a column stays
unknown. The numbers are judgements, measured together with the lexicon on labelled columns (tests/unit/discovery).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from streamguard.discovery.naming import Company, Namer
from streamguard.discovery.words import spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from streamguard.discovery.lexicon import Lexicon

_BY_TYPE: Final[Mapping[str, tuple[float, float, float]]] = {
    # type: among people, unclear, among things
    "boolean": (0.9, 0.95, 0.95),
    "timestamp": (0.8, 0.85, 0.9),
    "time": (0.7, 0.8, 0.85),
    "date": (0.5, 0.65, 0.8),
    "integer": (0.55, 0.65, 0.8),
    "number": (0.55, 0.65, 0.8),
    "enum": (0.5, 0.65, 0.8),
    "uuid": (0.5, 0.65, 0.75),
    "text": (0.2, 0.3, 0.7),
    "geometry": (0.2, 0.4, 0.75),
}
_OTHERWISE: Final = (0.1, 0.2, 0.4)
_WORD: Final = (0.8, 0.85, 0.9)
"""A word such as status or price says it."""
_WORD_AMONG_OTHERS: Final = (0.5, 0.6, 0.85)
"""Another word stands beside it that nobody knows: the status of what?"""
_ABOUT: Final = 0.75
"""It is about something (``email_verified``), and of no type that could hold the thing itself."""
FREE_TEXT: Final = "free text"
"""Why a column is not harmless: people wrote into it."""
_FREE_TEXT: Final = 0.1
_FREE_TYPES: Final = frozenset({"text", "json", "array", "binary", "other"})
_PLAIN_TYPES: Final = frozenset({"text", "enum", "integer", "number", "date", "timestamp", "time", "boolean"})


class Harmless(NamedTuple):
    """How surely a column is harmless, 0..1, and why."""

    confidence: float
    because: str


class HarmlessRules:
    """Judges columns with a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._namer = Namer(lexicon)
        self._plain_words = lexicon.neutral | lexicon.about | lexicon.harmless | lexicon.whose

    def judge(self, words: tuple[str, ...], type_: str, company: Company) -> Harmless:
        """Return how surely a column holds no personal data, if its name speaks of none."""
        row = (Company.PEOPLE, Company.UNCLEAR, Company.THINGS).index(company)
        if type_ in _FREE_TYPES and any(span.text in self._lexicon.free_text for span in spans(words)):
            return Harmless(_FREE_TEXT, FREE_TEXT)
        found = Harmless(_BY_TYPE.get(type_, _OTHERWISE)[row], f"{type_} of {_TABLES[company]}")
        for word, sure in self._harmless_words(words) if type_ in _PLAIN_TYPES else ():
            found = max(found, Harmless((_WORD if sure else _WORD_AMONG_OTHERS)[row], f'named "{word}"'))
        if type_ in {"boolean", "integer", "enum", "timestamp", "date"} and any(
            word in self._lexicon.about for word in words
        ):
            return max(found, Harmless(_ABOUT, "says something about another column"))
        return found

    def _harmless_words(self, words: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
        """Yield the words that say it is harmless, and whether nothing else stands beside them."""
        for span in spans(words):
            if span.text in self._lexicon.harmless:
                others = (*words[: span.start], *words[span.end :])
                if not any(self._namer.subject_of(word) for word in others):
                    yield span.text, all(map(self._says_nothing, others))

    def _says_nothing(self, word: str) -> bool:
        return word in self._plain_words or word.isdigit() or self._namer.is_thing(word)


_TABLES: Final = {
    Company.PEOPLE: "a table of people",
    Company.UNCLEAR: "a table that nothing is known of",
    Company.THINGS: "a table of things",
}
