"""Which category of personal data a column holds, with a confidence between 0 and 1.

::

    name(kind)       streamguard.discovery.naming, of the column's name; at most 1
    comment(kind)    the same of the database's comment, where it is at least 0.8 of what the table allows
    type(kind)       how plausible the column's type is for the kind, of the lexicon; 0: impossible
    confidence(kind) type * (1 - (1 - name) * (1 - 0.7 * comment))

The kind with the highest confidence wins. It is drafted at `PERSONAL` and above; the column is ``none`` where it is
harmless at `HARMLESS` and above (`streamguard.discovery.harmless`) and no kind reaches `DOUBT`; everything else is
``unknown`` and counts as "cannot tell".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from streamguard.discovery.harmless import FREE_TEXT, HarmlessRules
from streamguard.discovery.naming import Company, Namer
from streamguard.discovery.words import words_of
from streamguard.exposure.categories import NONE, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamguard.discovery.facts import ColumnFacts
    from streamguard.discovery.lexicon import Lexicon

PERSONAL: Final = 0.5
HARMLESS: Final = 0.7
DOUBT: Final = 0.35
COMMENT: Final = 0.7
"""What a comment counts against a name: people write of other columns in it, too."""
_COMMENT_WEIGHT: Final = 0.8
_NETWORK: Final = 0.7
_KEY_OF_PERSON: Final = 0.75
_REFERENCE: Final = 0.3
"""What remains when ``id`` stands beside a name and the type is a key's: it points to a table that holds it."""
_KEY_TYPES: Final = frozenset({"integer", "uuid"})
_KEY_WORDS: Final = frozenset({"id", "uid", "uuid", "key", "fk", "no", "nr", "number", "ref", "code", "cod", "pk"})
_KEY_COLUMN_TYPES: Final = frozenset({"text", "integer", "number", "uuid", "binary", "other"})


class Guess(NamedTuple):
    """What a column probably holds.

    Attributes
    ----------
    category
        Category of personal data, ``none``, or ``unknown``.
    confidence
        0..1; of an unknown column that of the category it may be, else 0.
    because
        Why, in a few words; never a text of the database's.
    sensitivity
        Where it is not the category's usual one.
    perhaps
        The category that an unknown column may be.
    role
        ``key`` or ``region``, as the lexicon says.
    """

    category: str
    confidence: float
    because: str
    sensitivity: str | None = None
    perhaps: str | None = None
    role: str | None = None


class Recogniser:
    """Recognises columns by name, type and comment. Pure."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._namer = Namer(lexicon)
        self._harmless = HarmlessRules(lexicon)

    def recognise(self, column: ColumnFacts, company: Company, prefix: str | None = None) -> Guess:
        """Return what a column holds.

        Parameters
        ----------
        column
            Its name, type and comment.
        company
            What its table is about.
        prefix
            A word that most columns of the table begin with, and that says nothing of this one.
        """
        whole = words = words_of(column.name)
        if prefix is not None and len(words) > 1 and words[0] == prefix:
            words = words[1:]
        readings = (words,) if words == whole else (words, whole)
        best = max((self._best(column, reading, company) for reading in readings), key=_confidence)
        if best.confidence >= PERSONAL:
            return best
        harmless = self._harmless.judge(words, column.type, company)
        if best.confidence >= DOUBT:
            return Guess(UNKNOWN, best.confidence, best.because, perhaps=best.category)
        if harmless.confidence >= HARMLESS:
            return Guess(NONE, harmless.confidence, harmless.because)
        return Guess(UNKNOWN, 0.0, harmless.because) if harmless.because == FREE_TEXT else _NOTHING

    def is_identifying(self, guess: Guess) -> bool:
        """Whether a guess is sure enough of something that only tables of people have."""
        return guess.category in _IDENTIFYING and guess.confidence >= _SURE

    def _best(self, column: ColumnFacts, words: tuple[str, ...], company: Company) -> Guess:
        names = self._namer.read(words, company)
        comment = words_of(column.comment) if column.comment else ()
        comments = {
            kind: reading
            for kind, reading in self._namer.read(comment, company).items()
            if reading.confidence >= _COMMENT_WEIGHT * company.value
        }
        guesses = [_NOTHING, *self._person_key(column, words)]
        for kind in dict.fromkeys((*names, *comments)):
            by_name = names[kind].confidence * self._as_reference(kind, words, column.type) if kind in names else 0.0
            by_comment = comments[kind].confidence if kind in comments else 0.0
            plausible = self._lexicon.kinds[kind].types.get(column.type, 0.0)
            confidence = plausible * (1 - (1 - by_name) * (1 - COMMENT * by_comment))
            said = f'named "{names[kind].named}"' if by_name >= by_comment else f'comment says "{comments[kind].named}"'
            told = self._lexicon.kinds[kind]
            guesses.append(Guess(told.category, confidence, said, told.sensitivity, role=told.role))
        if column.type == "network":
            guesses.append(Guess("ip_address", _NETWORK, "type is a network address"))
        return max(guesses, key=_confidence)

    def _as_reference(self, kind: str, words: tuple[str, ...], type_: str) -> float:
        told = self._lexicon.kinds[kind]
        if "id" not in words or type_ not in _KEY_TYPES or told.is_choice or told.role == "key":
            return 1.0
        return _REFERENCE

    def _person_key(self, column: ColumnFacts, words: tuple[str, ...]) -> Iterator[Guess]:
        """``patient_id``, ``kunden_nr``: a word for people and one for a key, and nothing else but neutral words."""
        words = self._namer.written_out(words)
        subjects = [subject for word in words if (subject := self._namer.subject_of(word)) is not None]
        keys = [word for word in words if word in _KEY_WORDS]
        others = [word for word in words if word not in keys and self._namer.subject_of(word) is None]
        # The number *of* dependents is none of a dependent.
        if len(subjects) != 1 or not keys or "of" in words or column.type not in _KEY_COLUMN_TYPES:
            return
        if all(word in self._lexicon.neutral or word.isdigit() for word in others):
            yield Guess(key_category(subjects[0]), _KEY_OF_PERSON, f"key of people: {subjects[0]}", role="key")


def _confidence(guess: Guess) -> tuple[float, str]:
    return guess.confidence, guess.category


_NOTHING: Final = Guess(UNKNOWN, 0.0, "nothing says what it is")
_SURE: Final = 0.75
_IDENTIFYING: Final = frozenset(
    {"credential", "date_of_birth", "email_address", "gender", "name", "national_id", "phone_number", "postal_address"}
)


def key_category(subject_type: str | None) -> str:
    """Return the category of a number that stands for a person."""
    return "customer_number" if subject_type == "customer" else "identification_number"
