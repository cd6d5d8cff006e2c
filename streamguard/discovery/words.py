"""Words of database names: ``cust_eml``, ``GeburtsDatum`` and ``e-mail-adresse`` taken apart and made alike."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_WORDS: Final = 12
"""Words of a name that are looked at; a longer name is cut, which bounds the work per name."""

_SPLIT: Final = re.compile(
    r"(?<=[^\W\d_A-Z])(?=[A-Z])"  # camelCase
    r"|(?<=[A-Z])(?=[A-Z][^\W\d_A-Z])"  # IPAddress
    r"|(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)"  # last4
    r"|[\W_]+"
)
# What NFKD leaves alone, and the letters that German and the Nordic languages also write as two.
_LETTERS: Final = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"}
)
_PAIRS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_UNSPACED: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")


class Span(NamedTuple):
    """Words of a name that stand side by side, written together."""

    text: str
    start: int
    end: int


def fold(text: str) -> str:
    """Return a text in lower case and without accents, in any script."""
    # Decomposing can give capitals again, and letters that have a small form of their own.
    lower = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", plain)


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name, folded: ``custEml_2`` gives ``cust``, ``eml``, ``2``."""
    return tuple(fold(word) for word in _SPLIT.split(unicodedata.normalize("NFC", name)) if word)[:MAX_WORDS]


def spellings(phrase: str) -> tuple[str, ...]:
    """Return how a phrase reads when its words are written together, with ä as ``a`` and as ``ae``."""
    composed = unicodedata.normalize("NFC", phrase).lower()
    return tuple(dict.fromkeys("".join(words_of(text)) for text in (composed, composed.translate(_PAIRS))))


def spans(words: tuple[str, ...], most_words: int = 5) -> Iterator[Span]:
    """Yield every run of up to ``most_words`` words, longest first."""
    for length in range(min(most_words, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            yield Span("".join(words[start : start + length]), start, start + length)


def is_unspaced(text: str) -> bool:
    """Whether a text is of a script that puts no spaces between words (Chinese, Japanese) or glues them (Korean)."""
    return _UNSPACED.search(text) is not None
