"""Sets of words, written as prose."""

from __future__ import annotations


def words(*texts: str) -> frozenset[str]:
    """Return the words of texts, which are separated by white space."""
    return frozenset(word for text in texts for word in text.split())
