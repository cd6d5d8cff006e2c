"""Names taken apart and made alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.discovery.words import MAX_WORDS, fold, spans, spellings, words_of


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cust_eml", ("cust", "eml")),
        ("GeburtsDatum", ("geburts", "datum")),
        ("comment_author_IP", ("comment", "author", "ip")),
        ("IPAddress", ("ip", "address")),
        ("card_last4", ("card", "last", "4")),
        ("e-Mail Adresse", ("e", "mail", "adresse")),
        ("PESEL", ("pesel",)),
        ("Straße", ("strasse",)),
        ("Imię", ("imie",)),
        ("do\u011fum_y\u0131l\u0131", ("dogum", "yili")),
        ("Дата_рождения", ("дата", "рождения")),
        ("Διεύθυνση", ("διευθυνση",)),
        ("이름", ("이름",)),
        ("__", ()),
    ],
)
def test_words(name, words):
    assert words_of(name) == words


def test_umlauts_have_two_spellings():
    assert spellings("Mädchenname") == ("madchenname", "maedchenname")
    assert spellings("fødselsdato") == ("fodselsdato", "foedselsdato")
    assert spellings("e-mail") == ("email",)


def test_spans_are_longest_first():
    assert [span.text for span in spans(("a", "b", "c"))] == ["abc", "ab", "bc", "a", "b", "c"]


@given(st.text(max_size=80))
def test_any_name_has_words_that_are_folded(name):
    words = words_of(name)
    assert len(words) <= MAX_WORDS
    assert all(words)
    assert fold(name) == fold(fold(name))
