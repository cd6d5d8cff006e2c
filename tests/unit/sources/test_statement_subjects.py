"""Hashes of people: the same for what is the same to people, and of no use without the key."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguard.sources.statement import subject_hash


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Alice@Example.com", " alice@example.com\n"),
        ("STRASSE", "straße"),
        ("Zoë", unicodedata.normalize("NFD", "ZOË")),
        ("42", "0042"),
        ("42", "+42"),
        ("42", "42.0"),
        ("0", "000"),
    ],
)
def test_the_same_person(first, second):
    assert subject_hash(b"k", first) == subject_hash(b"k", second)


@pytest.mark.parametrize(("first", "second"), [("42", "43"), ("a", "b"), ("42", "-42"), ("4.2", "42"), ("0x2a", "42")])
def test_another_person(first, second):
    assert subject_hash(b"k", first) != subject_hash(b"k", second)


def test_shape_key_and_value():
    # A published hash: other parts of the system, and responders, have to come to the same one.
    assert subject_hash(b"key", "alice@example.com") == "368e7eb69c465a5dbbb7e7adbbf6cd11"
    assert subject_hash(b"key", "a") != subject_hash(b"kez", "a")
    assert subject_hash(b"k" * 65, "a") != subject_hash(b"k" * 64, "a")
    with pytest.raises(ValueError, match="empty"):
        subject_hash(b"", "a")


@given(st.binary(min_size=1, max_size=200), st.text())
def test_any_key_and_value(key, value):
    assert len(subject_hash(key, value)) == 32
    assert subject_hash(key, value) == subject_hash(key, value.strip() + " ")
