"""What a name means: the categories of personal data that its words speak of, each with a confidence.

The confidence of a reading is a product of

* the weight of the lexicon's name (0.95 where it says nothing);
* 0.9 for each abbreviation that had to be written out, 0.9 for a compound that had to be taken apart
  (``kundenname``);
* for each word beside the name: 0.25 if it makes the column something *about* it (``email_verified``), 1 if it is
  neutral (``home``, ``2``), a word for people or another word for the same, else 0.85; beside a name that only
  people have, 0.15 for a word for things (``product_name``) and 0.5 for a word that means something else
  (``mail_address``);
* where it stands: a name that only people have counts 1 among people (in a table of people, or beside a word for
  people or one that says whose it is, ``shipping_street``), 0.6 in a table that says nothing, 0.15 in one of things;
  any other name counts ``in_things`` of the lexicon in a table of things, else 1.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from streamguard.discovery.words import Span, is_unspaced, spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.discovery.lexicon import Lexicon, Meaning

ABBREVIATED: Final = 0.9
COMPOUND: Final = 0.9
ABOUT: Final = 0.25
OTHER_WORD: Final = 0.85
THING_BESIDE: Final = 0.15
OTHER_MEANING_BESIDE: Final = 0.5
_SURE_MEANING: Final = 0.75
_SHORTEST_PART: Final = 4
"""Letters of the shortest name that is looked for inside a compound."""


class Company(Enum):
    """What the rows of a table are about, and what that leaves of a name that only people have."""

    PEOPLE = 1.0
    UNCLEAR = 0.6
    THINGS = 0.15


class Reading(NamedTuple):
    """One way to read a name.

    Attributes
    ----------
    kind
        Entry of the lexicon.
    confidence
        0..1.
    named
        The words that mean it, written together.
    """

    kind: str
    confidence: float
    named: str


class Namer:
    """Reads names with a lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def read(self, words: tuple[str, ...], company: Company) -> dict[str, Reading]:
        """Return the best reading of each kind that the words speak of."""
        best: dict[str, Reading] = {}
        for variant, cost in self._variants(words):
            for span, meaning in self._meanings(variant):
                confidence = cost * meaning.weight * self._beside(variant, span, meaning, company)
                known = best.get(meaning.kind)
                if known is None or confidence > known.confidence:
                    best[meaning.kind] = Reading(meaning.kind, confidence, span.text)
        return best

    def subject_of(self, word: str) -> str | None:
        """Return the type of data subject that a word names, in the singular or a plain plural; None: none."""
        subjects = self._lexicon.subjects
        for end in (len(word), len(word) - 1, len(word) - 2):
            if end == len(word) or end >= _SHORTEST_PART:
                found = subjects.get(word[:end])
                if found is not None:
                    return found
        if is_unspaced(word):
            return next((subjects[name] for name in self._lexicon.unspaced_subjects if name in word), None)
        return None

    def is_thing(self, word: str) -> bool:
        """Whether a word names things."""
        things = self._lexicon.things
        return word in things or (len(word) > _SHORTEST_PART and word[:-1] in things)

    def written_out(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """Return the words with their abbreviations written out."""
        short = self._lexicon.abbreviations
        return tuple(part for word in words for part in short.get(word, (word,)))

    def _variants(self, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], float]]:
        """Yield the words as they are, with abbreviations written out, and with compounds taken apart."""
        yield words, 1.0
        short = sum(word in self._lexicon.abbreviations for word in words)
        if short:
            yield self.written_out(words), ABBREVIATED**short
        for place, word in enumerate(words):
            for parts in self._parts(word):
                yield (*words[:place], *parts, *words[place + 1 :]), COMPOUND

    def _parts(self, word: str) -> Iterator[tuple[str, str]]:
        if word in self._lexicon.meanings or word in self._lexicon.about or is_unspaced(word):
            return
        known = self._lexicon.meanings
        for cut in range(1, len(word)):
            first, last = word[:cut], word[cut:]
            if any(len(part) >= _SHORTEST_PART and part in known for part in (first, last)):
                yield first, last

    def _meanings(self, words: tuple[str, ...]) -> Iterator[tuple[Span, Meaning]]:
        known = self._lexicon.meanings
        for span in spans(words):
            for meaning in known.get(span.text, ()):
                yield span, meaning
            if span.end - span.start == 1 and span.text not in known and is_unspaced(span.text):
                inside = next((name for name in self._lexicon.unspaced if len(name) > 1 and name in span.text), None)
                for meaning in known.get(inside or "", ()):
                    yield Span(str(inside), span.start, span.end), meaning

    def _beside(self, words: tuple[str, ...], span: Span, meaning: Meaning, company: Company) -> float:
        """Return what the words beside a name and its table leave of it."""
        factor = 1.0
        if len(span.text) < len("".join(words[span.start : span.end])):
            # The rest of a word of a script without spaces.
            rest = "".join(words[span.start : span.end]).replace(span.text, "")
            factor = ABOUT if any(is_unspaced(word) and word in rest for word in self._lexicon.about) else 1.0
        among_people = company is Company.PEOPLE
        for word in (*words[: span.start], *words[span.end :]):
            among_people = among_people or word in self._lexicon.whose or self.subject_of(word) is not None
            factor *= self._word(word, meaning)
        if meaning.of_people:
            return factor * (Company.PEOPLE if among_people else company).value
        among_things = company is Company.THINGS and not among_people
        return factor * (self._lexicon.kinds[meaning.kind].in_things if among_things else 1.0)

    def _word(self, word: str, meaning: Meaning) -> float:
        if word in self._lexicon.about:
            return ABOUT
        if word.isdigit() or word in self._lexicon.neutral or word in self._lexicon.whose or self.subject_of(word):
            return 1.0
        others = self._lexicon.meanings.get(word, ())
        if any(other.kind == meaning.kind for other in others):
            return 1.0
        if meaning.of_people and self.is_thing(word):
            return THING_BESIDE
        if meaning.of_people and any(not other.of_people and other.weight >= _SURE_MEANING for other in others):
            return OTHER_MEANING_BESIDE
        return OTHER_WORD
