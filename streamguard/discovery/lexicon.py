"""The lexicon: what columns with personal data are called. Its words stand in ``lexicon.yaml``, beside this file."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ruamel.yaml import YAML

from streamguard.discovery.words import is_unspaced, spellings, words_of
from streamguard.exposure import CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DEFAULT_WEIGHT: Final = 0.95
_DEFAULT_IN_THINGS: Final = 0.9


class Meaning(NamedTuple):
    """What one name means.

    Attributes
    ----------
    kind
        Entry of the lexicon's ``categories``.
    weight
        How surely the name alone means it, 0..1.
    of_people
        Whether it means it only where people are.
    """

    kind: str
    weight: float
    of_people: bool


class Kind(NamedTuple):
    """One entry of the lexicon's ``categories``: a category of personal data, as columns hold it."""

    category: str
    sensitivity: str | None
    role: str | None
    """``key``: it names the data subject; ``region``: it tells where the data subject lives."""
    types: Mapping[str, float]
    is_choice: bool
    """Whether its values come from a short list, so that a number beside it may stand for one."""
    in_things: float
    """What remains of the confidence in a table of things."""


class Lexicon:
    """Names, words and types. Immutable; reading it takes about half a second, so a command does it once."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        sets = told["type_sets"]
        self.kinds = {name: _kind(name, entry, sets) for name, entry in told["categories"].items()}
        self.meanings: dict[str, tuple[Meaning, ...]] = {}
        for kind, entry in told["categories"].items():
            for key in ("names", "of_people"):
                for name, weight in _weighted(entry.get(key, {})):
                    self._add(name, Meaning(kind, weight, key == "of_people"))
        self.unspaced = tuple(sorted(filter(is_unspaced, self.meanings), key=lambda name: (-len(name), name)))
        self.abbreviations = {short: words_of(long) for short, long in told["abbreviations"].items()}
        self.neutral, self.about, self.things = (_phrases(told[key]) for key in ("neutral", "about", "things"))
        self.whose = _phrases(told["whose"])
        self.harmless, self.free_text = _phrases(told["harmless"]), _phrases(told["free_text"])
        self.subjects: dict[str, str] = {
            spelling: subject
            for subject, names in reversed(told["subjects"].items())
            for name in names
            for spelling in spellings(name)
        }
        self.unspaced_subjects = tuple(sorted(filter(is_unspaced, self.subjects), key=lambda name: (-len(name), name)))

    @classmethod
    def load(cls) -> Lexicon:
        """Read the lexicon that comes with the package."""
        text = files(__package__).joinpath("lexicon.yaml").read_text(encoding="utf-8")
        return cls(YAML(typ="safe", pure=True).load(text))

    def _add(self, name: str, meaning: Meaning) -> None:
        for spelling in spellings(name):
            known = self.meanings.get(spelling, ())
            if all((meaning.kind, meaning.of_people) != (other.kind, other.of_people) for other in known):
                self.meanings[spelling] = (*known, meaning)


def _kind(name: str, entry: Mapping[str, Any], sets: Mapping[str, Mapping[str, float]]) -> Kind:
    category = entry.get("category", name)
    if category not in CATEGORIES:
        raise ValueError(f"lexicon.yaml: there is no category {category}")
    return Kind(
        category=category,
        sensitivity=entry.get("sensitivity"),
        role=entry.get("role"),
        types=sets[entry["types"]],
        is_choice=entry["types"] in {"choice", "region"},
        in_things=entry.get("in_things", _DEFAULT_IN_THINGS),
    )


def _weighted(by_language: Mapping[str, Iterable[Any]]) -> Iterable[tuple[str, float]]:
    for names in by_language.values():
        for name in names:
            if isinstance(name, str):
                yield name, _DEFAULT_WEIGHT
            else:
                yield from name.items()


def _phrases(names: Iterable[str]) -> frozenset[str]:
    return frozenset(spelling for name in names for spelling in spellings(name))
