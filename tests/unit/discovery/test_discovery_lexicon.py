"""The lexicon is in order, and wide enough."""

from __future__ import annotations

from importlib.resources import files

import pytest
from ruamel.yaml import YAML

from streamguard.discovery.lexicon import Lexicon
from streamguard.exposure import CATEGORIES
from streamguard.exposure.catalogue import COLUMN_TYPES

LEAST_LANGUAGES = 15


def told():
    text = files("streamguard.discovery").joinpath("lexicon.yaml").read_text(encoding="utf-8")
    return YAML(typ="safe", pure=True).load(text)


def test_every_category_is_recognised(lexicon):
    assert {kind.category for kind in lexicon.kinds.values()} == set(CATEGORIES)


def test_types_and_weights_are_possible(lexicon):
    for kind in lexicon.kinds.values():
        assert set(kind.types) <= set(COLUMN_TYPES)
        assert all(0 < factor <= 1 for factor in (*kind.types.values(), kind.in_things))
    weights = [meaning.weight for found in lexicon.meanings.values() for meaning in found]
    assert all(0 < weight < 1 for weight in weights), "nothing is certain by its name alone"


@pytest.mark.parametrize(
    "category",
    ["email_address", "phone_number", "name", "postal_address", "date_of_birth", "national_id", "health", "credential"],
)
def test_the_common_categories_are_named_in_many_languages(category):
    entry = told()["categories"][category]
    languages = set(entry["names"]) | set(entry.get("of_people", {}))
    assert len(languages - {"xx"}) >= LEAST_LANGUAGES


def test_no_word_is_both_about_a_thing_and_neutral(lexicon):
    assert not lexicon.about & lexicon.neutral


def test_an_unknown_category_is_refused():
    wrong = told()
    wrong["categories"]["e_mail"] = {"types": "text", "names": {"xx": ["email"]}}
    with pytest.raises(ValueError, match="no category e_mail"):
        Lexicon(wrong)
