"""Small helpers for sentences: joining texts, naming categories and employees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamguard.activity import Verdict
from streamguard.dossier.atoms import Mark, Name
from streamguard.findings.plain import category

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamguard.dossier.atoms import Piece, Text
    from streamguard.incidents import Change

VERDICTS = {
    Verdict.SEEN: Mark("seen", "bad"),
    Verdict.NOT_SEEN: Mark("not seen", "good"),
    Verdict.CANNOT_TELL: Mark("cannot tell", "doubt"),
}
"""Verdicts as readers see them."""


_STATES = ("status", "verdict")


def joined(texts: Sequence[Text], last: str = " and ") -> Text:
    """Join texts: ``a, b and c``."""
    found: Text = ()
    for place, text in enumerate(texts):
        between = "" if not place else (last if place == len(texts) - 1 else ", ")
        found = (*found, *((between,) if between else ()), *text)
    return found


def names(told: Iterable[str], *, is_code: bool = False) -> Text:
    """Join names as they stand."""
    return joined([(Name(one, is_code),) for one in told])


def categories(told: Iterable[str]) -> Text:
    """Join categories of personal data as people say them."""
    return joined([(category(one),) for one in told])


def sentence(*pieces: Piece | Text) -> Text:
    """Return pieces and texts, one after the other, as one text; empty ones are left out."""
    found: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, tuple):
            found += piece
        elif piece:
            found.append(piece)
    return tuple(found)


def said(change: Change) -> Name:
    """Return what a change says; our own words for a state as people write them."""
    return Name(change.detail.replace("_", " ") if change.what in _STATES else change.detail)
